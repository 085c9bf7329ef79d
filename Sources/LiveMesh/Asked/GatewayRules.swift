import GatewayAPI
import KubernetesAPI
import MeshModel

extension AskedRule {
  /// All rules of an HTTPRoute or a GRPCRoute, in its order.
  static func all<Resource: GatewayRoute>(of resource: Resource, kind: ResourceKind) -> [AskedRule] {
    let id = ResourceID(kind: kind, namespace: resource.namespace, name: resource.name)
    let parents = resource.parents
    let gateways = parents.filter(\.isGateway)
    // Host names narrow what comes in through gateways; without any all hosts do.
    let names = gateways.isEmpty ? [] : resource.hostnames.isEmpty ? ["*"] : resource.hostnames
    let lastWrite = resource.object.lastWriter(of: JSONPointer(["spec", "rules"])).flatMap(Route.LastWrite.init)
    return resource.rules.map { rule in
      let route = Route(
        id: RouteID(resource: id, rule: rule.index), resourceVersion: resource.object.resourceVersion, mesh: "istio",
        hosts: parents.filter(\.isService).map(\.host) + names,
        gateways: gateways.map { $0.namespace == id.namespace ? $0.name : "\($0.namespace)/\($0.name)" },
        name: rule.name, match: rule.matchText, split: TrafficSplit(rule), mirrors: rule.mirrors.map(Route.Mirror.init),
        lastWrite: lastWrite, uid: resource.object.uid)
      return AskedRule(
        route: route, matches: rule.matches.map(RuleMatch.init), isForSidecars: parents.contains(where: \.isService),
        isForGateways: !gateways.isEmpty, rewrittenAuthority: rule.rewrittenAuthority,
        proxyName: "\(id.namespace).\(id.name).\(rule.index)")
    }
  }
}

extension GatewayReference {
  var isGateway: Bool { group == ResourceType.httpRoute.group && kind == "Gateway" }
}

extension GatewayRule {
  /// Which requests it takes, as `Route.match` says it.
  var matchText: String { matches.isEmpty || matches.contains(where: \.takesEverything) ? "any" : matchSummary }
}

extension TrafficSplit {
  /// Where a destination stands several times its weights add up.
  init(_ rule: GatewayRule) {
    self.init([])
    for backend in rule.backends where !backend.reference.name.isEmpty {
      let destination = Destination(backend.reference)
      // An API server without the definition's limits keeps any number; sums of 32 bits fit.
      let weight = Int(Int32(clamping: backend.weight ?? GatewayRule.Backend.defaultWeight))
      if let place = shares.firstIndex(where: { $0.destination == destination }) {
        shares[place].weight.value += weight
      } else {
        shares.append(Share(destination: destination, weight: Weight(weight)))
      }
    }
  }
}

extension Destination {
  init(_ reference: GatewayReference) { self.init(host: reference.host, port: reference.port) }
}

extension Route.Mirror {
  init(_ mirror: GatewayRule.Mirror) {
    self.init(destination: Destination(mirror.reference), percent: mirror.percent)
  }
}

extension RuleMatch {
  init(_ match: GatewayMatch) {
    path =
      switch match.path {
      case .exact(let path): .exact(path)
      case .prefix("/"), nil: nil
      case .prefix(let prefix): .segments(prefix)
      case .regex(let pattern): .regex(pattern)
      }
    func keys(_ fields: [GatewayMatch.Field]) -> [String] {
      fields.map { $0.isRegex ? $0.name.lowercased() : "\($0.name.lowercased())=\($0.value)" }
    }
    headers = Set(keys(match.headers) + (match.method.map { [":method=\($0)"] } ?? []))
    queryParameters = Set(match.queryParameters.map(\.name))
  }
}
