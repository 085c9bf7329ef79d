import IstioAPI
import KubernetesAPI
import MeshModel

/// Who follows the route, and what else decides where requests go.
extension ChangeChecks {
  /// The namespaces whose pods are looked at for callers: the route's own, and those of its destinations.
  private var namespaces: Set<String> {
    Set(
      [draft.route.resource.namespace] + targets.map(\.destination.node).filter { $0.kind == .service }.map(\.namespace)
    )
  }

  var callers: ChangeCheck {
    let places = namespaces.filter(evidence.isSeen).sorted()
    let list = places.joined(separator: ", ")
    switch evidence.pods {
    case .failure(let trouble):
      return ChangeCheck(.callers, .unknown, "whether all callers have a sidecar is not known: \(trouble)")
    case .success(let all):
      let pods = all.filter { places.contains($0.namespace) && !$0.isBeingDeleted }
      let bare = pods.filter { $0.container("istio-proxy") == nil && !$0.isAmbient && !$0.isWaypoint }
      guard !bare.isEmpty else {
        return ChangeCheck(.callers, .ok, "all \(Figures.count(pods.count, "pod", "pods")) of \(list) are in the mesh")
      }
      let names = bare.map(\.name).sorted()
      let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
      return ChangeCheck(
        .callers, .warning,
        "\(shown) of \(list) \(bare.count == 1 ? "has no sidecar: what it sends" : "have no sidecar: what they send") "
          + "follows no route")
    }
  }

  var waypoint: ChangeCheck {
    let nodes = targets.map(\.destination.node).filter { $0.kind == .service && evidence.isSeen($0.namespace) }
    switch (evidence.services, evidence.pods, evidence.namespaceLabels) {
    case (.success(let services), .success(let pods), .success(let labels)):
      for node in nodes {
        guard let service = services.first(where: { $0.name == node.name && $0.namespace == node.namespace }) else {
          continue
        }
        let selected = Self.pods(of: service, [:], among: pods)
        let isAmbient =
          labels[node.namespace]?["istio.io/dataplane-mode"] == "ambient" || selected.contains(where: \.isAmbient)
        let named = service.labels["istio.io/use-waypoint"] ?? labels[node.namespace]?["istio.io/use-waypoint"]
        if isAmbient, named == nil || named == "none" {
          return ChangeCheck(
            .waypoint, .warning,
            "\(node.service) is ambient and has no waypoint: ztunnel follows no HTTP routes, so only sidecars and "
              + "gateways do")
        }
        if isAmbient, let named {
          return ChangeCheck(.waypoint, .ok, "\(node.service) is ambient and has the waypoint \(named)")
        }
      }
      return ChangeCheck(.waypoint, .ok, "no destination is ambient")
    case (.failure(let trouble), _, _), (_, .failure(let trouble), _), (_, _, .failure(let trouble)):
      return ChangeCheck(
        .waypoint, .unknown, "whether an ambient destination lacks a waypoint is not known: \(trouble)")
    }
  }

  var overrides: [ChangeCheck] {
    var found: [ChangeCheck] = []
    switch evidence.virtualServices {
    case .failure(let trouble):
      found.append(
        ChangeCheck(.override, .unknown, "whether another VirtualService is of the same hosts is not known: \(trouble)")
      )
    case .success(let all): found += all.compactMap(override)
    }
    found += crossings
    switch evidence.serviceProfiles {
    case .failure(let trouble):
      found.append(
        ChangeCheck(.override, .unknown, "whether a ServiceProfile overrides the route is not known: \(trouble)"))
    case .success(let profiles):
      let hosts = Set(hosts + targets.map(\.destination.host))
      found += profiles.filter { hosts.contains($0.host) }.map { profile in
        let what =
          profile.overridesDestinations ? "sends its requests elsewhere (dstOverrides)" : "has routes of its own"
        return ChangeCheck(
          .override, .warning,
          "ServiceProfile \(profile.namespace)/\(profile.host) \(what): Linkerd's proxies follow that instead")
      }
    }
    return found.isEmpty ? [ChangeCheck(.override, .ok, "nothing else routes these hosts")] : found
  }

  /// The hosts of the route's resource, as far as it is seen.
  var hosts: [String] {
    if case .firstRoute(let first, .making) = draft.edit { return [first.host] }
    return ownVirtualService?.fullHosts ?? attached?.hosts ?? []
  }

  var ownVirtualService: VirtualService? {
    let resource = draft.route.resource
    guard resource.kind == .virtualService, case .success(let all) = evidence.virtualServices else { return nil }
    return all.first { $0.name == resource.name && $0.namespace == resource.namespace }
  }

  /// Istio merges VirtualServices of one host only on gateways; sidecars follow the oldest (Istio, "Split large virtual
  /// services", and pilot's order of configuration by creation time).
  private func override(by other: VirtualService) -> ChangeCheck? {
    guard let own = ownVirtualService, own.object.key != other.object.key,
      Set(own.gateways).intersection(other.gateways).contains("mesh"), !own.isDelegate
    else { return nil }
    let common = Set(own.fullHosts).intersection(other.fullHosts).sorted()
    guard let host = common.first else { return nil }
    let isOlder = (other.object.creationTimestamp ?? "") < (own.object.creationTimestamp ?? "")
    let what = isOlder ? "older, so sidecars follow it and not this one" : "younger, so sidecars should follow this one"
    return ChangeCheck(
      .override, .warning, "VirtualService \(other.object.key) is of \(host) too: it is \(what)")
  }
}

extension Pod {
  /// Its requests go through ztunnel (Istio's annotation of captured pods).
  fileprivate var isAmbient: Bool { object.annotations["ambient.istio.io/redirection"] == "enabled" }
  fileprivate var isWaypoint: Bool { labels["gateway.istio.io/managed"] == "istio.io-mesh-controller" }
}
