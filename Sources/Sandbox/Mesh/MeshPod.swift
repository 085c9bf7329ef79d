internal import JSON

/// A pod of the sandbox that carries a proxy: who it is, and where its proxy and its application listen.
struct MeshPod: Hashable, Sendable {
  enum Role: String, Sendable { case sidecar, router }

  let role: Role
  /// As Kubernetes names a Deployment's pods: `reviews-v3-6d7944df59-b4fld`.
  let name: String
  let namespace: String
  /// The Deployment: `reviews-v3`.
  let workload: String
  let templateHash: String
  let labels: [String: String]
  let serviceAccount: String
  /// The proxy's own loopback address: the pod's IP in all objects.
  let address: String
  /// Where the application listens, or `nil` for a gateway, which has none.
  let applicationAddress: String?

  /// As istiod writes it: `POD.NAMESPACE`.
  var id: String { "\(name).\(namespace)" }
  var app: String { labels["app"] ?? workload }
  var version: String { labels["version"] ?? "latest" }
  var domain: String { "\(namespace).svc.cluster.local" }
  /// Envoy's node id in Istio's form.
  var nodeID: String { "\(role.rawValue)~\(address)~\(id)~\(domain)" }
  /// Envoy's `--service-cluster`.
  var nodeCluster: String { "\(app).\(namespace)" }
}

/// The ports that Istio gives its proxies.
enum IstioPort {
  static let admin = 15000
  static let outbound = 15001
  static let mergedMetrics = 15020
  static let prometheus = 15090
  static let debug = 15014
}
