import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel

/// A route of the Gateway API, as far as the checks look at it.
struct AttachedRoute: Equatable, Sendable {
  let id: ResourceID
  let parents: [GatewayReference]

  init(_ route: some GatewayRoute, kind: ResourceKind) {
    id = ResourceID(kind: kind, namespace: route.namespace, name: route.name)
    parents = route.parents
  }

  /// The hosts whose callers in the mesh follow it.
  var hosts: [String] { parents.filter(\.isService).map(\.host) }
}

/// What the Gateway API wants besides.
extension ChangeChecks {
  /// The changed route; `nil` where it is of another kind, or not seen.
  var attached: AttachedRoute? {
    guard case .success(let all) = evidence.gatewayRoutes else { return nil }
    return all.first { $0.id == draft.route.resource }
  }

  /// A Service of another namespace gets requests by that namespace's leave only (gateway-api, `ReferenceGrant`). Istio
  /// asks for it at gateways: its sidecars send what a route of a Service says.
  func grants(for target: Target) -> [ChangeCheck] {
    let (resource, node) = (draft.route.resource, target.destination.node)
    guard resource.kind.isOfGatewayAPI, node.kind == .service, node.namespace != resource.namespace else { return [] }
    switch evidence.referenceGrants {
    case .failure(let trouble):
      return [
        ChangeCheck(
          .destination, .unknown,
          "whether \(node.namespace) grants requests to \(node.service) is not known: \(trouble)")
      ]
    case .success(let all):
      let isGranted = all.contains {
        $0.namespace == node.namespace
          && $0.allows(resource.kind.rawValue, of: resource.namespace, toService: node.name)
      }
      guard !isGranted else {
        return [
          ChangeCheck(
            .destination, .ok,
            "a ReferenceGrant of \(node.namespace) lets \(resource.namespace) send to \(node.service)")
        ]
      }
      let lack =
        "no ReferenceGrant of \(node.namespace) lets \(resource.kind.rawValue)s of \(resource.namespace) send to "
      guard attached?.parents.contains(where: \.isGateway) == true else {
        return [
          ChangeCheck(
            .destination, .warning, lack + "\(node.service): Istio's sidecars do it all the same, other meshes need not"
          )
        ]
      }
      return [
        ChangeCheck(
          .destination, target.isGaining ? .refusal : .warning,
          lack + "\(node.service): gateways answer its requests with 500")
      ]
    }
  }

  /// Where a VirtualService and a route of the Gateway API are of one host, sidecars follow one of the two alone.
  var crossings: [ChangeCheck] {
    switch (evidence.gatewayRoutes, evidence.virtualServices) {
    case (.failure(let trouble), _):
      return [
        ChangeCheck(
          .override, .unknown, "whether an HTTPRoute or a GRPCRoute is of the same hosts is not known: \(trouble)")
      ]
    // That those are not known is said already.
    case (_, .failure): return []
    case (.success(let routes), .success(let services)):
      let isFirst = if case .firstRoute(_, .making) = draft.edit { true } else { false }
      var others: [(name: String, hosts: [String])] = []
      if isFirst || attached != nil {
        others += services.filter { $0.gateways.contains("mesh") }
          .map { ("VirtualService \($0.object.key)", $0.fullHosts) }
      }
      if isFirst || ownVirtualService?.gateways.contains("mesh") == true {
        others += routes.map { ("\($0.id)", $0.hosts) }
      }
      let own = Set(hosts)
      return others.compactMap { name, hosts in
        hosts.first(where: own.contains).map { host in
          ChangeCheck(
            .override, .warning,
            "\(name) is of \(host) too: sidecars follow one of the two, and it need not be this one")
        }
      }
    }
  }
}

extension ResourceKind {
  var isOfGatewayAPI: Bool { self == .httpRoute || self == .grpcRoute }
}
