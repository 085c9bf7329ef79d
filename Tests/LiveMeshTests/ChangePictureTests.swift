import JSON
import KubernetesAPI
import MeshModel
import Peers
import Testing

@testable import LiveMesh

/// Two states of an object, and what is told of the difference.
struct ChangePictureTests {
  private func told(_ kind: WatchedKind, _ before: String, _ after: String) throws -> String {
    let differences = ChangedObject.differences(
      from: ChangedObject(try object(before), of: kind), to: ChangedObject(try object(after), of: kind))
    let (fields, more) = Difference.fields(differences)
    return (fields.map(\.description) + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "\n")
  }

  private func object(_ spec: String) throws -> KubernetesObject {
    // A text that begins with metadata brings its own.
    let text = spec.hasPrefix(#""metadata""#) ? "{\(spec)}" : #"{"metadata":{"name":"it"},"spec":\#(spec)}"#
    return try #require(KubernetesObject(JSON(parsing: text)))
  }

  private func routes(_ rules: String...) -> String {
    #"{"hosts":["reviews"],"http":[\#(rules.joined(separator: ","))]}"#
  }

  private func rule(_ weights: KeyValuePairs<String, Int?>, _ more: String = "") -> String {
    let destinations = weights.map { subset, weight in
      #"{"destination":{"host":"reviews","subset":"\#(subset)"}\#(weight.map { #","weight":\#($0)"# } ?? "")}"#
    }
    return #"{"route":[\#(destinations.joined(separator: ","))]\#(more)}"#
  }

  private func pods(_ containers: String..., spec: String = "") -> String {
    #"{\#(spec)"template":{"spec":{"containers":[\#(containers.joined(separator: ","))]}}}"#
  }

  // MARK: Routes

  @Test func weights() throws {
    #expect(
      try told(.virtualService, routes(rule(["v1": 90, "v3": 10])), routes(rule(["v1": 75, "v3": 25])))
        == "v1 90 → 75\nv3 10 → 25")
    let canary = rule(["v3": 100], #","match":[{"headers":{"x-canary":{"exact":"1"}}}]"#)
    #expect(
      try told(
        .virtualService, routes(canary, rule(["v1": 90, "v3": 10])), routes(canary, rule(["v1": 75, "v3": 25])))
        == "#1 v1 90 → 75\n#1 v3 10 → 25")
  }

