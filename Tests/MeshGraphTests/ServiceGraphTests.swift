import MeshGraph
import MeshModel
import Testing

private func service(_ name: String, _ version: String? = nil, in namespace: String = "shop") -> MeshNode {
  MeshNode(namespace: namespace, name: name, version: version)
}

private let ingress = MeshNode(.ingress, namespace: "istio-system", name: "gateway")
private let end = Timestamp(seconds: 1_800_000_000)

private func sample(_ edges: [(MeshNode, MeshNode, EdgeTraffic)]) -> EdgeSample {
  EdgeSample(
    end: end, window: .seconds(10), source: .accessLogs,
    edges: Dictionary(uniqueKeysWithValues: edges.map { (EdgeID(from: $0, to: $1), $2) }))
}

private func topology(_ services: [(String, [String?])], gateways: [MeshNode] = []) -> Topology {
  Topology(
    services: services.map { name, versions in
      Topology.Service(
        id: ServiceID(namespace: "shop", name: name), host: "\(name).shop.svc.cluster.local",
        versions: versions.map { .init(name: $0, pods: .init(ready: 2, total: 2)) })
    }, gateways: gateways.map { .init(node: $0, pods: .init(ready: 1, total: 1)) })
}

private func ok(_ requests: Double = 100) -> EdgeTraffic { EdgeTraffic(requests: requests, errors: 0) }

@Suite struct ServiceGraphTests {
  @Test func whatIsSentStandsWithItsFigures() throws {
    let graph = ServiceGraph(
      .init(edges: sample([(ingress, service("cart"), ok()), (service("cart"), service("stock"), ok(50))])))
    #expect(graph.nodes.map(\.id) == [.mesh(ingress), .mesh(service("cart")), .mesh(service("stock"))])
    #expect(graph.edges.count == 2)
    let cart = try #require(graph.node(.mesh(service("cart"))))
    #expect(cart.traffic?.requests == 100 && cart.health == .healthy)
    #expect(graph.perSecond(100) == 10)
    #expect(graph.node(.mesh(ingress))?.traffic?.requests == 100, "what nobody calls shows what it sends")
  }

  @Test func whatIsNotCalledIsIdle() throws {
    let graph = ServiceGraph(
      .init(
        edges: sample([(ingress, service("cart", "v1"), ok())]),
        topology: topology([("cart", ["v1", "v2"]), ("stock", [nil])], gateways: [ingress])))
    #expect(graph.node(.mesh(service("cart", "v2")))?.health == .idle)
    #expect(graph.node(.mesh(service("cart", "v2")))?.traffic?.requests == 0)
    #expect(graph.node(.mesh(service("stock")))?.health == .idle)
    #expect(graph.boxes.map(\.service.name) == ["cart"])
    #expect(graph.boxes.first?.nodes.count == 2)
  }

  /// Before anything was counted nothing is called idle.
  @Test func withoutFiguresNothingIsIdle() {
    let graph = ServiceGraph(.init(topology: topology([("cart", ["v1"])])))
    #expect(graph.nodes.map(\.health) == [.unknown])
    #expect(graph.nodes.first?.traffic == nil)
  }

  /// Where requests are told apart by service alone, nobody knows which version is idle.
  @Test func versionsThatNobodyTellsApartAreNotIdle() {
    let graph = ServiceGraph(
      .init(edges: sample([(ingress, service("cart"), ok())]), topology: topology([("cart", ["v1", "v2"])])))
    #expect(graph.node(.mesh(service("cart", "v1")))?.health == .unknown)
    #expect(graph.node(.mesh(service("cart", "v1")))?.traffic == nil)
  }

  /// A service with one version is one node, also for requests that came no further than its name.
  @Test func oneVersionIsOneNode() throws {
    let graph = ServiceGraph(
      .init(
        edges: sample([
          (ingress, service("cart"), EdgeTraffic(requests: 10, errors: 10)), (ingress, service("cart", "v1"), ok(90)),
        ]), topology: topology([("cart", ["v1"])])))
    let edge = try #require(graph.edges.first)
    #expect(graph.edges.count == 1 && graph.nodes.count == 2)
    #expect(edge.traffic.requests == 100 && edge.traffic.errors == 10 && edge.members.count == 2)
  }

