public import MeshModel

extension ServiceGraph {
  /// Everything that a graph is made from. What is of now says nothing of a past moment: leave it empty for that.
  public struct Inputs: Sendable {
    public var edges: EdgeSample?
    public var topology: Topology?
    public var routes: [Route]
    /// What each rule sent where: shares by rule come from it.
    public var traffic: TrafficSample?
    public var findings: [Finding]
    public var scope: Scope
    public var rules: HealthRules

    public init(
      edges: EdgeSample? = nil, topology: Topology? = nil, routes: [Route] = [], traffic: TrafficSample? = nil,
      findings: [Finding] = [], scope: Scope = .allNamespaces, rules: HealthRules = HealthRules()
    ) {
      self.edges = edges
      self.topology = topology
      self.routes = routes
      self.traffic = traffic
      self.findings = findings
      self.scope = scope
      self.rules = rules
    }
  }

  public init(_ inputs: Inputs) {
    var passes = GraphPasses(inputs)
    passes.addTraffic()
    passes.addIdle()
    passes.judge()
    passes.addSplits()
    passes.addSecurity()
    passes.addExternal()
    self = passes.graph
  }
}

/// The passes in which a graph is built, each of which adds one thing to what those before it left.
private struct GraphPasses {
  private let inputs: ServiceGraph.Inputs
  private var nodes: [MeshNode: ServiceGraph.Node] = [:]
  private var edges: [EdgeID: ServiceGraph.Edge] = [:]
  private var incoming: [MeshNode: [EdgeID]] = [:]
  private var outgoing: [MeshNode: [EdgeID]] = [:]
  private var serviceMarks: [ServiceID: [Topology.Mark]] = [:]
  /// The versions of each service, as far as anything tells.
  private var versions: [ServiceID: Set<String>] = [:]
  private var hosts: [String: ServiceID] = [:]

  init(_ inputs: ServiceGraph.Inputs) {
    self.inputs = inputs
    for service in inputs.topology?.services ?? [] {
      hosts[service.host] = service.id
      versions[service.id, default: []].formUnion(service.versions.compactMap(\.name))
    }
    for edge in (inputs.edges?.edges ?? [:]).keys {
      for node in [edge.source, edge.destination] where node.kind == .service {
        if let version = node.version { versions[node.service, default: []].insert(version) }
      }
    }
  }

  var graph: ServiceGraph {
    var graph = ServiceGraph()
    graph.nodes = nodes.keys.sorted().compactMap { nodes[$0] }
    graph.edges = edges.keys.sorted().compactMap { edges[$0] }
    graph.serviceMarks = serviceMarks
    graph.window = inputs.edges?.window ?? .zero
    for place in graph.boxes.flatMap(\.nodes) { graph.nodes[place].hasSiblings = true }
    return graph
  }

  /// The node that stands for one of the sample or of a finding: of a service with one version, that version, whether or
  /// not a request came as far as it.
  private func drawn(_ node: MeshNode) -> MeshNode {
    guard node.kind == .service, node.version == nil, let all = versions[node.service], all.count == 1 else {
      return node
    }
    return MeshNode(namespace: node.namespace, name: node.name, version: all.first)
  }

  private mutating func add(_ node: MeshNode) {
    if nodes[node] == nil { nodes[node] = ServiceGraph.Node(id: .mesh(node), members: [node]) }
  }

  // MARK: What the figures tell

  mutating func addTraffic() {
    var parts: [EdgeID: [(id: EdgeID, traffic: EdgeTraffic)]] = [:]
    for (id, traffic) in inputs.edges?.edges ?? [:] {
      parts[EdgeID(from: drawn(id.source), to: drawn(id.destination), id.traffic), default: []].append((id, traffic))
    }
    for (id, found) in parts {
      let members = found.count == 1 ? found : found.sorted { $0.id < $1.id }
      guard let traffic = EdgeTraffic(merging: members.map(\.traffic)) else { continue }
      add(id.source)
      add(id.destination)
      edges[id] = ServiceGraph.Edge(
        id: .init(from: .mesh(id.source), to: .mesh(id.destination), id.traffic), members: members.map(\.id),
        traffic: traffic)
      incoming[id.destination, default: []].append(id)
      outgoing[id.source, default: []].append(id)
    }
    for node in nodes.keys {
      // In order, as sums of fractions depend on it.
      let counted = incoming[node] ?? outgoing[node] ?? []
      nodes[node]?.traffic = EdgeTraffic(merging: counted.sorted().compactMap { edges[$0]?.traffic })
    }
  }

  // MARK: What there is besides

  mutating func addIdle() {
    guard let topology = inputs.topology else { return }
    let gateways = Set(topology.gateways.map(\.node.service))
    let toldApart = Set(incoming.keys.lazy.filter { $0.version != nil }.map(\.service))
    for gateway in topology.gateways {
      add(gateway.node)
      nodes[gateway.node]?.pods = gateway.pods
      noteIdle(gateway.node)
    }
    for service in topology.services where !gateways.contains(service.id) {
      let whole = MeshNode(namespace: service.id.namespace, name: service.id.name)
      // Where requests are told apart by service alone, nobody knows which of several versions is idle.
      let isWhole = service.versions.count > 1 && incoming[whole] != nil
      for version in service.versions.isEmpty ? [.init(name: nil, pods: .init(ready: 0, total: 0))] : service.versions {
        let node = MeshNode(namespace: service.id.namespace, name: service.id.name, version: version.name)
        add(node)
        nodes[node]?.pods = version.pods
        if !isWhole || toldApart.contains(service.id) {
          noteIdle(node)
        } else if nodes[node]?.traffic == nil {
          nodes[node]?.health = .unknown
        }
      }
    }
    for ejection in topology.ejections { nodes[drawn(ejection.node)]?.ejected += 1 }
    for mark in topology.marks {
      let node = drawn(mark.node)
      if nodes[node] != nil {
        nodes[node]?.marks.append(mark)
      } else {
        serviceMarks[node.service, default: []].append(mark)
      }
    }
  }

