import EnvoyAPI
import MeshModel

/// What workloads are called: those that are gateways, and the Services that others stand behind.
struct EdgeNames: Equatable, Sendable {
  struct Workload: Hashable, Sendable {
    var namespace: String
    var name: String
  }

  /// As the cluster says; a workload that is not here may still be one by its name.
  private let gateways: [Workload: MeshNode.Kind]
  /// Learnt from what was sent to them.
  private var services: [Workload: Set<ServiceID>] = [:]

  init(gateways: some Sequence<MeshNode> = EmptyCollection()) {
    self.gateways = Dictionary(
      gateways.map { (Workload(namespace: $0.namespace, name: $0.name), $0.kind) }
    ) { first, _ in first }
  }

  /// Takes note that requests to a service ended in a workload.
  mutating func learn(_ workload: Workload, behind service: ServiceID) {
    services[workload, default: []].insert(service)
  }

  /// The kind of gateway that a workload is, by its pods where these are known, else by its name, if it is called as
  /// Istio's own charts call theirs: `istio-ingressgateway`.
  func gateway(_ workload: Workload) -> MeshNode.Kind? {
    if let known = gateways[workload] { return known }
    if workload.name.names("egressgateway") { return .egress }
    return workload.name.names("ingressgateway") ? .ingress : nil
  }

  /// The node of a workload: the gateway, or the service that it stands behind. A workload that nobody sends to is known
  /// by its canonical service.
  func node(_ workload: Workload, canonicalService: String?, version: String?) -> MeshNode {
    if let kind = gateway(workload) { return MeshNode(kind, namespace: workload.namespace, name: workload.name) }
    let canonical = ServiceID(namespace: workload.namespace, name: canonicalService ?? workload.name)
    let known = services[workload] ?? []
    let service = known.contains(canonical) ? canonical : known.min() ?? canonical
    return MeshNode(.service, namespace: service.namespace, name: service.name, version: version)
  }
}

extension EdgeNames {
  init(_ asked: Asked) {
    self.init(gateways: asked.topology.gateways.map(\.node))
    for service in asked.topology.services {
      for workload in service.versions.flatMap(\.workloads) {
        learn(Workload(namespace: service.id.namespace, name: workload), behind: service.id)
      }
    }
  }
}

/// The name of the Deployment (or StatefulSet, DaemonSet) that made a pod: without the ending that is made up of the
/// letters and digits Kubernetes chooses from, which hold no vowels, and without a hash of its template.
func workloadName(ofPod name: String) -> String {
  var parts = name.split(separator: "-", omittingEmptySubsequences: false)
  func isChosen(_ part: Substring, _ lengths: ClosedRange<Int>) -> Bool {
    lengths.contains(part.utf8.count) && part.utf8.allSatisfy { "bcdfghjklmnpqrstvwxz2456789".utf8.contains($0) }
  }
  if parts.count > 1, let last = parts.last, isChosen(last, 5...5) {
    parts.removeLast()
    if parts.count > 1, let hash = parts.last, isChosen(hash, 6...10) { parts.removeLast() }
  } else if parts.count > 1, let last = parts.last, let number = UInt16(last), String(number) == last {
    parts.removeLast()
  }
  return parts.joined(separator: "-")
}

extension String {
  /// Whether the part is in it, byte by byte: asked for every series of a store.
  fileprivate func names(_ part: String) -> Bool {
    utf8.indices.contains { utf8[$0...].starts(with: part.utf8) }
  }
}
