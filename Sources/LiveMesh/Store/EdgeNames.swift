import EnvoyAPI
import MeshModel

/// What workloads are called: those that are gateways, and the Services that others stand behind.
struct EdgeNames: Equatable, Sendable {
  struct Workload: Hashable, Sendable {
    var namespace: String
    var name: String
  }

  /// As the cluster says; a workload that is not here may still be one by its name.
  var gateways: Set<Workload>
  /// Learnt from what was sent to them.
  private var services: [Workload: Set<ServiceID>] = [:]

  init(gateways: Set<Workload> = []) { self.gateways = gateways }

  /// Takes note that requests to a service ended in a workload.
  mutating func learn(_ workload: Workload, behind service: ServiceID) {
    services[workload, default: []].insert(service)
  }

  /// The kind of gateway that a workload is. Of those that are one, and of those that are called as Istio's own charts
  /// call theirs (`istio-ingressgateway`), the name tells whether it lets requests out.
  func gateway(_ workload: Workload) -> MeshNode.Kind? {
    if workload.name.contains("egressgateway") { return .egress }
    if workload.name.contains("ingressgateway") { return .ingress }
    guard gateways.contains(workload) else { return nil }
    return workload.name.contains("egress") ? .egress : .ingress
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
    self.init(
      gateways: Set(
        asked.proxies.filter { $0.kind == .gateway }.map {
          Workload(namespace: $0.id.namespace, name: workloadName(ofPod: $0.id.pod))
        }))
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