  /// Nothing was counted for it, by those who count.
  private mutating func noteIdle(_ node: MeshNode) {
    guard inputs.edges != nil, nodes[node]?.traffic == nil else { return }
    nodes[node]?.traffic = EdgeTraffic(requests: 0, errors: 0)
  }

  // MARK: How it fares

  mutating func judge() {
    for id in edges.keys {
      guard let traffic = edges[id]?.traffic else { continue }
      edges[id]?.health = GraphHealth(of: traffic, thresholds: inputs.rules.thresholds(for: id.destination.service))
    }
    for node in nodes.keys {
      if let callers = incoming[node] {
        nodes[node]?.health = callers.compactMap { edges[$0]?.health }.worst()
        let culprit = culprit(among: callers)
        nodes[node]?.culprit = culprit
      } else if let traffic = nodes[node]?.traffic {
        // What nobody is seen to call is judged by all that it gets from those it calls.
        nodes[node]?.health = GraphHealth(of: traffic, thresholds: inputs.rules.thresholds(for: node.service))
      } else if inputs.edges == nil {
        nodes[node]?.health = .unknown
      }
    }
    for finding in inputs.findings.sorted(by: { $0.severity < $1.severity }) { mark(finding) }
  }

  private func culprit(among callers: [EdgeID]) -> ServiceGraph.Culprit? {
    let worst = callers.compactMap { edges[$0]?.health }.worst()
    let bad = callers.filter { edges[$0]?.health == worst }
    guard worst.isUnhealthy, callers.count > 1, bad.count == 1, let rate = edges[bad[0]]?.traffic.errorRate else {
      return nil
    }
    return ServiceGraph.Culprit(caller: bad[0].source, errorRate: rate)
  }

  private mutating func mark(_ finding: Finding) {
    let health = GraphHealth(finding.severity)
    func worsen(_ node: MeshNode) {
      guard let known = nodes[node] else { return }
      nodes[node]?.health = max(known.health, health)
      nodes[node]?.findings.append(finding.id)
    }
    switch finding.id.subject {
    case .edge(let id):
      let id = EdgeID(from: drawn(id.source), to: drawn(id.destination), id.traffic)
      if let known = edges[id] {
        edges[id]?.health = max(known.health, health)
        edges[id]?.findings.append(finding.id)
      }
      worsen(id.destination)
    case .node(let node): worsen(drawn(node))
    case .route(_, let destination): if let node = node(of: destination) { worsen(node) }
    case .proxies: break
    }
  }

  // MARK: What was asked of it

  mutating func addSplits() {
    for route in inputs.routes where route.isSplit {
      let shares = route.split.destinations.compactMap { destination in
        node(of: destination).map { (node: $0, destination: destination) }
      }
      guard let service = shares.first?.node.service, shares.allSatisfy({ $0.node.service == service }) else {
        continue
      }
      let counted = inputs.traffic?.routes[route.id]
      let requests = counted?.destinations.values.reduce(0) { $0 + $1.requests } ?? 0
      // Of several rules for one service the busiest counts; without figures the last: it takes what others leave.
      if let other = busiest[service], other.requests > requests { continue }
      busiest[service] = (requests, route)
    }
    let versions = Dictionary(
      grouping: nodes.keys.filter { $0.kind == .service && $0.version != nil }, by: \.service)
    for (service, entry) in busiest { addSplit(entry.route, over: versions[service] ?? []) }
  }

  private var busiest: [ServiceID: (requests: Int, route: Route)] = [:]

  private mutating func addSplit(_ route: Route, over nodes: [MeshNode]) {
    let counted = inputs.traffic?.routes[route.id].flatMap { $0.isByRule ? $0 : nil }
    guard nodes.count > 1 else { return }
    let all = nodes.reduce(0) { $0 + (self.nodes[$1]?.traffic?.requests ?? 0) }
    for node in nodes {
      let destination = route.split.destinations.first { self.node(of: $0) == node }
      let seen =
        counted.map { counted in destination.flatMap { counted.seen($0)?.share } }
        ?? (all > 0 ? (self.nodes[node]?.traffic?.requests).map { $0 / all } : nil)
      self.nodes[node]?.split = .init(asked: destination.map { route.split.fraction(of: $0) } ?? 0, seen: seen)
    }
  }

  /// What a destination stands for in the graph: a subset by the name of its version.
  private func node(of destination: Destination) -> MeshNode? {
    let node =
      hosts[destination.host].map {
        MeshNode(namespace: $0.namespace, name: $0.name, version: destination.subset)
      } ?? destination.node
    let drawn = drawn(node)
    return nodes[drawn] == nil ? nil : drawn
  }

  // MARK: Whether it was encrypted

  mutating func addSecurity() {
    for (node, callers) in incoming {
      nodes[node]?.security = EdgeTraffic.Security(merging: callers.compactMap { edges[$0]?.traffic })
    }
  }

  // MARK: What is of elsewhere

  mutating func addExternal() {
    guard case .namespace(let namespace) = inputs.scope else { return }
    for node in nodes.keys where node.namespace != namespace { nodes[node]?.isOutside = true }
  }
}
