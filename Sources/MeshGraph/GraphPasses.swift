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

/// The passes in which a graph is built, each of which adds one thing to what those before it left. Nodes and edges are
/// named by their places here: a mesh has thousands of them, and each look by name costs as much as what is done to it.
private struct GraphPasses {
  private typealias Place = Int

  private let inputs: ServiceGraph.Inputs
  private var nodes: [ServiceGraph.Node] = []
  /// What each node is, by its place.
  private var names: [MeshNode] = []
  private var places: [MeshNode: Place] = [:]
  /// In order.
  private var edges: [ServiceGraph.Edge] = []
  private var edgePlaces: [EdgeID: Place] = [:]
  /// The edges that end, and that begin, at each node, in order.
  private var incoming: [[Place]] = []
  private var outgoing: [[Place]] = []
  private var serviceMarks: [ServiceID: [Topology.Mark]] = [:]
  /// The one version of each service that anything tells of; `nil` where there are several.
  private var onlyVersion: [ServiceID: String?] = [:]
  private var hosts: [String: ServiceID] = [:]

  init(_ inputs: ServiceGraph.Inputs) {
    self.inputs = inputs
    for service in inputs.topology?.services ?? [] {
      hosts[service.host] = service.id
      for case let version? in service.versions.map(\.name) { note(version, of: service.id) }
    }
    for edge in (inputs.edges?.edges ?? [:]).keys {
      for node in [edge.source, edge.destination] where node.kind == .service {
        if let version = node.version { note(version, of: node.service) }
      }
    }
  }

  private mutating func note(_ version: String, of service: ServiceID) {
    if let known = onlyVersion[service] {
      if known != version { onlyVersion[service] = .some(nil) }
    } else {
      onlyVersion[service] = version
    }
  }

  var graph: ServiceGraph {
    var graph = ServiceGraph()
    graph.nodes = nodes.indices.sorted { names[$0] < names[$1] }.map { nodes[$0] }
    graph.edges = edges
    graph.serviceMarks = serviceMarks
    graph.window = inputs.edges?.window ?? .zero
    for place in graph.boxes.flatMap(\.nodes) { graph.nodes[place].hasSiblings = true }
    return graph
  }

  /// The node that stands for one of the sample or of a finding: of a service with one version, that version, whether or
  /// not a request came as far as it.
  private func drawn(_ node: MeshNode) -> MeshNode {
    guard node.kind == .service, node.version == nil, case let version?? = onlyVersion[node.service] else {
      return node
    }
    return MeshNode(namespace: node.namespace, name: node.name, version: version)
  }

  /// Where the node stands, which it does from now on.
  private mutating func place(of node: MeshNode) -> Place {
    if let place = places[node] { return place }
    places[node] = nodes.count
    nodes.append(ServiceGraph.Node(id: .mesh(node), members: [node]))
    names.append(node)
    incoming.append([])
    outgoing.append([])
    return nodes.count - 1
  }

  // MARK: What the figures tell

  mutating func addTraffic() {
    var parts: [EdgeID: [(id: EdgeID, traffic: EdgeTraffic)]] = [:]
    for (id, traffic) in inputs.edges?.edges ?? [:] {
      parts[EdgeID(from: drawn(id.source), to: drawn(id.destination), id.traffic), default: []].append((id, traffic))
    }
    // In order, as sums of fractions depend on it.
    for (id, found) in parts.sorted(by: { $0.key < $1.key }) {
      let members = found.count == 1 ? found : found.sorted { $0.id < $1.id }
      guard let traffic = EdgeTraffic(merging: members.map(\.traffic)) else { continue }
      edgePlaces[id] = edges.count
      incoming[place(of: id.destination)].append(edges.count)
      outgoing[place(of: id.source)].append(edges.count)
      edges.append(
        ServiceGraph.Edge(
          id: .init(from: .mesh(id.source), to: .mesh(id.destination), id.traffic), members: members.map(\.id),
          traffic: traffic))
    }
    for place in nodes.indices {
      let counted = incoming[place].isEmpty ? outgoing[place] : incoming[place]
      nodes[place].traffic = EdgeTraffic(merging: counted.map { edges[$0].traffic })
    }
  }

  // MARK: What there is besides

  mutating func addIdle() {
    guard let topology = inputs.topology else { return }
    let gateways = Set(topology.gateways.map(\.node.service))
    let called = names.indices.filter { !incoming[$0].isEmpty }.map { names[$0] }
    let calledWhole = Set(called.filter { $0.version == nil })
    let toldApart = Set(called.lazy.filter { $0.version != nil }.map(\.service))
    for gateway in topology.gateways {
      let place = place(of: gateway.node)
      nodes[place].pods = gateway.pods
      noteIdle(place)
    }
    for service in topology.services where !gateways.contains(service.id) {
      let whole = MeshNode(namespace: service.id.namespace, name: service.id.name)
      // Where requests are told apart by service alone, nobody knows which of several versions is idle.
      let isUntold = service.versions.count > 1 && calledWhole.contains(whole) && !toldApart.contains(service.id)
      for version in service.versions.isEmpty ? [.init(name: nil, pods: .init(ready: 0, total: 0))] : service.versions {
        let place = place(
          of: MeshNode(namespace: service.id.namespace, name: service.id.name, version: version.name))
        nodes[place].pods = version.pods
        if !isUntold {
          noteIdle(place)
        } else if nodes[place].traffic == nil {
          nodes[place].health = .unknown
        }
      }
    }
    for ejection in topology.ejections {
      if let place = places[drawn(ejection.node)] { nodes[place].ejected += 1 }
    }
    for mark in topology.marks {
      let node = drawn(mark.node)
      if let place = places[node] {
        nodes[place].marks.append(mark)
      } else {
        serviceMarks[node.service, default: []].append(mark)
      }
    }
  }

