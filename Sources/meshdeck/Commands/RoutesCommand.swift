internal import ArgumentParser
internal import JSON
internal import MeshModel
internal import Settings

/// `meshdeck routes`: what the Routes screen shows, printed once.
struct RoutesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes", abstract: "Every rule: what is asked, what the proxies have, what requests do.")

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "table or json.")
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("Over how much time traffic is counted: 5s to 15m.", valueName: "time"))
  var window: Span?

  func validate() throws { try window?.validateAsWindow() }

  func run() async throws {
    let session = try Session(connection)
    let picture = try await RoutesPicture(of: session, window: window?.duration ?? session.settings.window)
    switch output {
    case .json: print(JSONValue.array(picture.rows(in: session.identity)).text(indent: 2))
    case .table: print(picture.table, terminator: "")
    }
  }
}

/// The three truths of every rule at one moment.
struct RoutesPicture: Sendable {
  let routes: [Route]
  let report: ProxyReport?
  let traffic: TrafficSample?

  /// The resources must answer; proxies and traffic are `nil` when nothing can tell.
  init(of session: Session, window: Duration) async throws(CommandFailure) {
    async let report = outcome(of: session.mesh.proxies(in: session.identity.scope), within: .seconds(6))
    // A source that only counts must be read twice before it tells anything.
    async let traffic = outcome(
      of: session.mesh.traffic(in: session.identity.scope, over: window), within: .seconds(6)
    ) { !$0.routes.isEmpty }
    routes = try await session.routes()
    // Said only now: where the resources do not answer, that is the one reason for everything.
    self.report = await report.valueOrWarning
    self.traffic = await traffic.valueOrWarning
    self.report?.warnOfSilence()
  }

  var table: String {
    var table = TextTable("ROUTE", "RULE", "MATCH", "TO", "ASKED", "APPLIED", "SEEN", "RPS", "ERR", "P50", "P99")
    for route in routes {
      for share in route.split.shares {
        let row = DestinationRow(route, share.destination, report, traffic)
        table.add(
          "\(route.id.resource)", "#\(route.id.rule)", route.match, share.destination.shortName,
          percent(row.askedShare), row.applied.map { "\($0.taken.count)/\($0.of)" } ?? "–",
          row.seen.map(seenShare) ?? "–",
          row.requestsPerSecond.map { oneDecimal($0) } ?? "–", percent(row.traffic?.errorRate, suffix: "%"),
          milliseconds(row.traffic?.p50), milliseconds(row.traffic?.p99))
      }
    }
    return table.text
  }

  /// The shape that docs/commands.md describes: shares from 0 to 1, times in seconds, null where unknown.
  func rows(in identity: MeshIdentity) -> [JSONValue] {
    routes.map { route in
      [
        "mesh": .string(route.mesh), "context": .string(identity.context),
        "kind": .string(route.id.resource.kind.rawValue), "namespace": .string(route.id.resource.namespace),
        "name": .string(route.id.resource.name), "rule": .int(route.id.rule), "match": .string(route.match),
        "host": .string(route.hosts.first ?? ""),
        "destinations": .array(
          route.split.shares.map { DestinationRow(route, $0.destination, report, traffic).json }),
        "freshness": traffic.map { ["asOf": .string($0.end.rfc3339), "window": .double($0.window.seconds)] } ?? .null,
      ]
    }
  }
}

/// One destination of one rule.
struct DestinationRow {
  let destination: Destination
  let asked: Weight?
  let askedShare: Double?
  let applied: Applied?
  let traffic: DestinationTraffic?
  let seen: Seen?
  let window: Duration?
  let source: TrafficSource?

  init(_ route: Route, _ destination: Destination, _ report: ProxyReport?, _ sample: TrafficSample?) {
    self.destination = destination
    asked = route.split[destination]
    askedShare = route.split.fraction(of: destination)
    applied = report?.applied[route.id]
    let counted = sample?.routes[route.id]
    traffic = counted?.destinations[destination]
    seen = counted?.seen(destination)
    window = counted == nil ? nil : sample?.window(of: route.id)
    source = counted?.source
  }

  var requestsPerSecond: Double? {
    guard let traffic, let window, window > .zero else { return nil }
    return Double(traffic.requests) / window.seconds
  }

  var json: JSONValue {
    [
      "destination": .string(destination.shortName), "asked": asked.map { .int($0.value) } ?? .null,
      "askedShare": number(askedShare), "applied": applied?.json ?? .null,
      "seen": seen.map { seen in
        [
          "share": .double(seen.share), "low": .double(seen.low), "high": .double(seen.high),
          "requests": .int(seen.requests), "window": number(window?.seconds),
          "source": source.map { .string($0.name) } ?? .null,
        ]
      } ?? .null,
      "requestsPerSecond": number(requestsPerSecond), "errorRate": number(traffic?.errorRate),
      "p50": number(traffic?.p50?.seconds), "p99": number(traffic?.p99?.seconds),
    ]
  }
}

extension Applied {
  var json: JSONValue {
    [
      "taken": .int(taken.count), "of": .int(of), "behind": .array(behind.map { .string($0.name) }),
      "rejected": .array(
        rejected.map { ["proxy": .string($0.proxy.name), "reason": .string($0.reason)] }),
    ]
  }
}

private func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
