import IstioAPI
import KubernetesAPI
import MeshModel

extension AskedRule {
  /// All rules of a VirtualService in its order: those of `http`, then `tls`, then `tcp`.
  static func all(of service: VirtualService) -> [AskedRule] {
    let resource = ResourceID(kind: .virtualService, namespace: service.namespace, name: service.name)
    return service.rules.map { rule in
      let section = RouteID.Section(rule.id.layer)
      let route = Route(
        id: RouteID(resource: resource, section: section, rule: rule.id.index),
        resourceVersion: service.object.resourceVersion, mesh: "istio", hosts: service.fullHosts,
        // `mesh` alone is what every VirtualService has that names none.
        gateways: service.gateways == ["mesh"] ? [] : service.gateways, name: rule.name,
        match: rule.matchText, split: TrafficSplit(rule), mirrors: rule.mirrors.map(Route.Mirror.init),
        lastWrite: service.object.lastWriter(of: JSONPointer(["spec", section.rawValue])).flatMap(Route.LastWrite.init),
        uid: service.object.uid)
      return AskedRule(
        route: route, matches: rule.matches.map(RuleMatch.init), isForSidecars: service.gateways.contains("mesh"),
        isForGateways: service.gateways.contains { $0 != "mesh" }, rewrittenAuthority: rule.rewrittenAuthority)
    }
  }
}

extension RouteRule {
  /// Which requests it takes, as `Route.match` says it.
  var matchText: String { matches.isEmpty ? "any" : matchSummary }
}

extension RouteID.Section {
  init(_ layer: RouteRule.Layer) {
    switch layer {
    case .http: self = .http
    case .tls: self = .tls
    case .tcp: self = .tcp
    }
  }

  var layer: RouteRule.Layer {
    switch self {
    case .http: .http
    case .tls: .tls
    case .tcp: .tcp
    }
  }
}

extension TrafficSplit {
  /// An absent weight is 0, but for a lone destination, which takes all; where a destination stands several times its
  /// weights add up.
  init(_ rule: RouteRule) {
    self.init([])
    let entries = rule.destinations
    for entry in entries where !entry.destination.host.isEmpty {
      let destination = Destination(entry.destination)
      // An API server without Istio's validation keeps any number; 32 bits are what Istio's own type has, and sums of
      // those fit.
      let weight = Int(Int32(clamping: entry.weight ?? (entries.count == 1 ? 100 : 0)))
      if let place = shares.firstIndex(where: { $0.destination == destination }) {
        shares[place].weight.value += weight
      } else {
        shares.append(Share(destination: destination, weight: Weight(weight)))
      }
    }
  }
}

extension Destination {
  init(_ destination: IstioDestination) {
    self.init(host: destination.fullHost, subset: destination.subset, port: destination.port)
  }
}

extension Route.LastWrite {
  init?(_ owner: FieldOwner) {
    guard let time = owner.time.flatMap({ Timestamp($0) }) else { return nil }
    self.init(manager: owner.manager, time: time)
  }
}

extension RuleMatch {
  init(_ match: IstioAPI.RouteMatch) {
    name = match.name
    path =
      switch match.uri {
      case .exact(let text): .exact(text)
      case .prefix(let text): .prefix(text)
      case .regex(let text): .regex(text)
      case .present, nil: nil
      }
    ignoresCase = match.ignoresCaseOfURI
    let pseudo = [(":method", match.method), (":scheme", match.scheme), (":authority", match.authority)]
    headers = Set(
      pseudo.compactMap { name, text in text.map { Self.key(name, $0) } }
        + match.headers.map { $0.isInverted ? $0.name.lowercased() : Self.key($0.name.lowercased(), $0.value) })
    queryParameters = Set(match.queryParameters.map(\.name))
    serverNames = Set(match.sniHosts)
    port = match.port
    statPrefix = match.statPrefix
    isScoped =
      match.port != nil || !match.sourceLabels.isEmpty || match.sourceNamespace != nil || !match.gateways.isEmpty
  }

  private static func key(_ name: String, _ text: IstioAPI.RouteMatch.Text) -> String {
    if case .exact(let value) = text { "\(name)=\(value)" } else { name }
  }
}
