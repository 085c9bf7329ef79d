import MeshModel

/// Endpoints that get no requests though they should: not ready, ejected by their callers, or asked for and not there.
struct EndpointCheck {
  /// A rollout makes pods unready for a moment.
  private static let patience: Duration = .seconds(10)

  let observation: Observation

  func symptoms() -> [Symptom] {
    (observation.topology.map { unready($0) + ejected($0) } ?? []) + missing()
  }

  private func unready(_ topology: Topology) -> [Symptom] {
    topology.services.flatMap { service in
      service.versions.compactMap { version -> Symptom? in
        let pods = version.pods
        guard pods.total > 0, pods.ready < pods.total else { return nil }
        let node = MeshNode(namespace: service.id.namespace, name: service.id.name, version: version.name)
        return Symptom(
          finding: Finding(
            id: Finding.ID(.unready, .node(node)), severity: pods.ready == 0 ? .failing : .warning, title: "\(node)",
            figure: "\(pods.total - pods.ready) of \(pods.total) not ready", since: observation.now, isOlder: true,
            evidence: ["not ready: " + version.unready.prefix(3).joined(separator: ", ")], node: node),
          patience: Self.patience, suspects: [node], weight: 1 - Double(pods.ready) / Double(pods.total))
      }
    }
  }

  private func ejected(_ topology: Topology) -> [Symptom] {
    let pods = Dictionary(
      topology.services.flatMap { service in
        service.versions.map { version in
          (MeshNode(namespace: service.id.namespace, name: service.id.name, version: version.name), version.pods.total)
        }
      }, uniquingKeysWith: { first, _ in first })
    return Dictionary(grouping: topology.ejections, by: \.node).map { node, ejections in
      let total = pods[node] ?? pods.filter { $0.key.whole == node.whole }.values.reduce(0, +)
      let addresses = Set(ejections.map(\.address)).sorted()
      let callers = Set(ejections.flatMap(\.callers)).sorted()
      let isAll = total > 0 && addresses.count >= total
      return Symptom(
        finding: Finding(
          id: Finding.ID(.ejected, .node(node)), severity: isAll ? .failing : .warning, title: "\(node)",
          figure: "\(addresses.count)\(total > 0 ? " of \(total)" : "") ejected", since: observation.now, isOlder: true,
          evidence: [
            "\(addresses.prefix(3).joined(separator: ", ")) failed too often and gets no requests",
            "so say \(callers.prefix(3).map(\.pod).joined(separator: ", "))"
              + (callers.count > 3 ? " and \(callers.count - 3) more" : ""),
          ], node: node, proxies: callers),
        suspects: [node], weight: Double(addresses.count))
    }
  }

  /// Shares that are asked for and lead to no ready pod.
  private func missing() -> [Symptom] {
    observation.routes.flatMap { route -> [Symptom] in
      guard route.id.resource.kind != .service else { return [] }
      return route.split.destinations.compactMap { destination in
        guard let asked = route.split.fraction(of: destination), asked > 0,
          let pods = route.readiness[destination], pods.ready == 0
        else { return nil }
        let why = pods.total == 0 ? "no pod is behind it" : "none of its \(pods.total) pods is ready"
        return Symptom(
          finding: Finding(
            id: Finding.ID(.unready, .route(route.id, destination)), severity: .failing,
            title: "\(route.id) \(destination.shortName)", figure: "asked \(Figures.asked(asked)), none ready",
            since: observation.now, isOlder: true, evidence: [why], node: destination.node),
          patience: Self.patience, suspects: [destination.node, destination.node.whole], weight: asked)
      }
    }
  }
}
