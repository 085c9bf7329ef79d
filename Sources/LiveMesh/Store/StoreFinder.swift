import KubernetesAPI
import PrometheusAPI
import Transport

/// Finds the metrics stores that may know the mesh, best first.
struct StoreFinder: Sendable {
  let kubernetes: KubernetesClient
  let client: any HTTPClient
  let clock: MeshClock

  /// A Service that charts and operators make.
  struct WellKnown: Equatable, Sendable {
    var namespace: String
    var service: String
    /// What stands before `/api/v1` there.
    var path = ""
  }

  /// Istio's own add-on, then what sees several clusters or replicas as one, then single servers. Linkerd's knows no
  /// Istio.
  static let wellKnown: [WellKnown] = [
    WellKnown(namespace: "istio-system", service: "prometheus"),
    WellKnown(namespace: "monitoring", service: "thanos-query"),
    WellKnown(namespace: "monitoring", service: "thanos-query-frontend"),
    WellKnown(namespace: "thanos", service: "thanos-query"),
    WellKnown(namespace: "openshift-monitoring", service: "thanos-querier"),
    WellKnown(namespace: "mimir", service: "mimir-query-frontend", path: "/prometheus"),
    WellKnown(namespace: "monitoring", service: "mimir-query-frontend", path: "/prometheus"),
    WellKnown(namespace: "monitoring", service: "vmselect", path: "/select/0/prometheus"),
    WellKnown(namespace: "monitoring", service: "vmsingle"),
    WellKnown(namespace: "monitoring", service: "kube-prometheus-stack-prometheus"),
    WellKnown(namespace: "monitoring", service: "prometheus-k8s"),
    WellKnown(namespace: "monitoring", service: "prometheus-operated"),
    WellKnown(namespace: "monitoring", service: "prometheus-server"),
    WellKnown(namespace: "monitoring", service: "prometheus"),
    WellKnown(namespace: "prometheus", service: "prometheus-server"),
    WellKnown(namespace: "linkerd-viz", service: "prometheus"),
  ]

  /// Empty where none is to be used, or none is there.
  func stores(_ choice: MetricsStore) async -> [StoreEdges] {
    switch choice {
    case .off: []
    case .address(let endpoint, let login):
      [
        StoreEdges(
          PrometheusStore(endpoint, over: client, authorization: login?.authorization),
          name: endpoint.description, clock: clock)
      ]
    case .wellKnown: await servicesThatExist()
    }
  }

  /// A Service that cannot be read counts as one that is not there.
  private func servicesThatExist() async -> [StoreEdges] {
    await withTaskGroup(of: (Int, StoreEdges)?.self) { group in
      for (place, known) in Self.wellKnown.enumerated() {
        group.addTask {
          let service = try? await kubernetes.get(Service.self, in: known.namespace, name: known.service)
          return service.flatMap { store(at: known, $0) }.map { (place, $0) }
        }
      }
      var found: [(Int, StoreEdges)] = []
      for await store in group { if let store { found.append(store) } }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func store(at known: WellKnown, _ service: Service) -> StoreEdges? {
    guard let port = Self.queryPort(of: service.ports) else { return nil }
    let proxy = ServiceProxy(
      kubernetes, namespace: known.namespace, service: known.service, port: String(port.number),
      scheme: port.name == "https" || port.number == 443 ? .https : .http, basePath: known.path)
    // Only GET passes in a session that writes nothing, and needs no right but to read.
    return StoreEdges(
      PrometheusStore(proxy.endpoint, over: proxy, method: .get), name: "\(known.namespace)/\(known.service)",
      clock: clock)
  }

  /// The port that answers queries: the one that is called so, else the first one that is not known for something else.
  static func queryPort(of ports: [Service.Port]) -> Service.Port? {
    let names = ["http-web", "web", "http", "https", "http-query", "http-metrics"]
    let named = names.lazy.compactMap { name in ports.first { $0.name == name } }.first
    return named ?? ports.first { $0.transport == "TCP" && $0.name?.hasPrefix("grpc") != true }
  }
}
