internal import ArgumentParser
internal import Console
internal import ConsoleRuntime
internal import JSON
internal import MeshGraph
internal import MeshModel
internal import Settings
internal import TerminalUI

/// `meshdeck graph`: who calls whom, as the Graph screen shows it, printed once.
struct GraphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Who sends what to whom: rates, errors, latencies, and what is wrong.")

  enum Output: String, ExpressibleByArgument, CaseIterable { case text, json, dot }

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "text, json or dot (for graphviz).")
  var output: Output = .text

  @Option(help: ArgumentHelp("Over how much time traffic is counted: 5s to 15m.", valueName: "time"))
  var window: Span?

  @Option(help: ArgumentHelp("A past moment: 10m (ago), 02:14 (UTC), or RFC 3339. Needs a store.", valueName: "time"))
  var at: String?

  @Option(help: ArgumentHelp("Leave out what this holds for: 'idle or ns = test'.", valueName: "expression"))
  var hide: String?

  func validate() throws {
    try window?.validateAsWindow()
    if let hide, case .failure(let problem) = hiding(hide) { throw ValidationError("--hide: \(problem)") }
    if let at, moment(at) == nil {
      throw ValidationError("--at \(at) is no moment of the past: write 10m, 02:14 or 2026-11-23T02:14:00Z, all UTC.")
    }
  }

  func run() async throws {
    let session = try Session(connection)
    let scope = session.identity.scope
    let mesh = session.mesh
    let past = at.flatMap(moment)
    let window = window?.duration ?? session.settings.window
    // What is asked and what there is are known of now alone.
    async let topology = past == nil ? outcome(of: mesh.topology(in: scope), within: .seconds(6)).valueOrWarning : nil
    async let routes = past == nil ? outcome(of: mesh.routes(in: scope), within: .seconds(6)).valueOrWarning : nil
    // A source that only counts must be read twice before it tells anything.
    let sample = try await firstValue(of: mesh.edges(in: scope, over: window, at: past), within: .seconds(10)) {
      !$0.edges.isEmpty
    }
    for remark in sample.remarks { StandardError.write("meshdeck: \(remark)\n") }
    var graph = ServiceGraph(
      .init(edges: sample, topology: await topology, routes: await routes ?? [], scope: scope))
    if let hide { graph = graph.hiding(try hiding(hide).get()) }
    switch output {
    case .text: print(graph.picture(glyphs: .unicode))
    case .json: print(graph.json(of: sample).text(indent: 2))
    case .dot: print(graph.dot, terminator: "")
    }
  }

  private func moment(_ text: String) -> Timestamp? {
    Timestamp(moment: text, now: ConsoleLoop.TimeSource.system.now())
  }

  private func hiding(_ text: String) -> Result<Expression, ExpressionProblem> {
    Result { () throws(ExpressionProblem) in try Expression(text, fields: GraphSubject.fields) }
  }
}

extension ServiceGraph {
  /// The shape that docs/commands.md describes: shares from 0 to 1, times in seconds, null where unknown.
  func json(of sample: EdgeSample) -> JSONValue {
    [
      "end": .string(sample.end.rfc3339), "window": .double(sample.window.seconds),
      "source": .string(sample.source.name),
      "nodes": .array(nodes.map { json(of: $0) }), "edges": .array(edges.map { json(of: $0) }),
    ]
  }

  private func json(of node: Node) -> JSONValue {
    guard case .mesh(let member) = node.id else { return .null }
    var value = member.json
    value["health"] = .string(node.health.name)
    value["requestsPerSecond"] = number(node.traffic.flatMap { perSecond($0.requests) })
    value["errorRate"] = number(node.traffic?.errorRate)
    value["p99"] = number(node.traffic?.p99?.seconds)
    value["asked"] = number(node.split?.asked)
    value["seen"] = number(node.split?.seen)
    value["ready"] = node.pods.map { .int($0.ready) } ?? .null
    value["pods"] = node.pods.map { .int($0.total) } ?? .null
    value["ejected"] = .int(node.ejected)
    value["mTLS"] = node.security.json
    value["marks"] = .array(
      (node.marks + (serviceMarks[member.service] ?? [])).map {
        ["kind": .string($0.kind.rawValue), "detail": .string($0.detail)]
      })
    return value
  }