  @Test func healthComesOfEnoughRequests() {
    func health(_ requests: Double, _ errors: Double?, p99: Duration? = nil) -> GraphHealth {
      var thresholds = HealthThresholds()
      thresholds.slowLatency = .seconds(1)
      return GraphHealth(of: EdgeTraffic(requests: requests, errors: errors, p99: p99), thresholds: thresholds)
    }
    #expect(health(0, 0) == .idle)
    #expect(health(19, 19) == .unknown, "too few to tell")
    #expect(health(100, nil) == .unknown, "nobody counts errors")
    #expect(health(1_000, 9) == .healthy)
    #expect(health(1_000, 10) == .warning)
    #expect(health(1_000, 50) == .failing)
    #expect(health(1_000, 0, p99: .seconds(2)) == .warning)
  }

  /// The thresholds are those of the service that is called.
  @Test func thresholdsAreOfTheServiceCalled() {
    var rules = HealthRules()
    rules.services[ServiceID(namespace: "shop", name: "cart")] = {
      var thresholds = HealthThresholds()
      thresholds.failingErrors = 0.5
      return thresholds
    }()
    let bad = EdgeTraffic(requests: 100, errors: 40)
    let edges = sample([(ingress, service("cart"), bad), (ingress, service("stock"), bad)])
    let graph = ServiceGraph(.init(edges: edges, rules: rules))
    #expect(graph.node(.mesh(service("cart")))?.health == .warning)
    #expect(graph.node(.mesh(service("stock")))?.health == .failing)
  }

  /// What fails is whom requests fail at, not who sends them; what nobody calls is judged by all that it sends.
  @Test func healthIsOfWhoIsCalled() {
    let bad = EdgeTraffic(requests: 100, errors: 40)
    let graph = ServiceGraph(
      .init(
        edges: sample([
          (ingress, service("cart"), ok(1_000)), (service("cart"), service("stock"), bad),
          (service("cart"), service("mail"), ok(3)),
        ])))
    #expect(graph.node(.mesh(ingress))?.health == .healthy)
    #expect(graph.node(.mesh(service("cart")))?.health == .healthy)
    #expect(graph.node(.mesh(service("stock")))?.health == .failing)
    #expect(graph.node(.mesh(service("mail")))?.health == .unknown)
  }

  @Test func findingsMarkTheirSubjects() {
    func finding(_ kind: Finding.Kind, _ subject: Finding.Subject, _ severity: Finding.Severity) -> Finding {
      Finding(id: .init(kind, subject), severity: severity, title: "", figure: "", since: end)
    }
    let cart = service("cart", "v1")
    let slow = finding(.slow, .edge(EdgeID(from: ingress, to: service("cart"))), .warning)
    let unready = finding(.unready, .node(cart), .failing)
    let graph = ServiceGraph(
      .init(
        edges: sample([(ingress, cart, ok())]), topology: topology([("cart", ["v1"])]), findings: [slow, unready]))
    #expect(graph.edges.first?.health == .warning && graph.edges.first?.findings == [slow.id])
    #expect(graph.node(.mesh(cart))?.health == .failing)
    #expect(graph.node(.mesh(cart))?.findings == [unready.id, slow.id], "worst first")
  }

  @Test func splitsSayWhatIsAskedAndSeen() {
    func destination(_ subset: String) -> Destination {
      Destination(host: "cart.shop.svc.cluster.local", subset: subset, port: 80)
    }
    let route = Route(
      id: RouteID(resource: ResourceID(kind: .virtualService, namespace: "shop", name: "cart"), rule: 0),
      resourceVersion: "1", mesh: "istio", hosts: [],
      split: TrafficSplit([
        .init(destination: destination("v1"), weight: 75), .init(destination: destination("v3"), weight: 25),
      ]))
    let edges = sample([(ingress, service("cart", "v1"), ok(60)), (ingress, service("cart", "v3"), ok(40))])
    let there = topology([("cart", ["v1", "v2", "v3"])])
    let byEdges = ServiceGraph(.init(edges: edges, topology: there, routes: [route]))
    #expect(byEdges.node(.mesh(service("cart", "v1")))?.split == .init(asked: 0.75, seen: 0.6))
    #expect(byEdges.node(.mesh(service("cart", "v2")))?.split == .init(asked: 0, seen: 0))
    let traffic = TrafficSample(
      end: end, window: .seconds(10),
      routes: [
        route.id: .init(
          source: .accessLogs, isByRule: true,
          destinations: [
            destination("v1"): DestinationTraffic(requests: 3), destination("v3"): DestinationTraffic(requests: 1),
          ])
      ])
    let byRule = ServiceGraph(.init(edges: edges, topology: there, routes: [route], traffic: traffic))
    #expect(byRule.node(.mesh(service("cart", "v3")))?.split == .init(asked: 0.25, seen: 0.25))
  }

