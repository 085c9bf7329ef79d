import EnvoyAPI
import MeshModel
import ProxyLogs

/// Puts together what the resources say there is and what proxies say of endpoints and certificates.
struct TopologyWatch {
  private static let gap: Duration = .milliseconds(200)

  let asked: Hub<Asked>
  let endpoints: Hub<EndpointWatch.Seen>
  let clock: MeshClock

  func run(_ hub: Hub<Topology>) async {
    let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in asked.feed() { signal.yield() } }
      group.addTask { for await _ in endpoints.feed() { signal.yield() } }
      group.addTask {
        for await _ in signals {
          if let asked = asked.newest {
            let topology = Self.topology(asked, endpoints.newest ?? .init())
            if topology != hub.newest || hub.trouble != nil { hub.publish(topology) }
          }
          if let trouble = asked.trouble { hub.publish(trouble) }
          await clock.sleep(Self.gap)
        }
      }
    }
  }

  private static func topology(_ asked: Asked, _ seen: EndpointWatch.Seen) -> Topology {
    var topology = asked.topology
    var callers: [MeshNode: [String: Set<ProxyID>]] = [:]
    for (proxy, ejected) in seen.ejected {
      for endpoint in ejected {
        let node = asked.names.node(of: endpoint.cluster, host: endpoint.cluster.host ?? "", upstream: endpoint.address)
        callers[node, default: [:]][endpoint.address, default: []].insert(proxy)
      }
    }
    topology.ejections = callers.flatMap { node, addresses in
      addresses.map { Topology.Ejection(node: node, address: $0, callers: $1.sorted()) }
    }.sorted { ($0.node, $0.address) < ($1.node, $1.address) }
    topology.certificates = seen.certificates.sorted { $0.key < $1.key }.map(\.value)
    return topology
  }
}
