import IstioAPI
import JSON
import KubernetesAPI
import MeshModel

/// What a change is checked against: one look at the objects concerned. What could not be seen says why.
struct ChangeEvidence: Sendable {
  typealias Look<Value> = Result<Value, Trouble>

  /// Whose objects are seen.
  var scope = Scope.allNamespaces
  var now: Timestamp
  var permission: Look<AccessAnswer> = .failure(.notLooked)
  var services: Look<[Service]> = .failure(.notLooked)
  var destinationRules: Look<[DestinationRule]> = .failure(.notLooked)
  /// Whether those of all namespaces are among them: a subset may be defined in any.
  var hasAllDestinationRules = true
  var virtualServices: Look<[VirtualService]> = .failure(.notLooked)
  /// Those that have not ended.
  var pods: Look<[Pod]> = .failure(.notLooked)
  /// The labels of the namespaces of the destinations, as far as they could be read.
  var namespaceLabels: Look<[String: [String: String]]> = .failure(.notLooked)
  /// Linkerd's ServiceProfiles; empty where they are not installed.
  var serviceProfiles: Look<[ServiceProfile]> = .failure(.notLooked)
  var traffic: TrafficSample?
  var edges: EdgeSample?

  func isSeen(_ namespace: String) -> Bool { scope == .allNamespaces || scope == .namespace(namespace) }

  /// What happened to the rule's requests of late, where that can be told for this rule alone.
  func traffic(of route: RouteID) -> (figures: TrafficSample.RouteTraffic, window: Duration)? {
    guard let traffic, let figures = traffic.routes[route], figures.isByRule else { return nil }
    let window = traffic.window(of: route)
    return window >= .seconds(1) ? (figures, window) : nil
  }

  /// Whom the change touches.
  func radius(of draft: ChangeDraft) -> BlastRadius {
    var radius = BlastRadius(share: draft.edit.movedShare)
    if let (figures, window) = traffic(of: draft.route) {
      radius.requestsPerSecond = Double(figures.destinations.values.reduce(0) { $0 + $1.requests }) / window.seconds
    }
    if let edges {
      let services = Set(draft.edit.destinations.map(\.node.service))
      radius.callers = Set(edges.edges.keys.filter { services.contains($0.destination.service) }.map(\.source)).sorted()
    }
    return radius
  }
}

extension Trouble {
  fileprivate static let notLooked = Trouble(.misconfigured, "nobody has looked")
}

/// Linkerd's word on a service (linkerd.io/v1alpha2): its routes, and with `dstOverrides` where requests go instead.
struct ServiceProfile: KubernetesResource {
  static let type = ResourceType(
    group: "linkerd.io", version: "v1alpha2", kind: "ServiceProfile", plural: "serviceprofiles")
  let object: KubernetesObject

  init(_ object: KubernetesObject) { self.object = object }

  /// Its name is the host that it is of.
  var host: String { name }
  var overridesDestinations: Bool { json["spec"]?["dstOverrides"]?.array?.isEmpty == false }
}
