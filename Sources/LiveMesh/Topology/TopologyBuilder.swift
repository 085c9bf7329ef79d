import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel

/// Says what there is in the mesh, from the resources alone.
struct TopologyBuilder {
  private let resources: AskedResources
  /// Those that have not ended.
  private let pods: [Pod]
  /// The places of the pods behind each Service.
  private let selection: [ServiceID: [Int]]

  init(_ resources: AskedResources, _ pods: [Pod], _ selection: [ServiceID: [Int]]) {
    self.resources = resources
    self.pods = pods
    self.selection = selection
  }

  func topology() -> Topology {
    Topology(
      services: services(), gateways: gateways(), marks: ruleMarks() + gatewayRuleMarks() + policyMarks(),
      addresses: addresses())
  }

  /// Pods on their node's network share its address.
  private func addresses() -> [String: ProxyID] {
    Dictionary(grouping: pods.filter { $0.ip != nil }) { $0.ip ?? "" }.compactMapValues {
      $0.count == 1 ? ProxyID($0[0]) : nil
    }
  }

  /// A gateway's Service is told as a gateway.
  private func services() -> [Topology.Service] {
    (resources.services ?? []).compactMap { service -> Topology.Service? in
      let id = ServiceID(namespace: service.namespace, name: service.name)
      let all = (selection[id] ?? []).map { pods[$0] }
      let selected = all.filter { !$0.isGateway }
      guard !service.selector.isEmpty, !selected.isEmpty || all.isEmpty else { return nil }
      let versions = Dictionary(grouping: selected, by: \.canonicalRevision).map { name, pods in
        Topology.Version(
          name: name, workloads: Set(pods.map(\.workload)).sorted(), pods: Route.Readiness(pods),
          unready: pods.filter { !$0.isAvailable && !$0.isBeingDeleted }.map(\.whyUnready).sorted())
      }
      return Topology.Service(
        id: id, host: resolvedHost(service.name, in: service.namespace),
        versions: versions.sorted { ($0.name ?? "") < ($1.name ?? "") },
        healthAnnotation: service.object.annotations["health.kiali.io/rate"])
    }.sorted { $0.id < $1.id }
  }

  private func gateways() -> [Topology.Gateway] {
    let groups = Dictionary(grouping: pods.filter(\.isGateway)) {
      MeshNode(gateway: $0.workload, in: $0.namespace, isEgress: $0.isEgress)
    }
    return groups.map { Topology.Gateway(node: $0, pods: Route.Readiness($1)) }.sorted { $0.node < $1.node }
  }

  private func ruleMarks() -> [Topology.Mark] {
    (resources.virtualServices ?? []).flatMap { service in
      service.rules.flatMap { rule -> [Topology.Mark] in
        let targets = rule.destinations.filter { $0.weight != 0 || rule.destinations.count == 1 }
          .map { Destination($0.destination).node }
        var marks: [Topology.Mark] = []
        if let fault = rule.fault { marks += targets.map { Topology.Mark(.fault, on: $0, detail: fault) } }
        if let timeout = rule.timeout { marks += targets.map { Topology.Mark(.timeout, on: $0, detail: timeout) } }
        if let attempts = rule.retryAttempts {
          marks += targets.map { Topology.Mark(.retries, on: $0, detail: Figures.count(attempts, "try", "tries")) }
        }
        marks += rule.mirrors.map { mirror in
          Topology.Mark(
            .mirror, on: Destination(mirror.destination).node,
            detail: "gets a copy of \(Figures.decimals(mirror.percent, 0)) % of \(service.name)'s requests")
        }
        return marks
      }
    }.unique()
  }

  private func gatewayRuleMarks() -> [Topology.Mark] {
    func marks(_ route: some GatewayRoute) -> [Topology.Mark] {
      route.rules.flatMap { rule -> [Topology.Mark] in
        let targets = rule.backends.filter { $0.weight != 0 }.map { Destination($0.reference).node }
        var marks: [Topology.Mark] = []
        if let timeout = rule.timeout { marks += targets.map { Topology.Mark(.timeout, on: $0, detail: timeout) } }
        if let attempts = rule.retryAttempts {
          marks += targets.map { Topology.Mark(.retries, on: $0, detail: Figures.count(attempts, "try", "tries")) }
        }
        marks += rule.mirrors.map { mirror in
          Topology.Mark(
            .mirror, on: Destination(mirror.reference).node,
            detail: "gets a copy of \(Figures.decimals(mirror.percent, 0)) % of \(route.name)'s requests")
        }
        return marks
      }
    }
    return ((resources.httpRoutes ?? []).flatMap(marks) + (resources.grpcRoutes ?? []).flatMap(marks)).unique()
  }

  private func policyMarks() -> [Topology.Mark] {
    (resources.destinationRules ?? []).flatMap { rule -> [Topology.Mark] in
      let whole = rule.circuitBreaker.map { [(subset: String?.none, detail: $0)] } ?? []
      let parts = rule.subsets.compactMap { subset in subset.circuitBreaker.map { (String?.some(subset.name), $0) } }
      return (whole + parts).map { subset, detail in
        Topology.Mark(
          .circuitBreaker, on: Destination(host: rule.fullHost, subset: subset).node, detail: detail)
      }
    }.unique()
  }
}

extension Route.Readiness {
  fileprivate init(_ pods: [Pod]) {
    self.init(ready: pods.filter(\.isAvailable).count, total: pods.filter { !$0.isBeingDeleted }.count)
  }
}

extension Pod {
  var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }
  fileprivate var isAvailable: Bool { isReady && !isBeingDeleted }

  /// The pod, and what its containers wait for where they say so.
  fileprivate var whyUnready: String {
    let reason =
      containers.compactMap(\.waitingReason).first ?? condition("Ready")?.message ?? condition("Ready")?.reason
    return reason.map { "\(name) (\($0))" } ?? name
  }
}

extension Array where Element: Hashable {
  /// Each once, in the order in which they stand first.
  fileprivate func unique() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