  @Test func marksStandWithWhatTheyAreOf() {
    var there = topology([("cart", ["v1", "v2"]), ("stock", ["v1"])])
    there.marks = [
      .init(.circuitBreaker, on: service("cart"), detail: "a"), .init(.fault, on: service("cart", "v2"), detail: "b"),
      .init(.mirror, on: service("stock"), detail: "c"),
    ]
    there.ejections = [.init(node: service("stock"), address: "10.0.0.1:80", callers: [])]
    let graph = ServiceGraph(.init(edges: sample([]), topology: there))
    #expect(graph.serviceMarks[ServiceID(namespace: "shop", name: "cart")]?.map(\.kind) == [.circuitBreaker])
    #expect(graph.node(.mesh(service("cart", "v2")))?.marks.map(\.kind) == [.fault])
    #expect(graph.node(.mesh(service("stock", "v1")))?.marks.map(\.kind) == [.mirror])
    #expect(graph.node(.mesh(service("stock", "v1")))?.ejected == 1)
  }

  @Test func encryptionIsOfAllThatComes() {
    func edge(_ security: EdgeTraffic.Security, _ requests: Double = 100) -> EdgeTraffic {
      EdgeTraffic(requests: requests, errors: 0, security: security)
    }
    func security(_ one: EdgeTraffic, _ other: EdgeTraffic) -> EdgeTraffic.Security? {
      ServiceGraph(
        .init(edges: sample([(ingress, service("cart"), one), (service("mail"), service("cart"), other)]))
      ).node(.mesh(service("cart")))?.security
    }
    #expect(security(edge(.mutualTLS), edge(.mutualTLS)) == .mutualTLS)
    #expect(security(edge(.plaintext), edge(.plaintext)) == .plaintext)
    #expect(security(edge(.mutualTLS, 300), edge(.plaintext)) == .mixed(mutual: 0.75))
    #expect(security(edge(.mutualTLS), edge(.unknown)) == .unknown)
    #expect(security(edge(.mutualTLS), edge(.unknown, 0)) == .mutualTLS, "of nothing there is nothing to know")
  }

  @Test func whatIsOfElsewhereIsMarked() {
    let graph = ServiceGraph(
      .init(
        edges: sample([
          (ingress, service("cart"), ok()), (service("cart"), MeshNode.passthrough, ok()),
          (service("cart"), MeshNode.blackHole, ok()),
        ]), scope: .namespace("shop")))
    #expect(graph.nodes.filter { !$0.isOutside }.map(\.id) == [.mesh(service("cart"))])
  }

  @Test func mergedFiguresClaimNoMoreThanIsKnown() {
    let graph = ServiceGraph(
      .init(
        edges: sample([
          (
            ingress, service("cart"),
            EdgeTraffic(requests: 10, errors: 1, p99: .milliseconds(5), codes: ["200": 9, "503": 1])
          ),
          (service("mail"), service("cart"), EdgeTraffic(requests: 30, p99: .milliseconds(9), codes: ["200": 30])),
        ])))
    let traffic = graph.node(.mesh(service("cart")))?.traffic
    #expect(traffic?.requests == 40 && traffic?.errors == nil && traffic?.p99 == .milliseconds(9))
    #expect(traffic?.codes == ["200": 39, "503": 1])
  }
}