  private func json(of edge: Edge) -> JSONValue {
    let traffic = edge.traffic
    func rates(_ counts: [(String, Double)]) -> JSONValue {
      .object(JSONObject(counts.sorted { $0.0 < $1.0 }.map { ($0.0, number(perSecond($0.1))) }))
    }
    return [
      "from": edge.id.source.json, "to": edge.id.destination.json, "traffic": .string(edge.id.traffic.rawValue),
      "requestsPerSecond": number(perSecond(traffic.requests)), "errorRate": number(traffic.errorRate),
      "p50": number(traffic.p50?.seconds), "p95": number(traffic.p95?.seconds), "p99": number(traffic.p99?.seconds),
      "codes": rates(traffic.codes.map { ($0.key, $0.value) }),
      "flags": rates(traffic.flags.map { ($0.key.code, $0.value) }), "mTLS": traffic.security.json,
      "health": .string(edge.health.name),
    ]
  }

  /// The graph in the language of graphviz; whatever names say, they are names.
  var dot: String {
    let places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.id, $0) })
    var text = "digraph mesh {\n  rankdir=LR\n  node [shape=box, style=rounded]\n"
    let boxes = boxes
    for (number, box) in boxes.enumerated() {
      let members = box.nodes.map { "n\($0)" }.joined(separator: "; ")
      text += "  subgraph cluster_\(number) { label=\(quoted("\(box.service)")); \(members) }\n"
    }
    for (place, node) in nodes.enumerated() {
      let name = node.members.first.map { $0.namespace.isEmpty ? "\($0)" : "\($0.namespace)/\($0)" } ?? ""
      text += "  n\(place) [label=\(quoted(name)), class=\(quoted(node.health.name))\(node.health.dotStyle)]\n"
    }
    for edge in edges {
      guard let source = places[edge.id.source], let destination = places[edge.id.destination] else { continue }
      var label = perSecond(edge.traffic.requests).map { "\(oneDecimal($0))/s" } ?? "–"
      if let rate = edge.traffic.errorRate, rate > 0 { label += " \(percent(rate, suffix: "%")) err" }
      text += "  n\(source) -> n\(destination) [label=\(quoted(label)), class=\(quoted(edge.health.name))"
      text += "\(edge.health.dotStyle)]\n"
    }
    return text + "}\n"
  }
}

extension GraphHealth {
  fileprivate var dotStyle: String {
    switch self {
    case .failing: ", color=red, penwidth=2"
    case .warning: ", color=orange"
    case .idle: ", color=gray, fontcolor=gray"
    case .healthy, .unknown: ""
    }
  }
}

extension ServiceGraph.NodeID {
  fileprivate var json: JSONValue { if case .mesh(let node) = self { node.json } else { .null } }
}

extension MeshNode {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind.name), "namespace": namespace.isEmpty ? .null : .string(namespace), "name": .string(name),
      "version": version.map { .string($0) } ?? .null,
    ]
  }
}

extension EdgeTraffic.Security {
  /// The part that was mutual TLS, 0 to 1.
  fileprivate var json: JSONValue {
    switch self {
    case .mutualTLS: 1.0
    case .plaintext: 0.0
    case .mixed(let mutual): .double(mutual)
    case .unknown: .null
    }
  }
}

/// A string of the dot language: quotes and backslashes are escaped, line ends and controls replaced.
private func quoted(_ text: String) -> String {
  let safe = printable(text).map { character in
    switch character {
    case "\"", "\\": "\\\(character)"
    case _ where character.isNewline || character == "\t": " "
    default: String(character)
    }
  }
  return "\"\(safe.joined())\""
}

private func number(_ value: Double?) -> JSONValue {
  value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
}
