internal import ArgumentParser
internal import JSON
internal import MeshModel

/// `meshdeck logs reviews-v3-…`: follows the logs of proxies on standard output.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Follow the log of a proxy, or of every proxy of a service or version.",
    discussion:
      "SELECTOR is a pod (name, or name.namespace), a service (reviews), a version of one (reviews/v3), deploy/NAME, ns/NAME, "
      + "labels (app=reviews,version=v3), istiod or ztunnel; app: before it means the pods' own containers, + joins several."
  )

  @Argument(help: "Whose log.")
  var selector: String

  @Flag(help: "Print what there is and end, instead of following.")
  var noFollow = false

  @Option(name: .shortAndLong, help: "table (the lines as they are) or json (what was read from them).")
  var output: OutputFormat = .table

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let session = try Session(connection)
    let query = try await query(session)
    let feed = session.mesh.log(query)
    for await event in feed {
      switch event {
      case .connecting: continue
      case .trouble(let trouble):
        if noFollow { throw CommandFailure(trouble) }
        StandardError.write("meshdeck: \(printable(trouble.description))\n")
      case .value(let batch):
        if batch.dropped > 0 { StandardError.write("meshdeck: \(batch.dropped) lines were dropped here\n") }
        for line in batch.lines where !write(line) { return }
        if noFollow { return }
      }
    }
  }

  private func query(_ session: Session) async throws(CommandFailure) -> LogQuery {
    let report = try? await firstValue(of: session.mesh.proxies(in: session.identity.scope), within: .seconds(5))
    let proxies = report?.proxies ?? []
    if let exact = proxies.first(where: { $0.id.name == selector || $0.id.pod == selector }) {
      return .proxy(exact.id)
    }
    let routes = try await firstValue(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
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
    throw CommandFailure(.usage, "\(selector) is no proxy, service or version here; meshdeck proxies lists the proxies")
  }

  /// Whether standard output still takes anything.
  private func write(_ line: LogLine) -> Bool {
    let text =
      switch output {
      case .table: printable("\(line.proxy.pod)  \(line.text)")
      case .json: line.json.text()
      }
    return StandardOutput.write(text + "\n")
  }
}

extension LogLine {
  fileprivate var json: JSONValue {
    var value: JSONValue = [
      "proxy": .string(proxy.name), "time": .string(time.rfc3339), "text": .string(text),
    ]
    if let access {
      value["access"] = [
        "direction": .string(access.direction.rawValue), "method": .string(access.method),
        "path": .string(access.path), "code": .int(access.code), "flags": .string(access.flagCodes),
        "duration": access.duration.map { .double($0.seconds) } ?? .null, "upstream": .string(access.upstream),
        "requestID": .string(access.requestID),
      ]
    }
    return value
  }
}