  /// Nothing was counted for it, by those who count.
  private mutating func noteIdle(_ place: Place) {
    guard inputs.edges != nil, nodes[place].traffic == nil else { return }
    nodes[place].traffic = EdgeTraffic(requests: 0, errors: 0)
  }

  // MARK: How it fares

  mutating func judge() {
    for (id, place) in edgePlaces {
      edges[place].health = GraphHealth(
        of: edges[place].traffic, thresholds: inputs.rules.thresholds(for: id.destination.service))
    }
    for place in nodes.indices {
      if !incoming[place].isEmpty {
        let health = incoming[place].map { edges[$0].health }.worst()
        nodes[place].health = health
        nodes[place].culprit = culprit(among: incoming[place], faring: health)
      } else if let traffic = nodes[place].traffic {
        // What nobody is seen to call is judged by all that it gets from those it calls.
        nodes[place].health = GraphHealth(of: traffic, thresholds: inputs.rules.thresholds(for: names[place].service))
      } else if inputs.edges == nil {
        nodes[place].health = .unknown
      }
    }
    for finding in inputs.findings.sorted(by: { $0.severity < $1.severity }) { mark(finding) }
  }

  private func culprit(among calls: [Place], faring worst: GraphHealth) -> ServiceGraph.Culprit? {
    guard worst.isUnhealthy, calls.count > 1 else { return nil }
    let bad = calls.filter { edges[$0].health == worst }
    guard bad.count == 1, case .mesh(let caller) = edges[bad[0]].id.source, let rate = edges[bad[0]].traffic.errorRate
    else { return nil }
    return ServiceGraph.Culprit(caller: caller, errorRate: rate)
  }

  private mutating func mark(_ finding: Finding) {
    let health = GraphHealth(finding.severity)
    func worsen(_ node: MeshNode) {
      guard let place = places[node] else { return }
      nodes[place].health = max(nodes[place].health, health)
      nodes[place].findings.append(finding.id)
    }
    switch finding.id.subject {
    case .edge(let id):
      let id = EdgeID(from: drawn(id.source), to: drawn(id.destination), id.traffic)
      if let place = edgePlaces[id] {
        edges[place].health = max(edges[place].health, health)
        edges[place].findings.append(finding.id)
      }
      worsen(id.destination)
    case .node(let node): worsen(drawn(node))
    case .route(_, let destination): if let place = place(of: destination) { worsen(names[place]) }
    case .proxies: break
    }
  }

  // MARK: What was asked of it

  /// The rule that divides most of a service's requests, and the version that each of its destinations is.
  private struct Division {
    let route: Route
    let requests: Int
    let places: [Place: Destination]
  }

  mutating func addSplits() {
    var busiest: [ServiceID: Division] = [:]
    for route in inputs.routes where route.isSplit {
      let shares = route.split.destinations.compactMap { destination in
        place(of: destination).map { ($0, destination) }
      }
      guard let service = shares.first.map({ names[$0.0].service }),
        shares.allSatisfy({ names[$0.0].service == service })
      else { continue }
      let requests = inputs.traffic?.routes[route.id]?.destinations.values.reduce(0) { $0 + $1.requests } ?? 0
      // Of several rules for one service the busiest counts; without figures the last: it takes what others leave.
      if let other = busiest[service], other.requests > requests { continue }
      busiest[service] = Division(
        route: route, requests: requests, places: Dictionary(shares, uniquingKeysWith: { first, _ in first }))
    }
    var versions: [ServiceID: [Place]] = [:]
    for (place, name) in names.enumerated() where name.kind == .service && name.version != nil {
      if busiest[name.service] != nil { versions[name.service, default: []].append(place) }
    }
    for (service, versions) in versions where versions.count > 1 {
      if let division = busiest[service] { add(division, over: versions) }
    }
  }

  private mutating func add(_ division: Division, over versions: [Place]) {
    let counted = inputs.traffic?.routes[division.route.id].flatMap { $0.isByRule ? $0 : nil }
    let all = versions.reduce(0) { $0 + (nodes[$1].traffic?.requests ?? 0) }
    for place in versions {
      let destination = division.places[place]
      let seen =
        counted.map { counted in destination.flatMap { counted.seen($0)?.share } }
        ?? (all > 0 ? nodes[place].traffic.map { $0.requests / all } : nil)
      nodes[place].split = .init(asked: destination.map { division.route.split.fraction(of: $0) } ?? 0, seen: seen)
    }
  }

  /// What a destination stands for in the graph: a subset by the name of its version.
  private func place(of destination: Destination) -> Place? {
    let node =
      hosts[destination.host].map {
        MeshNode(namespace: $0.namespace, name: $0.name, version: destination.subset)
      } ?? destination.node
    return places[drawn(node)]
  }

  // MARK: Whether it was encrypted

  mutating func addSecurity() {
    for place in nodes.indices where !incoming[place].isEmpty {
      nodes[place].security = EdgeTraffic.Security(merging: incoming[place].map { edges[$0].traffic })
    }
  }

  // MARK: What is of elsewhere

  mutating func addExternal() {
    guard case .namespace(let namespace) = inputs.scope else { return }
    for place in nodes.indices where names[place].namespace != namespace { nodes[place].isOutside = true }
  }
}
