internal import ArgumentParser
internal import JSON
internal import MeshHealth
internal import MeshModel
internal import Settings
internal import Synchronization

/// `meshdeck pulse`: what the Pulse screen shows, printed.
struct PulseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pulse", abstract: "What is wrong, worst first: since when, and what changed just before.",
    discussion: "Watches for some seconds, so that nothing is told that does not last.")

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "table or json.")
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("Over how much time traffic is counted: 5s to 15m.", valueName: "time"))
  var window: Span?

  @Option(
    help: ArgumentHelp("How long to watch before the answer; what needs longer to show is not told.", valueName: "time")
  )
  var after = Span(.seconds(12))

  @Flag(help: "Go on, and print anew whenever something begins or ends.")
  var watch = false

  func validate() throws { try window?.validateAsWindow() }

  func run() async throws {
    let session = try Session(connection)
    // Where the resources do not answer, that is the one reason for everything.
    _ = try await session.routes()
    let (output, goesOn) = (output, watch)
    let said = Mutex<[String]>([])
    await PulseWatch(session, over: window?.duration ?? session.settings.window).run(
      after: after.duration, goesOn: goesOn
    ) { findings in
      // Where the figures come from, and why from there: once, as long as it stays so.
      let remarks = findings.edges?.remarks ?? []
      let new = said.withLock { said in
        defer { said = remarks }
        return remarks.filter { !said.contains($0) }
      }
      for remark in new { StandardError.write("meshdeck: \(remark)\n") }
      return findings.write(as: output, onOneLine: goesOn)
    }
  }
}

extension PulseWatch.Findings {
  /// Whether standard output still takes anything.
  fileprivate func write(as output: OutputFormat, onOneLine: Bool) -> Bool {
    for trouble in troubles { StandardError.write("meshdeck: \(trouble)\n") }
    switch output {
    case .json: return StandardOutput.write(JSONValue.array(all.map(\.json)).text(indent: onOneLine ? nil : 2) + "\n")
    case .table:
      guard !all.isEmpty else {
        StandardError.write("meshdeck: \(verdict)\n")
        return true
      }
      return StandardOutput.write(table)
    }
  }

  /// Nothing is well of which nothing is known.
  private var verdict: String {
    guard let edges, !edges.edges.isEmpty else { return "no requests were seen: nothing can be said of them" }
    let requests = edges.edges.values.reduce(0) { $0 + $1.requests }
    let rate = edges.perSecond(requests).map { ", \(Figures.perSecond($0)) requests/s" } ?? ""
    return (troubles.isEmpty ? "nothing is wrong" : "nothing was found") + rate
  }

  private var table: String {
    var table = TextTable("", "WHAT", "HOW BAD", "FLAG", "SINCE", "BEFORE", "REASON")
    for finding in all {
      let before = finding.precededBy.first.map { preceding in
        "\(Figures.lasting(preceding.before)) after \(preceding.change.summary)"
          + (preceding.change.by.map { " by \($0)" } ?? "")
      }
      table.add(
        finding.severity.name, finding.title, finding.figure, finding.flag?.code ?? "–",
        (finding.isOlder ? "before " : "") + finding.since.clock, before ?? "–", finding.evidence.first ?? "")
    }
    return table.text
  }
}

extension Finding {
  /// The shape that docs/commands.md describes.
  fileprivate var json: JSONValue {
    [
      "severity": .string(severity.name), "kind": .string(id.kind.rawValue), "subject": .string(title),
      "destination": destination.map { .string($0) } ?? .null, "summary": .string("\(title): \(figure)"),
      "flag": flag.map { .string($0.code) } ?? .null, "since": .string(since.rfc3339), "isOlder": .bool(isOlder),
      "evidence": .array(evidence.map { .string($0) }), "proxies": .array(proxies.map { .string($0.name) }),
      "precededBy": .array(
        precededBy.map { preceding in
          [
            "change": .string(preceding.change.summary), "by": preceding.change.by.map { .string($0) } ?? .null,
            "time": .string(preceding.change.time.rfc3339), "secondsBefore": .double(preceding.before.seconds),
          ]
        }),
    ]
  }

  /// As short as is unambiguous: `reviews/v3`.
  private var destination: String? {
    switch id.subject {
    case .route(_, let destination): destination.description
    case .edge(let edge): edge.destination.path
    case .node(let node): node.path
    case .proxies: nil
    }
  }
}

extension MeshNode {
  fileprivate var path: String { version.map { "\(name)/\($0)" } ?? name }
}
