import ConsoleTestSupport
import MeshModel
import TerminalUI
import Peers
import Testing

@testable import Console

enum MeshIdentityFixture {
  static let readOnly = MeshIdentity(context: "prod-eu1", scope: .namespace("bookinfo"), isReadOnly: true)
}

@Suite struct HostileTests {
  /// Text as an attacker would choose it: escape sequences, right-to-left overrides, wide and combining characters.
  static func text(_ generator: inout SeededGenerator) -> String {
    let pieces = [
      "\u{1b}[2J", "\u{1b}]52;c;aGk=\u{7}", "\u{9b}31m", "\u{202e}", "\u{0}", "\r\n", "\t", "\u{7f}", "漢字", "👩‍👩‍👧‍👦",
      "e\u{301}\u{301}",
      "reviews", ".", "/", "\u{85}", "\u{2028}", "\u{feff}", String(repeating: "x", count: 300), "\u{200b}", "🇩🇪", "-",
    ]
    return (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }.joined()
  }

  static func state(_ generator: inout SeededGenerator) -> State {
    func text() -> String { Self.text(&generator) }
    func destination() -> Destination {
      Destination(host: text(), subset: Bool.random(using: &generator) ? text() : nil)
    }
    let identity = MeshIdentity(
      context: text(), scope: Bool.random(using: &generator) ? .allNamespaces : .namespace(text()), caveat: text())
    var state = State(
      identity: identity,
      size: Size(columns: .random(in: 0...210, using: &generator), rows: .random(in: 0...64, using: &generator)),
      now: Bookinfo.start)
    var routes: [Route] = []
    var applied: [RouteID: Applied] = [:]
    var traffic: [RouteID: TrafficSample.RouteTraffic] = [:]
    let proxies = (0..<8).map { _ in ProxyID(text()) }
    for _ in 0..<Int.random(in: 0...12, using: &generator) {
      let id = RouteID(
        resource: ResourceID(
          kind: ResourceKind.allCases.randomElement(using: &generator)!, namespace: text(), name: text()),
        rule: .random(in: 0...3, using: &generator))
      let shares = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        TrafficSplit.Share(destination: destination(), weight: Weight(.random(in: 0...1_000_000, using: &generator)))
      }
      routes.append(
        Route(
          id: id, resourceVersion: text(), mesh: text(), hosts: [text()], gateways: [text()], name: text(),
          match: text(),
          split: TrafficSplit(shares),
          lastWrite: .init(manager: text(), time: Timestamp(nanoseconds: .random(in: .min ... .max, using: &generator)))
        ))
      applied[id] = Applied(
        taken: Array(proxies.prefix(2)), behind: [proxies[3]], rejected: [.init(proxy: proxies[4], reason: text())])
      traffic[id] = .init(
        source: .accessLogs, isByRule: Bool.random(using: &generator),
        destinations: Dictionary(
          shares.map {
            (
              $0.destination,
              DestinationTraffic(
                requests: .random(in: 0...1_000_000, using: &generator), errors: 7,
                topFlag: ResponseFlag(text()))
            )
          }, uniquingKeysWith: { a, _ in a }))
    }
    _ = state.update(.routes(.value(routes)))
    let statuses = proxies.map {
      ProxyStatus(
        id: $0, kind: .sidecar, version: text(), reach: .answering(state: text()),
        sync: [.routes: .rejected(reason: text(), since: Timestamp(nanoseconds: .min))])
    }
    _ = state.update(.proxies(.value(ProxyReport(proxies: statuses, applied: applied, controlPlane: text()))))
    _ = state.update(.traffic(.value(TrafficSample(end: Bookinfo.start, window: .seconds(60), routes: traffic))))
    if Bool.random(using: &generator) {
      _ = state.update(.traffic(.trouble(Trouble(.malformed, text(), remedy: text()))))
    }
    return state
  }

  static let keys: [Key] =
    Command.all.flatMap(\.keys).filter { $0 != .control("c") } + "abcxyzäß漢👩‍👩‍👧‍👦".map { Key(.character($0)) }

  static func happening(_ state: State, _ generator: inout SeededGenerator) -> Message {
    switch Int.random(in: 0..<14, using: &generator) {
    case 0:
      return .terminal(
        .resize(Size(columns: .random(in: 0...220, using: &generator), rows: .random(in: 0...70, using: &generator))))
    case 1: return .terminal(.paste(text(&generator)))
    case 2:
      guard let query = state.logTail.query else { return .tick(state.now + .seconds(1)) }
      let lines = (0..<3).map { _ in LogLine(proxy: ProxyID(text(&generator)), time: state.now, text: text(&generator))
      }
      return .log(
        query,
        .value(
          LogBatch(
            lines: lines + [Bookinfo.access(3, flags: text(&generator), path: text(&generator))],
            marks: [LogMark(.dropped(2, over: .zero), proxy: ProxyID(text(&generator)), time: state.now)])))
    case 3: return .previewed(revision: state.revision, .failure(.denied(text(&generator))))
    case 4:
      let line = ChangePreview.Line(path: text(&generator), before: text(&generator), after: text(&generator))
      return .previewed(revision: state.revision, .success(ChangePreview(lines: [line], warnings: [text(&generator)])))
    case 5:
      guard let editor = state.editor, let sending = state.sending else { return .routes(.value(Bookinfo.routes())) }
      let change = Change(
        id: 7, route: editor.route, resourceVersion: "1", before: editor.base, after: editor.draft)
      return .applied(
        revision: sending.revision, .success(AppliedChange(change: change, resourceVersion: "2", written: state.now)))
    case 6: return .edges(.value(edges(&generator)))
    case 7: return .topology(.value(topology(&generator)))
    default: return .terminal(.key(keys.randomElement(using: &generator)!))
    }
  }

  private static func node(_ generator: inout SeededGenerator) -> MeshNode {
    MeshNode(
      MeshNode.Kind.allCases.randomElement(using: &generator)!, namespace: text(&generator), name: text(&generator),
      version: Bool.random(using: &generator) ? text(&generator) : nil)
  }

  /// Calls of anybody by anybody, with figures that no arithmetic likes.
  private static func edges(_ generator: inout SeededGenerator) -> EdgeSample {
    func figure() -> Double {
      [0, 1, 1e300, -1, .infinity, .nan, 1e-300, 4_000].randomElement(using: &generator)!
    }
    func span() -> Duration? {
      [nil, .zero, .seconds(-1), .seconds(Int64.max), .milliseconds(3)].randomElement(using: &generator)!
    }
    let nodes = (0..<6).map { _ in node(&generator) }
    var edges: [EdgeID: EdgeTraffic] = [:]
    for _ in 0..<Int.random(in: 0...14, using: &generator) {
      let id = EdgeID(
        from: nodes.randomElement(using: &generator)!, to: nodes.randomElement(using: &generator)!,
        EdgeID.Traffic.allCases.randomElement(using: &generator)!)
      edges[id] = EdgeTraffic(
        requests: figure(), errors: figure(), p50: span(), p99: span(), codes: [text(&generator): figure()],
        flags: [ResponseFlag(text(&generator)): figure()], security: .mixed(mutual: figure()),
        history: [.init(requests: figure(), errors: figure())])
    }
    return EdgeSample(
      end: Bookinfo.start, window: [.zero, .seconds(10)].randomElement(using: &generator)!,
      source: .store(name: text(&generator)), remarks: [text(&generator)], edges: edges)
  }

  private static func topology(_ generator: inout SeededGenerator) -> Topology {
    let names = (0..<4).map { _ in ServiceID(namespace: text(&generator), name: text(&generator)) }
    return Topology(
      services: names.map { id in
        Topology.Service(
          id: id, host: text(&generator),
          versions: [
            .init(name: text(&generator), pods: .init(ready: 0, total: 1_000_000)),
            .init(name: nil, pods: .init(ready: 2, total: 1)),
          ])
      }, gateways: [.init(node: node(&generator), pods: .init(ready: 0, total: 0))],
      marks: [.init(.fault, on: node(&generator), detail: text(&generator))],
      ejections: [.init(node: node(&generator), address: text(&generator), callers: [])])
  }

  /// Whatever names and logs say, and whatever is typed, in whatever size: it never traps, and no control character
  /// reaches a cell.
  @Test(arguments: 0..<24) func anythingGoesAndNothingEscapes(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var state = Self.state(&generator)
    for step in 0..<120 {
      _ = state.update(Self.happening(state, &generator))
      _ = state.subscriptions
      guard step.isMultiple(of: 3) else { continue }
      let frame = Pictures.frame(state, glyphs: step.isMultiple(of: 2) ? .unicode : .ascii)
      let unsafe = frame.cells.contains { cell in
        cell.text.unicodeScalars.contains { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
          case .format: (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
          default: false
          }
        }
      }
      #expect(!unsafe, "seed \(seed), step \(step)")
    }
  }

  @Test func everySizeDraws() {
    var state = graph()
    for keys in ["3", "w", "z⏎", "⎋⎋5", "l", "?", "3/rev", "⎋2", "-", "\\err >"] {
      _ = state.type(keys)
      for columns in stride(from: 0, through: 130, by: 13) {
        for rows in stride(from: 0, through: 40, by: 4) {
          _ = state.update(.terminal(.resize(Size(columns: columns, rows: rows))))
          let frame = Pictures.frame(state)
          #expect(frame.cells.count == columns * rows)
        }
      }
    }
  }
}
