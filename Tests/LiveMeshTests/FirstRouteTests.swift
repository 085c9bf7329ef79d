import GatewayAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Peers
import Testing
import Transport

@testable import LiveMesh

/// The first routing of a Service: what is made of it, and when it counts as applied.
@Suite(.timeLimit(.minutes(1))) struct FirstRouteTests {
  private let folder: TemporaryFolder
  private let first = Destination(host: "reviews-v1.bookinfo.svc.cluster.local")
  private let second = Destination(host: "reviews-v3.bookinfo.svc.cluster.local")

  init() throws { folder = try TemporaryFolder() }

  /// A cluster that has these objects, by the end of their path, and keeps what it is sent.
  private func cluster(_ objects: [String: String]) -> ScriptedClient {
    ScriptedClient { request in
      let path = String(request.target.prefix { $0 != "?" })
      switch request.method {
      case .get, .patch:
        if let found = objects.first(where: { path.hasSuffix($0.key) }) { return .status(200, found.value) }
        return .status(
          404,
          #"{"kind":"Status","apiVersion":"v1","reason":"NotFound","message":"not found","code":404,"details":{"name":"x"}}"#
        )
      case .delete: return .status(200, #"{"kind":"Status","apiVersion":"v1","status":"Success"}"#)
      default: return .status(201, String(decoding: request.body ?? [], as: UTF8.self))
      }
    }
  }

  private func writer(_ client: ScriptedClient, _ type: KubernetesAPI.ResourceType) -> ChangeWriter {
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    return ChangeWriter(
      kubernetes: KubernetesClient(access, over: client, gate: .open), type: type,
      journal: Journal(path: folder.path + "/changes.jsonl"), context: "prod", user: "ada",
      clock: HandClock.ticking(from: Timestamp(seconds: 1_000_000), by: .seconds(1))
    ) { _, _ in ChangeFindings() }
  }

  private func draft(
    _ kind: ResourceKind, _ split: TrafficSplit, port: Int? = nil, _ direction: Edit.Direction = .making
  ) -> ChangeDraft {
    ChangeDraft(
      route: RouteID(resource: ResourceID(kind: kind, namespace: "bookinfo", name: "reviews"), rule: 0),
      resourceVersion: "", edit: .firstRoute(FirstRoute(host: reviews, port: port, split: split), direction))
  }

  private func service(ports: String) -> String {
    #"{"metadata":{"name":"reviews","namespace":"bookinfo","resourceVersion":"1"},"spec":{"ports":[\#(ports)]}}"#
  }

  private func sent(_ client: ScriptedClient) throws -> [JSONValue] {
    try client.writes.map { try JSONValue(parsing: $0.body ?? []) }
  }

  @Test func servicesMakeAnHTTPRouteOfTheirPort() async throws {
    let client = cluster(["/services/reviews": service(ports: #"{"port":9080}"#)])
    let made = try await writer(client, .httpRoute).apply(draft(.httpRoute, TrafficSplit([first: 3, second: 1])))
    let body = try #require(try sent(client).first)
    #expect(client.writes.map(\.method) == [.post])
    #expect(
      body["spec"] == [
        "parentRefs": [["group": "", "kind": "Service", "name": "reviews", "port": 9080]],
        "rules": [
          [
            "backendRefs": [
              ["group": "", "kind": "Service", "name": "reviews-v1", "port": 9080, "weight": 3],
              ["group": "", "kind": "Service", "name": "reviews-v3", "port": 9080, "weight": 1],
            ]
          ]
        ],
      ])
    // The rules are read back with their ports: so they stand in the journal.
    #expect(made.change.after.destinations.map(\.port) == [9080, 9080] && made.change.match == "any")
  }

  @Test func ofSeveralPortsOneMustBeNamed() async throws {
    let client = cluster(["/services/reviews": service(ports: #"{"port":9080},{"port":9081}"#)])
    await #expect(
      throws: ChangeFailure.refused("Service reviews has the ports 9080, 9081: say which one is to be routed")
    ) {
      try await writer(client, .httpRoute).apply(draft(.httpRoute, TrafficSplit([first: 1])))
    }
    _ = try await writer(client, .httpRoute).apply(draft(.httpRoute, TrafficSplit([first: 1]), port: 9081))
    #expect(try sent(client).map { $0["spec"]?["parentRefs"]?.array?.first?["port"] } == [9081])
    await #expect(throws: ChangeFailure.self) {
      try await writer(client, .httpRoute).apply(draft(.httpRoute, TrafficSplit([v1: 1]), port: 9081))
    }
  }

  @Test func versionsGetTheSubsetsThatAreMissingBeforeTheirRoute() async throws {
    let rule = #"""
      {"metadata":{"name":"own","namespace":"bookinfo","resourceVersion":"5"},
       "spec":{"host":"reviews","subsets":[{"name":"v1","labels":{"version":"v1"}}]}}
      """#
    let client = cluster([
      "/destinationrules": #"{"kind":"DestinationRuleList","metadata":{"resourceVersion":"5"},"items":[\#(rule)]}"#,
      "/destinationrules/own": rule,
    ])
    _ = try await writer(client, .virtualService).apply(draft(.virtualService, TrafficSplit([v1: 90, v3: 10])))
    #expect(client.writes.map(\.method) == [.patch, .post])
    let bodies = try sent(client)
    #expect(
      bodies[0] == [
        ["op": "test", "path": "/metadata/resourceVersion", "value": "5"],
        ["op": "add", "path": "/spec/subsets/-", "value": ["name": "v3", "labels": ["version": "v3"]]],
      ])
    #expect(
      bodies[1]["spec"] == [
        "hosts": ["reviews"],
        "http": [
          [
            "route": [
              ["destination": ["host": "reviews", "subset": "v1"], "weight": 90],
              ["destination": ["host": "reviews", "subset": "v3"], "weight": 10],
            ]
          ]
        ],
      ])
  }

  @Test func whereNoDestinationRuleIsOneIsMade() async throws {
    let client = cluster([
      "/destinationrules": #"{"kind":"DestinationRuleList","metadata":{"resourceVersion":"5"},"items":[]}"#
    ])
    _ = try await writer(client, .virtualService).apply(draft(.virtualService, TrafficSplit([v1: 90, v3: 10])))
    let bodies = try sent(client)
    #expect(bodies.map { $0["kind"] } == ["DestinationRule", "VirtualService"])
    #expect(bodies[0]["spec"]?["subsets"]?.array?.map { $0["name"] } == ["v1", "v3"])
  }

  @Test func whatIsThereIsNotOverwritten() async throws {
    let there = #"{"metadata":{"name":"reviews","namespace":"bookinfo","resourceVersion":"5"},"spec":{}}"#
    let client = cluster([
      "/httproutes/reviews": there, "/services/reviews": service(ports: #"{"port":9080}"#),
    ])
    await #expect(throws: ChangeFailure.self) {
      try await writer(client, .httpRoute).apply(draft(.httpRoute, TrafficSplit([first: 1])))
    }
    #expect(client.writes.isEmpty)
  }

  @Test func onlyWhatStillSaysTheSameIsTakenAway() async throws {
    func there(_ rules: String) -> ScriptedClient {
      cluster([
        "/httproutes/reviews":
          #"{"metadata":{"name":"reviews","namespace":"bookinfo","uid":"u","resourceVersion":"5"},"spec":{"rules":[\#(rules)]}}"#
      ])
    }
    let rule = #"{"backendRefs":[{"name":"reviews-v1"},{"name":"reviews-v3","weight":3}]}"#
    let removal = draft(.httpRoute, TrafficSplit([first: 1, second: 3]), .removing)
    let same = there(rule)
    _ = try await writer(same, .httpRoute).apply(removal)
    #expect(same.writes.map(\.method) == [.delete])
    #expect(
      try sent(same).first?["preconditions"] == ["uid": "u", "resourceVersion": "5"], "the very object that was read")
    let changed = there(#"{"backendRefs":[{"name":"reviews-v1"},{"name":"reviews-v3"}]}"#)
    let grown = there(rule + "," + rule)
    for client in [changed, grown, cluster([:])] {
      await #expect(throws: ChangeFailure.self) { try await writer(client, .httpRoute).apply(removal) }
      #expect(client.writes.isEmpty)
    }
  }

  // MARK: - Applied

  /// Nobody knows which proxies will carry a new route: the first of them is not all.
  @Test func aNewRouteIsAppliedOnceNoFurtherProxyTakesIt() {
    let start = Timestamp(seconds: 1_000_000)
    let made = draft(.virtualService, TrafficSplit([v1: 90, v3: 10]))
    let change = Change(id: 1, route: made.route, match: "any", resourceVersion: "", edit: made.edit)
    var machine = PropagationMachine(AppliedChange(change: change, resourceVersion: "9", written: start))
    func step(_ taken: Int, after span: Duration) -> Duration? {
      machine.oldestReading = start + span
      let applied = Applied(taken: (0..<taken).map { ProxyID("proxy-\($0)") })
      return machine.step(applied, nil, now: start + span).appliedAfter
    }
    #expect(step(0, after: .milliseconds(100)) == nil)
    #expect(step(1, after: .milliseconds(200)) == nil)
    #expect(step(1, after: .milliseconds(900)) == nil)
    #expect(step(6, after: .milliseconds(1100)) == nil)
    #expect(step(6, after: .milliseconds(2000)) == nil)
    #expect(step(6, after: .milliseconds(2200)) == .milliseconds(1100))
  }
}