@Suite struct GraphViewTests {
  private let chain = ServiceGraph(
    .init(
      edges: sample([
        (ingress, service("a"), ok()), (service("a"), service("b"), ok()), (service("b"), service("c"), ok()),
        (service("b"), service("d"), EdgeTraffic(requests: 100, errors: 50)), (service("x"), service("d"), ok()),
      ])))

  private func names(_ graph: ServiceGraph) -> String {
    graph.nodes.map { node in
      switch node.id {
      case .mesh(let member): member.name
      case .namespace(let name): "[\(name)]"
      case .healthy(let namespace, let layer): "(\(namespace) \(layer): \(node.services))"
      }
    }.joined(separator: " ")
  }

  @Test func focusGoesAlongTheEdgesInOneDirection() {
    let b = ServiceGraph.NodeID.mesh(service("b"))
    #expect(names(chain.focused(on: [b], hops: 0)) == "b")
    #expect(names(chain.focused(on: [b], hops: 1)) == "a b c d", "not x: it neither calls b nor is called by it")
    #expect(names(chain.focused(on: [b], hops: 2)) == "gateway a b c d")
  }

  @Test func onlyTheUnhealthyAndWhoCallsIt() {
    let graph = chain.unhealthy()
    #expect(names(graph) == "b d")
    #expect(graph.edges.count == 1)
  }

  @Test func hidingFollowsAnExpression() throws {
    let idle = try Expression("err > 1% or gate", fields: GraphSubject.fields)
    #expect(names(chain.hiding(idle)) == "a b c x")
    #expect(names(chain.hiding(try Expression("!healthy", fields: GraphSubject.fields))) == "gateway a b c x")
  }

  @Test func namespacesFoldIntoOneNode() throws {
    var folds = ServiceGraph.Folds()
    folds.namespaces = ["shop"]
    let graph = chain.folded(folds)
    #expect(names(graph) == "gateway [shop]")
    #expect(graph.edges.count == 1)
    #expect(graph.node(.namespace("shop"))?.health == .failing, "what is folded is not hidden")
    #expect(graph.place(of: service("c")) == .namespace("shop"))
  }

  /// Many nodes become groups by how far away from the entry they are; what fails stays out.
  @Test func manyNodesBecomeGroups() {
    var edges: [(MeshNode, MeshNode, EdgeTraffic)] = []
    for number in 0..<50 {
      edges.append((ingress, service("front\(number)"), ok()))
      edges.append(
        (
          service("front\(number)"), service("back\(number)"),
          number == 7 ? EdgeTraffic(requests: 100, errors: 90) : ok()
        ))
    }
    let graph = ServiceGraph(.init(edges: sample(edges), scope: .namespace("shop")))
    var folds = ServiceGraph.Folds()
    #expect(names(graph.folded(folds)) == "gateway back7 (shop 1: 50) (shop 2: 49)")
    #expect(graph.folded(folds).edges.map(\.traffic.requests).reduce(0, +) == 10_000, "nothing is lost")
    folds.kept = [.mesh(service("front3"))]
    #expect(graph.folded(folds).node(.mesh(service("front3"))) != nil)
    folds.opened = [.healthy(namespace: "shop", layer: 2)]
    #expect(graph.folded(folds).nodes.count == 1 + 50 + 1 + 1)
  }

  @Test func severalNamespacesFoldEach() {
    var edges: [(MeshNode, MeshNode, EdgeTraffic)] = []
    for number in 0..<40 {
      edges.append((ingress, service("a\(number)", in: "one"), ok()))
      edges.append((service("a\(number)", in: "one"), service("b\(number)", in: "two"), ok()))
    }
    let graph = ServiceGraph(.init(edges: sample(edges))).folded(.init())
    #expect(names(graph) == "gateway (one 0: 40) (two 0: 40)")
    #expect(graph.edges.count == 2)
  }

  @Test func theSameWhateverTheOrder() {
    var edges: [(MeshNode, MeshNode, EdgeTraffic)] = []
    for number in 0..<30 {
      edges.append(
        (service("a\(number % 7)"), service("b\(number)"), EdgeTraffic(requests: Double(number) + 0.1, errors: 0.3)))
    }
    let one = ServiceGraph(.init(edges: sample(edges)))
    let other = ServiceGraph(.init(edges: sample(edges.reversed())))
    #expect(one == other)
  }
}
