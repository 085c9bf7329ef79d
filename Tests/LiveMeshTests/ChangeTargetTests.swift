import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

/// Which services a change can have touched.
struct ChangeTargetTests {
  private func reach(
    _ kind: WatchedKind, _ spec: String, in namespace: String = "bookinfo", before: String? = nil
  ) throws -> String {
    let object = try object(spec, in: namespace)
    let differences = try before.map {
      ChangedObject.differences(
        from: ChangedObject(try self.object($0, in: namespace), of: kind), to: ChangedObject(object, of: kind))
    }
    let surroundings = ChangeSurroundings(
      services: try [
        ("reviews", "bookinfo"), ("ratings", "bookinfo"), ("api", "payments"), ("ingress", "istio-system"),
      ]
      .map { name, namespace in
        Service(
          try self.object(
            #"{"selector":{"app":"\#(name)"}}"#, name: name, in: namespace,
            labels: name == "ingress" ? #"{"gateway.networking.k8s.io/gateway-name":"it"}"# : "{}"))
      },
      pods: [
        ("bookinfo", ["app": "reviews", "version": "v1"]), ("bookinfo", ["app": "reviews", "version": "v3"]),
        ("bookinfo", ["app": "ratings", "tier": "back"]), ("payments", ["app": "api", "tier": "back"]),
      ])
    switch surroundings.reach(of: ChangeTarget(object, of: kind, differences ?? [])) {
    case .mesh: return "mesh"
    case .namespace(let name): return "namespace \(name)"
    case .services(let services, let version):
      return services.map(\.description).joined(separator: " ") + (version.map { " \($0)" } ?? "")
    }
  }

  private func object(
    _ spec: String, name: String = "it", in namespace: String, labels: String = "{}"
  ) throws -> KubernetesObject {
    try #require(
      KubernetesObject(
        JSON(
          parsing: #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":\#(labels)},"spec":\#(spec)}"#)
      ))
  }

  @Test func routesTouchTheirHostsThenTheirDestinations() throws {
    let rules =
      #""http":[{"route":[{"destination":{"host":"reviews"}}],"mirror":{"host":"api.payments.svc.cluster.local"}}]"#
    #expect(
      try reach(.virtualService, #"{"hosts":["www.example.com","reviews"],\#(rules)}"#)
        == "bookinfo/reviews payments/api /www.example.com")
    #expect(try reach(.virtualService, #"{"hosts":["*"],\#(rules)}"#) == "bookinfo/reviews payments/api")
    #expect(
      try reach(
        .httpRoute,
        #"{"parentRefs":[{"kind":"Service","name":"reviews"},{"name":"gw"}],"#
          + #""rules":[{"backendRefs":[{"name":"ratings"},{"name":"api","namespace":"payments"}]}]}"#)
        == "bookinfo/reviews bookinfo/ratings payments/api")
    #expect(try reach(.serviceEntry, #"{"hosts":["api.example.com","*.example.org"]}"#) == "/api.example.com")
  }

  @Test func destinationRulesTouchTheirHostOrOneVersionOfIt() throws {
    let spec = #"{"host":"reviews","subsets":[{"name":"canary","labels":{"version":"v3"},"trafficPolicy":{"a":1}}]}"#
    #expect(try reach(.destinationRule, spec) == "bookinfo/reviews")
    #expect(
      try reach(.destinationRule, spec, before: spec.replacing(#""a":1"#, with: #""a":2"#)) == "bookinfo/reviews v3")
    #expect(
      try reach(.destinationRule, spec, before: spec.replacing("reviews", with: "ratings")) == "bookinfo/reviews")
    #expect(try reach(.destinationRule, #"{"host":"*.payments.svc.cluster.local"}"#) == "namespace payments")
    #expect(try reach(.destinationRule, #"{"host":"*.local"}"#) == "mesh")
  }

  @Test func workloadsTouchTheServicesBeforeTheirPods() throws {
    func template(_ labels: String) -> String { #"{"template":{"metadata":{"labels":\#(labels)}}}"# }
    #expect(try reach(.deployment, template(#"{"app":"reviews","version":"v3"}"#)) == "bookinfo/reviews v3")
    #expect(
      try reach(.statefulSet, template(#"{"app":"reviews","app.kubernetes.io/version":"2"}"#)) == "bookinfo/reviews 2")
    #expect(try reach(.daemonSet, template(#"{"app":"other"}"#)) == "")
    #expect(try reach(.service, "{}") == "bookinfo/it")
  }

  @Test func policiesTouchWhatTheySelect() throws {
    func selector(_ labels: String) -> String { #"{"selector":{"matchLabels":\#(labels)}}"# }
    #expect(try reach(.authorizationPolicy, selector(#"{"app":"reviews"}"#)) == "bookinfo/reviews")
    #expect(
      try reach(.peerAuthentication, selector(#"{"app":"reviews","version":"v3"}"#)) == "bookinfo/reviews v3")
    #expect(try reach(.authorizationPolicy, selector(#"{"tier":"back"}"#)) == "bookinfo/ratings")
    #expect(
      try reach(.authorizationPolicy, selector(#"{"tier":"back"}"#), in: "istio-system")
        .split(separator: " ").sorted() == ["bookinfo/ratings", "payments/api"])
    #expect(try reach(.peerAuthentication, "{}") == "namespace bookinfo")
    #expect(try reach(.peerAuthentication, "{}", in: "istio-system") == "mesh")
    #expect(try reach(.envoyFilter, #"{"workloadSelector":{"labels":{"app":"ratings"}}}"#) == "bookinfo/ratings")
    #expect(
      try reach(.telemetry, #"{"targetRefs":[{"kind":"Service","name":"ratings"}]}"#) == "bookinfo/ratings")
  }

  @Test func gatewaysTouchWhatStandsForThem() throws {
    #expect(try reach(.gateway, "{}", in: "istio-system") == "istio-system/ingress")
    #expect(
      try reach(.authorizationPolicy, #"{"targetRef":{"kind":"Gateway","name":"it"}}"#, in: "istio-system")
        == "istio-system/ingress")
    #expect(try reach(.istioGateway, #"{"selector":{"app":"ingress"}}"#) == "istio-system/ingress")
    #expect(try reach(.istioGateway, #"{"selector":{"app":"elsewhere"}}"#) == "namespace bookinfo")
    #expect(try reach(.istioGateway, "{}") == "mesh")
  }
}
