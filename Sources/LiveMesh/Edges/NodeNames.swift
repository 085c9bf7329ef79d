import EnvoyAPI
import KubernetesAPI
import MeshModel
import ProxyLogs

/// Which node of the graph a pod, an address or a cluster is.
struct NodeNames: Equatable, Sendable {
  private var byProxy: [ProxyID: MeshNode] = [:]
  private var byAddress: [String: MeshNode] = [:]

  init() {}

  /// - Parameter selection: the places of the pods behind each Service.
  init(_ pods: [Pod], _ selection: [ServiceID: [Int]]) {
    var selecting: [Int: [String]] = [:]
    for (service, places) in selection { for place in places { selecting[place, default: []].append(service.name) } }
    for (place, pod) in pods.enumerated() {
      let canonical = pod.canonicalName ?? pod.workload
      let candidates = (selecting[place] ?? []).sorted()
      let name = candidates.contains(canonical) ? canonical : candidates.first ?? canonical
      let node =
        pod.isGateway
        ? MeshNode(gateway: pod.workload, in: pod.namespace, isEgress: pod.isEgress)
        : MeshNode(namespace: pod.namespace, name: name, version: pod.canonicalRevision)
      byProxy[ProxyID("\(pod.name).\(pod.namespace)")] = node
      if let address = pod.ip { byAddress[address] = node }
    }
  }

  /// A proxy of another namespace than the one looked at is known by its pod's name alone.
  func node(of proxy: ProxyID, isGateway: Bool) -> MeshNode {
    if let known = byProxy[proxy] { return known }
    let workload = workloadName(ofPod: proxy.pod)
    return isGateway
      ? MeshNode(gateway: workload, in: proxy.namespace, isEgress: workload.contains("egress"))
      : MeshNode(namespace: proxy.namespace, name: workload)
  }

  /// - Parameter address: with or without a port.
  func node(at address: String) -> MeshNode? { byAddress[Self.host(of: address)] }

  /// Where requests to a cluster go. The address tells the version where the cluster does not.
  func node(of cluster: String, upstream: String?) -> MeshNode? {
    if cluster.hasPrefix("PassthroughCluster") { return .passthrough }
    if cluster.hasPrefix("BlackHoleCluster") { return .blackHole }
    guard let name = ClusterName(cluster), name.direction == .outbound, let host = name.host else { return nil }
    return node(of: name, host: host, upstream: upstream)
  }

  func node(of cluster: ClusterName, host: String, upstream: String?) -> MeshNode {
    let meant = Destination(host: host, subset: cluster.subset).node
    guard meant.kind == .service, let pod = upstream.flatMap({ node(at: $0) }) else { return meant }
    if pod.kind != .service { return pod }
    return MeshNode(namespace: meant.namespace, name: meant.name, version: pod.version ?? cluster.subset)
  }

  /// An address without its port.
  private static func host(of address: String) -> String {
    let (bytes, colon) = (address.utf8, UInt8(ascii: ":"))
    guard let end = bytes.lastIndex(of: colon), bytes.last != UInt8(ascii: "]") else { return address }
    let host = address[..<end]
    if bytes.first == UInt8(ascii: "[") { return String(host.dropFirst().dropLast()) }
    return host.utf8.contains(colon) ? address : String(host)
  }
}

extension MeshNode {
  init(gateway name: String, in namespace: String, isEgress: Bool) {
    self.init(isEgress ? .egress : .ingress, namespace: namespace, name: name)
  }
}

extension Pod {
  /// The service that Istio counts the pod's requests under, by its labels (Istio, canonical service).
  var canonicalName: String? {
    labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"]
  }

  var canonicalRevision: String? {
    let revision =
      labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"] ?? labels["version"]
    return revision == "latest" ? nil : revision
  }

  /// The Deployment that it belongs to, or what else owns it.
  var workload: String {
    guard let owner = object.ownerReferences.first(where: \.isController) else { return name }
    guard owner.kind == "ReplicaSet" else { return owner.name }
    let hash = labels["pod-template-hash"].map { "-\($0)" } ?? ""
    return !hash.isEmpty && owner.name.hasSuffix(hash) ? String(owner.name.dropLast(hash.count)) : owner.name
  }

  /// Nothing but a proxy runs in it.
  var isGateway: Bool {
    let containers = containers
    return !containers.isEmpty && containers.allSatisfy { $0.name == "istio-proxy" }
  }

  var isEgress: Bool { labels["istio"]?.contains("egress") ?? workload.contains("egress") }
}
