internal import ArgumentParser
internal import Glibc
internal import JSON
internal import MeshModel

/// `meshdeck proxies`: every proxy and how far it is with its configuration, printed once.
struct ProxiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxies", abstract: "Every proxy: version, state, and what it has taken of each type.")

  @OptionGroup var connection: ConnectionOptions

  @Option(name: .shortAndLong, help: "table or json.")
  var output: OutputFormat = .table

  func run() async throws {
    let session = try Session(connection)
    // A report comes of what is known from istiod and the proxies themselves, too: the API server is heard apart.
    async let routes = outcome(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
    let report = try await firstValue(of: session.mesh.proxies(in: session.identity.scope), within: .seconds(10))
    report.warnOfSilence()
    let failure = await routes.failure
    if let failure, report.proxies.isEmpty { throw failure }
    switch output {
    case .json: print(JSONValue.array(report.proxies.map(\.json)).text(indent: 2))
    case .table: print(report.table, terminator: "")
    }
    fflush(nil)
    if let failure {
      throw CommandFailure(failure.status, "\(failure.message); these are the proxies that are known without it")
    }
  }
}

extension ProxyReport {
  /// Says on standard error who should be answering and does not.
  func warnOfSilence() {
    for trouble in troubles { StandardError.write("meshdeck: \(trouble)\n") }
    for proxy in proxies {
      if case .silent(let trouble) = proxy.reach {
        StandardError.write("meshdeck: \(proxy.id) is silent: \(trouble)\n")
      }
    }
  }

  fileprivate var table: String {
    var table = TextTable("PROXY", "KIND", "VERSION", "STATE", "CDS", "LDS", "EDS", "RDS", "REASON")
    for proxy in proxies {
      let sync = XDSType.allCases.map { proxy.sync[$0] ?? .unknown }
      let reasons = sync.compactMap { if case .rejected(let reason, _) = $0 { reason } else { nil } }
      table.add(
        proxy.id.name, proxy.kind.rawValue, proxy.version ?? "–", proxy.reach.words, sync[0].word, sync[1].word,
        sync[2].word, sync[3].word, reasons.first ?? "")
    }
    return table.text
  }
}

extension ProxyStatus {
  fileprivate var json: JSONValue {
    [
      "name": .string(id.name), "kind": .string(kind.rawValue), "version": version.map { .string($0) } ?? .null,
      "state": .string(reach.words),
      "sync": .object(
        JSONObject(
          XDSType.allCases.map { type in
            let state = sync[type] ?? .unknown
            return (
              type.rawValue,
              [
                "state": .string(state.word), "since": state.since.map { .string($0.rfc3339) } ?? .null,
                "reason": state.reason.map { .string($0) } ?? .null,
              ]
            )
          })),
    ]
  }
}

extension ProxyStatus.Reach {
  fileprivate var words: String {
    switch self {
    case .answering(let state): state
    case .silent(let trouble): "silent: \(trouble.what)"
    case .unreached: "not reached"
    }
  }
}

extension SyncState {
  var word: String {
    switch self {
    case .synced: "synced"
    case .stale: "stale"
    case .rejected: "rejected"
    case .notSent: "not sent"
    case .notSubscribed: "–"
    case .unknown: "unknown"
    }
  }

  var since: Timestamp? {
    switch self {
    case .synced(let since), .stale(let since), .rejected(_, let since): since
    case .notSent, .notSubscribed, .unknown: nil
    }
  }

  var reason: String? { if case .rejected(let reason, _) = self { reason } else { nil } }
}
