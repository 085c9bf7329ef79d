import GatewayAPI
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
  /// HTTPRoutes and GRPCRoutes; none where the Gateway API is not installed.
  var gatewayRoutes: Look<[AttachedRoute]> = .failure(.notLooked)
  /// Those of the namespaces that the change sends to from another one.
  var referenceGrants: Look<[ReferenceGrant]> = .success([])
  /// Those that have not ended.
  var pods: Look<[Pod]> = .failure(.notLooked)
  /// The labels of the namespaces of the destinations, as far as they could be read.
  var namespaceLabels: Look<[String: [String: String]]> = .failure(.notLooked)
  /// Linkerd's ServiceProfiles; empty where they are not installed.
  var serviceProfiles: Look<[ServiceProfile]> = .failure(.notLooked)
  var traffic: TrafficSample?
  var edges: EdgeSample?
  /// Whether all logs have been read, so that nothing seen is nothing sent.
  var areLogsRead = true

  func isSeen(_ namespace: String) -> Bool { scope == .allNamespaces || scope == .namespace(namespace) }

  /// How many requests the rule sent to each destination of late, each second; `nil` where that cannot be told for this
  /// rule alone. Its figures begin anew with each change of it, their histories do not.
  func rates(of route: RouteID) -> [Destination: Double]? {
    guard let traffic, let figures = traffic.routes[route], figures.isByRule else { return nil }
    let end = figures.end ?? traffic.end
    let start = max(traffic.observedSince ?? end, end - ChangeChecker.window)
    let slice = DestinationTraffic.sliceLength
    // Nothing in so short a time, or in some of the logs, is not nothing.
    func trusted(_ rates: [Destination: Double], over span: Duration) -> [Destination: Double]? {
      rates.values.contains { $0 > 0 } || areLogsRead && span >= slice ? rates : nil
    }
    if end - start >= .seconds(1), figures.destinations.values.contains(where: { !$0.history.isEmpty }) {
      let rates = figures.destinations.mapValues { figures in
        let all = figures.history
        // Of the oldest slice that counts, only what was observed is in it.
        let requests = all.indices.filter { end - slice * (all.count - $0 - 1) > start }.reduce(0) {
          $0 + all[$1].requests
        }
        return Double(requests) / (end - start).seconds
      }
      return trusted(rates, over: end - start)
    }
    let window = traffic.window(of: route)
    guard window >= .seconds(1) else { return nil }
    return trusted(figures.destinations.mapValues { Double($0.requests) / window.seconds }, over: window)
  }

  /// Whom the change touches.
  func radius(of draft: ChangeDraft) -> BlastRadius {
    var radius = BlastRadius(share: draft.edit.movedShare)
    radius.requestsPerSecond = rates(of: draft.route).map { $0.values.reduce(0, +) }
    if let edges {
      let services = Set(draft.edit.destinations.map(\.node.service))
      let callers = Set(edges.edges.keys.filter { services.contains($0.destination.service) }.map(\.source)).sorted()
      if areLogsRead || !callers.isEmpty { radius.callers = callers }
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