  @Test func aWeightThatIsNotWrittenIsKnownAllTheSame() throws {
    #expect(
      try told(.virtualService, routes(rule(["v1": nil])), routes(rule(["v1": 90, "v3": 10])))
        == "v1 100 → 90\nv3 10 added")
    #expect(try told(.virtualService, routes(rule(["v1": nil])), routes(rule(["v1": 100]))) == "")
    #expect(
      try told(.virtualService, routes(rule(["v1": 100, "v3": nil])), routes(rule(["v1": 100])))
        == "v3 0 removed")
    let backends = #"{"rules":[{"backendRefs":[{"name":"reviews-v1"},{"name":"reviews-v3","weight":1}]}]}"#
    #expect(
      try told(.httpRoute, backends, backends.replacing(#""weight":1"#, with: #""weight":9"#)) == "reviews-v3 1 → 9")
  }

  @Test func destinationsAreToldApart() throws {
    let both =
      #"{"route":[{"destination":{"host":"reviews.a.svc.cluster.local","subset":"v1"},"weight":50},"#
      + #"{"destination":{"host":"ratings","subset":"v1"},"weight":50}]}"#
    #expect(
      try told(.virtualService, routes(both), routes(both.replacing(#""weight":50"#, with: #""weight":49"#)))
        == "reviews/v1 50 → 49\nratings/v1 50 → 49")
  }

  @Test func aRuleThatComesFirstLeavesTheOthersAlone() throws {
    let old = rule(["v1": 90, "v3": 10])
    #expect(
      try told(.virtualService, routes(old), routes(#"{"match":[{"uri":{"prefix":"/x"}}]}"#, old))
        == "http #0 {match: [{uri: {prefix: /x}}]} added")
    let named = ["a", "b", "c"].map { #"{"name":"\#($0)","timeout":"1s"}"# }
    #expect(
      try told(.virtualService, routes(named[0], named[1], named[2]), routes(named[1], named[0], named[2]))
        == "http order [a, b, c] → [b, a, c]")
  }

  @Test func whatARuleDoesBesides() throws {
    let plain = rule(["v1": 100])
    #expect(
      try told(.virtualService, routes(plain), routes(rule(["v1": 100], #","timeout":"2s","retries":{"attempts":3}"#)))
        == "timeout 2s added\nretries {attempts: 3} added")
    let fault = #","fault":{"abort":{"httpStatus":503,"percentage":{"value":10}},"delay":{"fixedDelay":"1s","#
    let one = rule(["v1": 100], fault + #""percentage":{"value":5.0}}}"#)
    let other = rule(
      ["v1": 100], fault.replacing("10", with: "50").replacing("503", with: "500") + #""percentage":{"value":5}}}"#)
    #expect(
      try told(.virtualService, routes(one), routes(other))
        == "abort httpStatus 503 → 500\nabort percentage 10 → 50")
    #expect(
      try told(.virtualService, routes(one), routes(plain)).hasPrefix("fault {abort: {httpStatus: 503, percentage: "))
  }

  // MARK: Policies

  @Test func connectionPools() throws {
    let before = """
      {"host":"reviews","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":100}},"tls":{"mode":"ISTIO_MUTUAL"}},
       "subsets":[{"name":"v1"},{"name":"v3","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":100}}}}]}
      """
    #expect(
      try told(.destinationRule, before, before.replacing("100", with: "20").replacing("ISTIO_MUTUAL", with: "DISABLE"))
        == "maxConnections 100 → 20\ntls mode ISTIO_MUTUAL → DISABLE\nv3 maxConnections 100 → 20")
  }

  @Test func listsOfWordsTellWhatCameAndWhatWent() throws {
    let spec = #"{"action":"ALLOW","rules":[{"to":[{"operation":{"methods":["GET","HEAD"]}}]}]}"#
    #expect(
      try told(.authorizationPolicy, spec, spec.replacing(#""HEAD""#, with: #""POST""#)) == "methods HEAD → POST")
    #expect(try told(.authorizationPolicy, spec, spec.replacing(#","HEAD""#, with: "")) == "methods HEAD removed")
    #expect(
      try told(.authorizationPolicy, spec, spec.replacing(#""GET","HEAD""#, with: #""HEAD","GET""#))
        == "methods [GET, HEAD] → [HEAD, GET]")
    #expect(
      try told(.peerAuthentication, #"{"mtls":{"mode":"PERMISSIVE"}}"#, #"{"mtls":{"mode":"STRICT"}}"#)
        == "mtls mode PERMISSIVE → STRICT")
  }

  @Test func namesGrowUntilTheyTellThingsApart() throws {
    let spec = #"{"a":{"x":{"limit":1}},"b":{"x":{"limit":1}},"c":{"other":1}}"#
    #expect(
      try told(.envoyFilter, spec, spec.replacing(":1", with: ":2"))
        == "a x limit 1 → 2\nb x limit 1 → 2\nother 1 → 2")
  }

  // MARK: Workloads

  @Test func images() throws {
    func app(_ image: String) -> String { #"{"name":"app","image":"\#(image)"}"# }
    let repository = "docker.io/istio/reviews"
    for (before, after, words) in [
      ("\(repository):1.18", "\(repository):1.19", "1.18 → 1.19"),
      ("localhost:5000/reviews", "localhost:5000/reviews:2", "latest → 2"),
      (
        "\(repository)@sha256:0123456789abcdef", "\(repository)@sha256:fedcba9876543210",
        "sha256:0123456789ab… → sha256:fedcba987654…"
      ),
      ("\(repository):1@sha256:00", "\(repository):2@sha256:11", "1 → 2"),
      ("reviews:1", "other:1", "reviews:1 → other:1"),
    ] {
      #expect(try told(.deployment, pods(app(before)), pods(app(after))) == "image \(words)")
    }
    let proxy = #"{"name":"istio-proxy","image":"proxyv2:1"}"#
    #expect(
      try told(
        .deployment, pods(app("a:1"), proxy, spec: #""replicas":3,"#), pods(app("a:2"), proxy, spec: #""replicas":1,"#))
        == "replicas 3 → 1\napp image 1 → 2")
    #expect(
      try told(.deployment, pods(app("a:1")), pods(app("a:1"), proxy))
        == "istio-proxy {name: istio-proxy, image: proxyv2:1} added")
  }

  @Test func environment() throws {
    func app(_ env: String, _ more: String = "") -> String { #"{"name":"app","env":[\#(env)]\#(more)}"# }
    let level = #"{"name":"LOG_LEVEL","value":"info"}"#
    #expect(
      try told(.deployment, pods(app(level)), pods(app(level.replacing("info", with: "debug"))))
        == "env LOG_LEVEL info → debug")
    #expect(
      try told(.deployment, pods(app("")), pods(app(level))) == "env LOG_LEVEL info added")
    #expect(
      try told(.deployment, pods(#"{"name":"app"}"#), pods(app(level, #","args":["-v"]"#)))
        == "env LOG_LEVEL info added\nargs [-v] added")
    let limits = #","resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#
    #expect(
      try told(
        .deployment, pods(app("", limits)),
        pods(app("", limits.replacing("1Gi", with: "512Mi").replacing("500m", with: "1"))))
        == "limits memory 1Gi → 512Mi\nrequests cpu 500m → 1")
  }

  @Test func whatCouldBeASecretIsNotShown() throws {
    func app(_ member: String) -> String { pods(#"{"name":"keycloak","image":"keycloak:1",\#(member)}"#) }
    let cases: [(before: String, after: String)] = [
      (#""env":[{"name":"DB_PASSWORD","value":"hunter2"}]"#, #""env":[{"name":"DB_PASSWORD","value":"hunter3"}]"#),
      (#""env":[]"#, #""env":[{"name":"API_TOKEN","value":"hunter2"}]"#),
      (
        #""env":[{"name":"DSN","value":"postgres://u:hunter2@db/x"}]"#,
        #""env":[{"name":"DSN","value":"postgres://u:hunter3@db/x"}]"#
      ),
      (
        #""env":[{"name":"OPTS","value":"a=b password=hunter2"}]"#,
        #""env":[{"name":"OPTS","value":"a=b password=hunter3"}]"#
      ),
      (
        #""env":[{"name":"JSON","value":"{\"secret\": \"hunter2\"}"}]"#,
        #""env":[{"name":"JSON","value":"{\"secret\": \"hunter3\"}"}]"#
      ),
      (#""args":["--token=hunter2"]"#, #""args":["--token=hunter3"]"#),
      (#""args":["--api-key","hunter2","-v"]"#, #""args":["--api-key","hunter3","-v"]"#),
      (
        #""lifecycle":{"a":1}"#,
        #""lifecycle":{"headers":[{"name":"Authorization","value":"hunter2"}],"apiKey":"hunter3"}"#
      ),
    ]
    for (before, after) in cases {
      let text = try told(.deployment, app(before), app(after))
      #expect(!text.isEmpty && !text.contains("hunter"), "\(text)")
    }
    #expect(try told(.deployment, app(cases[0].before), app(cases[0].after)) == "env DB_PASSWORD changed")
    #expect(try told(.deployment, app(cases[1].before), app(cases[1].after)) == "env API_TOKEN changed")
    #expect(try told(.deployment, app(#""a":1"#), app(#""a":1"#).replacing("k:1", with: "k:2")) == "image 1 → 2")
    let headers = #"{"http":[{"headers":{"request":{"set":{"x-api-key":"hunter2"}}}}]}"#
    #expect(
      try told(.virtualService, headers, headers.replacing("hunter2", with: "hunter3")) == "x-api-key changed")
  }

  @Test func aFloodOfPairsIsReadAsFarAsItIsShown() throws {
    let flood = String(repeating: "a=:", count: 200_000)
    let text = try told(.envoyFilter, #"{"s":"x"}"#, #"{"s":"\#(flood)"}"#)
    #expect(text.hasPrefix("s x → a=:a=:") && text.count < 80)
  }

  // MARK: Metadata

  @Test func ofMetadataOnlyWhatSteersAMesh() throws {
    func metadata(_ annotations: String, _ labels: String = "{}") -> String {
      #""metadata":{"name":"it","resourceVersion":"\#(annotations.count)","generation":2,"annotations":\#(annotations),"labels":\#(labels)},"spec":{},"status":{"replicas":\#(labels.count)}"#
    }
    #expect(
      try told(
        .deployment, metadata("{}"),
        metadata(
          #"{"deployment.kubernetes.io/revision":"2","kubectl.kubernetes.io/last-applied-configuration":"{}","note":"x"}"#,
          #"{"team":"a","istio.io":"bare"}"#)) == "")
    #expect(
      try told(
        .service, metadata("{}"),
        metadata(
          #"{"traffic.sidecar.istio.io/excludeOutboundPorts":"9080","health.kiali.io/rate":"400,10,20,http,.*"}"#,
          #"{"istio.io/rev":"canary"}"#))
        == "istio.io/rev canary added\ntraffic.sidecar.istio.io/excludeOutboundPorts 9080 added\n"
        + "health.kiali.io/rate 400,10,20,http,.* added")
    let template = #"{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"T1"}}}}"#
    #expect(
      try told(.deployment, template, template.replacing("T1", with: "T2"))
        == "kubectl.kubernetes.io/restartedAt T1 → T2")
  }

  // MARK: Hostile objects

  @Test func whatIsTooMuchIsCounted() throws {
    func many(_ value: Int) -> String {
      "{" + (0..<900).map { #""field\#($0)":\#(value)"# }.joined(separator: ",") + "}"
    }
    let text = try told(.envoyFilter, many(1), many(2))
    #expect(text.split(separator: "\n").count == 21)
    #expect(text.hasSuffix("and \(Difference.most - 20) more"))
  }

  @Test func whatIsTooLongIsCut() throws {
    let long = String(repeating: "x", count: 100_000)
    let deep = String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200)
    let text = try told(
      .envoyFilter, #"{"\#(long)":1,"deep":\#(deep),"s":"a"}"#,
      #"{"\#(long)":2,"deep":\#(deep.replacing("1", with: "2")),"s":"\u001b[31m\#(long)\n"}"#)
    for line in text.split(separator: "\n") { #expect(line.count < 260, "\(line.count)") }
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains(" [31mxxx"))
  }
}
