import EnvoyAPI
import MeshModel
import ProxyLogs
import Synchronization
import Transport

/// Asks proxy after proxy which endpoints it has taken out and when its certificate ends. One at a time: a list of all
/// endpoints of a large mesh is long, and nobody waits for it.
final class EndpointWatch: Sendable {
  /// A round over all proxies takes at least this long.
  private static let round: Duration = .seconds(3)
  private static let certificatesEvery: Duration = .seconds(60)

  struct Seen: Equatable, Sendable {
    var ejected: [ProxyID: [Ejected]] = [:]
    var certificates: [ProxyID: Topology.Certificate] = [:]
  }

  struct Ejected: Hashable, Sendable {
    let cluster: ClusterName
    let address: String
  }

  private let endpoints: [ProxyEndpoint]
  private let client: any HTTPClient
  private let board: ProxyBoard
  private let clock: MeshClock

  init(endpoints: [ProxyEndpoint], client: any HTTPClient, board: ProxyBoard, clock: MeshClock) {
    self.endpoints = endpoints
    self.client = client
    self.board = board
    self.clock = clock
  }

  /// Runs until it is cancelled.
  func run(_ hub: Hub<Seen>) async {
    var seen = Seen()
    var lastCertificates: [ProxyID: Timestamp] = [:]
    hub.publish(seen)
    while !Task.isCancelled {
      let began = clock.now()
      var present: Set<ProxyID> = []
      for (number, endpoint) in endpoints.enumerated() where !Task.isCancelled {
        guard let reading = board.state.newest?.readings[number], let id = reading.id else { continue }
        present.insert(id)
        // A proxy that does not answer is told by whoever reads its routes; what it said last is not known to hold.
        guard case .answering = reading.reach else {
          seen.ejected[id] = nil
          continue
        }
        let asked = clock.now()
        let admin = EnvoyAdmin(endpoint.endpoint, over: client)
        let isDue = lastCertificates[id].map { asked - $0 >= Self.certificatesEvery } ?? true
        if await read(admin, of: id, withCertificate: isDue, into: &seen), isDue { lastCertificates[id] = asked }
        if seen != hub.newest { hub.publish(seen) }
        await clock.sleep((clock.now() - asked) * PollPace.rest)
      }
      seen.ejected = seen.ejected.filter { present.contains($0.key) }
      seen.certificates = seen.certificates.filter { present.contains($0.key) }
      if seen != hub.newest { hub.publish(seen) }
      await clock.sleep(max(Self.round - (clock.now() - began), .milliseconds(100)))
    }
  }

  /// Whether it answered.
  private func read(
    _ admin: EnvoyAdmin, of id: ProxyID, withCertificate: Bool, into seen: inout Seen
  ) async -> Bool {
    do throws(EnvoyAdminError) {
      let ejected = try await admin.clusters(.ejected).flatMap { cluster -> [Ejected] in
        guard let name = cluster.istioName, name.direction == .outbound else { return [] }
        return cluster.hosts.filter(\.health.isEjected).map { Ejected(cluster: name, address: $0.address) }
      }
      seen.ejected[id] = ejected.isEmpty ? nil : ejected
      if withCertificate {
        let own = try await admin.certificates().filter { $0.use == .own }.compactMap {
          Topology.Certificate($0, of: id)
        }
        seen.certificates[id] = own.min { $0.end < $1.end }
      }
      return true
    } catch {
      // Told by the poller of its routes.
      seen.ejected[id] = nil
      return false
    }
  }
}

extension Topology.Certificate {
  init?(_ certificate: EnvoyAPI.Certificate, of proxy: ProxyID) {
    guard let start = certificate.validFrom.flatMap({ Timestamp($0) }),
      let end = certificate.expirationTime.flatMap({ Timestamp($0) })
    else { return nil }
    self.init(proxy: proxy, identity: certificate.subjectAlternativeNames.first ?? "", start: start, end: end)
  }
}
