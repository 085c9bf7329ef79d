internal import ArgumentParser
internal import Console
internal import ConsoleRuntime
internal import Dispatch
internal import Glibc
internal import MeshModel
internal import Settings

/// `meshdeck logs reviews-v3-…`: logs of proxies on standard output, as the Logs screen reads them.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Logs of proxies: of a pod, a service or a version, or of files.",
    discussion: """
      SOURCE is a pod (name, or name.namespace), a service (reviews), a version of one (reviews/v3), deploy/NAME, \
      ns/NAME, labels (app=reviews,version=v3), istiod or ztunnel; app: before it means the pods' own containers, + \
      joins several. What is the path of a file is read as a file, - is standard input.
      """)

  @Argument(help: ArgumentHelp("Whose logs, or which files.", valueName: "source"))
  var sources: [String] = []

  @Option(help: ArgumentHelp("Lines that this holds for: 'code >= 500 and dst = v3'.", valueName: "expression"))
  var filter: String?

  @Option(help: ArgumentHelp("No lines that this holds for. May be given several times.", valueName: "expression"))
  var exclude: [String] = []

  @Option(name: .shortAndLong, help: "text (lines as they are, or columns), jsonl, csv, or raw (bytes as they came).")
  var output: LogWriter.Format = .text

  @Option(
    help: ArgumentHelp("What is shown of a line: time,pod,code,path.", valueName: "names"),
    transform: { try columns($0) })
  var columns: [LogColumn]?

  @Option(help: ArgumentHelp("What there is most of, as a table: paths, callers, flags, upstreams.", valueName: "what"))
  var top: Top?

  @Option(help: ArgumentHelp("Every line of one request, in causal order.", valueName: "ID"))
  var request: String?

  @Option(help: ArgumentHelp("No older lines: 10m (ago), 02:14 (UTC), or RFC 3339.", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Of each log (of files: of all together) so many of the last lines.", valueName: "lines"))
  var tail: Int?

  @Flag(
    name: [.customShort("f"), .customLong("follow")], inversion: .prefixedNo,
    help: "Go on with what comes; of the mesh's logs without being told to, of files when told.")
  var follow: Bool?

  @OptionGroup var connection: ConnectionOptions

  enum Top: String, ExpressibleByArgument, CaseIterable {
    case paths, callers, flags, upstreams

    fileprivate var subject: LogTop.Subject {
      switch self {
      case .paths: .paths
      case .callers: .callers
      case .flags: .flags
      case .upstreams: .upstreams
      }
    }
  }

  /// How far `--top` and `--request` look back in logs of the mesh where nothing is said.
  private static let lookBack: Duration = .seconds(600)

  func validate() throws {
    let isFound = top != nil || request != nil
    if top != nil, request != nil { throw ValidationError("Give --top or --request, not both.") }
    if isFound, follow == true {
      throw ValidationError("--top and --request tell of what there is: leave out --follow.")
    }
    if isFound, columns != nil, output == .text {
      throw ValidationError("--top and --request have columns of their own.")
    }
    if since != nil, tail != nil { throw ValidationError("Give --since or --tail, not both.") }
    if let tail, !(0...1_000_000).contains(tail) { throw ValidationError("--tail is 0 to 1000000 lines.") }
    if output == .raw, columns != nil { throw ValidationError("-o raw is the line as it came: leave out --columns.") }
    if let since, moment(since) == nil {
      throw ValidationError(
        "--since \(since) is no moment of the past: write 10m, 02:14 or 2026-11-23T02:14:00Z, all UTC.")
    }
    if let request, !request.isRequestID { throw ValidationError("--request is one word of at most 200 characters.") }
    if sources.isEmpty, request == nil { throw ValidationError("Whose logs? Name a pod, a service, a file, or - .") }
  }

  func run() async throws {
    let counts = LogCounts()
    let settings = Session.loadSettings()
    let pick = LogPick(
      filter: try filter.map { try expression($0, of: "--filter") },
      excluded: try exclude.map { try expression($0, of: "--exclude") }, since: since.flatMap(moment),
      formats: settings.logFormats)
    let paths = sources.filter(\.isFile)
    guard paths.isEmpty || paths.count == sources.count else {
      throw CommandFailure(
        .usage, "\(paths[0]) is a file and \(sources.first { !$0.isFile } ?? "") is none: read one or the other")
    }
    let sink = LogSink(
      purpose(ofFiles: !paths.isEmpty),
      LogOutput(
        output, columns: columns, namesOrigins: paths.count != 1, formats: settings.logFormats))
    let interruption = tellWhenInterrupted(counts)
    defer { interruption.cancel() }
    if paths.isEmpty {
      try await runMesh(settings, pick, sink, counts)
    } else {
      try await runFiles(paths, pick, sink, counts)
    }
    if let summary = counts.summary { StandardError.write("meshdeck: \(summary)\n") }
  }

  private func runFiles(_ paths: [String], _ pick: LogPick, _ sink: LogSink, _ counts: LogCounts) async throws {
    var pick = pick
    // A word of the line: the request's own log lines name it wherever they like.
    if let request { pick.excluded.append(try LogFilter("not \"\(request)\"")) }
    var logs = try FileLogs(paths, pick, sink, counts)
    try await logs.run(follows: follow ?? false)
  }

  private func runMesh(_ settings: Configuration, _ pick: LogPick, _ sink: LogSink, _ counts: LogCounts) async throws {
    let session = try Session(connection, settings: settings)
    var logs = MeshLogs(session: session, pick: pick, counts: counts, sink: sink)
    let now = ConsoleLoop.TimeSource.system.now()
    if let request {
      guard sources.isEmpty else {
        throw CommandFailure(.usage, "--request looks at all proxies of the namespace: name files, or nothing")
      }
      return try await logs.follow(request: request, since: pick.since ?? now - Self.lookBack, until: now)
    }
    var query: LogQuery?
    for source in sources {
      let next = try await self.query(source, session)
      query = query?.union([next]) ?? next
    }
    guard let query else { return }
    let follows = top == nil && follow ?? true
    let start: LogReach.Start? =
      tail.map { .last(lines: $0) } ?? (pick.since ?? (top == nil ? nil : now - Self.lookBack)).map { .since($0) }
    try await logs.run(query, reach: LogReach(start ?? LogReach.tail.start, follows: follows, overflow: .waits))
  }

  private func purpose(ofFiles: Bool) -> LogSink.Purpose {
    if let top { return .top(top.subject) }
    if request != nil { return .trail }
    // Of the mesh's logs each gives its last lines by itself.
    return ofFiles ? tail.map { .printLast($0) } ?? .print : .print
  }

  private func moment(_ text: String) -> Timestamp? {
    Timestamp(moment: text, now: ConsoleLoop.TimeSource.system.now())
  }

  private func expression(_ text: String, of option: String) throws(CommandFailure) -> LogFilter {
    do throws(ExpressionProblem) { return try LogFilter(text) } catch {
      let pointer = String(repeating: " ", count: max(0, error.column - 1)) + "^"
      throw CommandFailure(.usage, "\(option): \(error.what)\n  \(text)\n  \(pointer)")
    }
  }

  /// Whose logs are meant by a word.
  private func query(_ selector: String, _ session: Session) async throws(CommandFailure) -> LogQuery {
    let report = try? await firstValue(of: session.mesh.proxies(in: session.identity.scope), within: .seconds(5))
    let proxies = report?.proxies ?? []
    if let exact = proxies.first(where: { $0.id.name == selector || $0.id.pod == selector }) {
      return .proxy(exact.id)
    }
    let routes = try await session.routes()
    let destinations = routes.flatMap(\.split.destinations)
    if let match = destinations.first(where: { $0.isNamed(selector) }) {
      let wantsSubset = selector.contains("/") || match.subset == selector
      return .destination(wantsSubset ? match : Destination(host: match.host))
    }
    let isIstio = selector == "istiod" || selector == "ztunnel"
    if isIstio || selector.contains(where: { "=/:+".contains($0) }),
      let query = LogQuery(selector, in: session.identity.scope)
    {
      return query
    }
    throw CommandFailure(
      .usage, "\(selector) is no proxy, service or version here, and no file; meshdeck proxies lists the proxies")
  }
}

extension LogsCommand {
  private static func columns(_ text: String) throws -> [LogColumn] {
    do throws(LogColumn.UnknownName) { return try LogColumn.list(text) } catch {
      throw ValidationError("\(error.description).")
    }
  }
}

extension String {
  /// What is there and is no folder. A Service is hardly called like a file that lies here.
  fileprivate var isFile: Bool {
    var status = stat()
    if self == "-" || ["/", "./", "../"].contains(where: hasPrefix) { return true }
    return stat(self, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  fileprivate var isRequestID: Bool {
    !isEmpty && utf8.count <= 200 && utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") }
  }
}
