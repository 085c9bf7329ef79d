import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

/// States of objects in, changes out.
struct ChangeLedgerTests {
  private static let now = Timestamp("2026-11-23T12:00:00Z")!
  private var ledger = ChangeLedger()

  /// An entry of managed fields.
  private func owner(_ manager: String, _ time: String, _ subresource: String? = nil) -> String {
    let part = subresource.map { #","subresource":"\#($0)""# } ?? ""
    return #"{"manager":"\#(manager)","operation":"Update","time":"2026-11-23T\#(time)Z"\#(part)}"#
  }

  private func object(
    _ name: String, version: Int, spec: String = "{}", created: String = "01:00:00", uid: String = "1",
    day: String = "2026-11-20", owners: String...
  ) throws -> AnyResource {
    let text = """
      {"metadata":{"name":"\(name)","namespace":"bookinfo","uid":"\(uid)","resourceVersion":"\(version)",
        "creationTimestamp":"\(day)T\(created)Z","managedFields":[\(owners.joined(separator: ","))]},
       "spec":\(spec)}
      """
    return AnyResource(try #require(KubernetesObject(JSON(parsing: text))))
  }

  private mutating func take(
    _ objects: AnyResource..., of kind: WatchedKind = .deployment, at now: Timestamp = Self.now
  ) {
    let all = Dictionary(objects.map { ($0.object.key, $0) }, uniquingKeysWith: { $1 })
    _ = ledger.take(all, of: WatchedPlace(kind: kind, namespace: nil), at: now)
  }

  /// `12:00:00 kubectl-edit Deployment a  replicas 3 → 1`.
  private var told: [String] {
    ledger.changes.map { "\($0.time.clock) \($0.by ?? "–") \($0.summary)" }
  }

  // MARK: As it happens

  /// What somebody did to the weights of a rule is known before and after, so that it can be put back.
  @Test mutating func weightsAreKeptBeforeAndAfter() throws {
    func spec(_ first: Int, _ third: Int, match: String = "") -> String {
      func destination(_ subset: String, _ weight: Int) -> String {
        #"{"destination":{"host":"reviews","subset":"\#(subset)"},"weight":\#(weight)}"#
      }
      return
        #"{"hosts":["reviews"],"http":[{\#(match)"route":[\#(destination("v1", first)),\#(destination("v3", third))]}]}"#
    }
    take(try object("reviews", version: 1, spec: spec(90, 10)), of: .virtualService)
    take(try object("reviews", version: 2, spec: spec(75, 25)), of: .virtualService)
    let edit = try #require(ledger.changes.first?.weights.first)
    #expect(edit.route == ruleID(0))
    #expect(edit.before == TrafficSplit([v1: 90, v3: 10]) && edit.after == TrafficSplit([v1: 75, v3: 25]))
    // A rule that takes other requests is another one.
    let canary = #""match":[{"headers":{"x-canary":{"exact":"1"}}}],"#
    take(try object("reviews", version: 3, spec: spec(50, 50, match: canary)), of: .virtualService)
    #expect(ledger.changes.first?.weights == [])
  }

  @Test mutating func aChangeIsOfTheManagerWhoseTimeMoved() throws {
    take(try object("a", version: 1, spec: #"{"replicas":3}"#))
    #expect(told.isEmpty)
    take(
      try object(
        "a", version: 2, spec: #"{"replicas":1}"#,
        owners: owner("argocd", "09:00:00"), owner("kubectl-edit", "11:59:58"),
        owner("kube-controller-manager", "11:59:59", "status")))
    #expect(told == ["11:59:58 kubectl-edit Deployment a  replicas 3 → 1"])
    take(
      try object(
        "a", version: 3, spec: #"{"replicas":2}"#,
        owners: owner("argocd", "11:59:59"), owner("kubectl-edit", "11:59:58")))
    #expect(told.first == "11:59:59 argocd Deployment a  replicas 1 → 2")
    #expect(ledger.changes.map(\.id.version) == ["3", "2"])
  }

  @Test mutating func aSecondChangeInTheSameSecondIsOfTheSame() throws {
    take(try object("a", version: 1, spec: #"{"replicas":3}"#, owners: owner("kubectl-edit", "11:59:58")))
    take(try object("a", version: 2, spec: #"{"replicas":2}"#, owners: owner("kubectl-edit", "11:59:58")))
    #expect(told.first == "11:59:58 kubectl-edit Deployment a  replicas 3 → 2")
    // Of two that both wrote in that second nobody knows who it was.
    let both = [owner("argocd", "11:59:59"), owner("kubectl-edit", "11:59:59")]
    take(try object("a", version: 3, spec: #"{"replicas":3}"#, owners: both[0], both[1]))
    take(try object("a", version: 4, spec: #"{"replicas":4}"#, owners: both[0], both[1]))
    #expect(told.first == "12:00:00 – Deployment a  replicas 3 → 4")
  }

  @Test mutating func whatOnlyTheServerKeepsIsNoChange() throws {
    take(try object("a", version: 1))
    take(try object("a", version: 2, owners: owner("kube-controller-manager", "11:59:59", "status")))
    take(try object("a", version: 3, owners: owner("kubectl-annotate", "11:59:59")))
    #expect(told.isEmpty)
  }

  @Test func whatIsNoNewsIsSaidToBeNone() throws {
    var ledger = ChangeLedger()
    func take(_ object: AnyResource) -> Bool {
      ledger.take([object.object.key: object], of: WatchedPlace(kind: .deployment, namespace: nil), at: Self.now)
    }
    #expect(take(try object("a", version: 1)))
    #expect(!take(try object("a", version: 2, owners: owner("kube-controller-manager", "11:59:59", "status"))))
    #expect(take(try object("a", version: 3, spec: #"{"replicas":2}"#)))
  }

  @Test mutating func whatIsMadeAndWhatGoes() throws {
    take()
    take(
      try object(
        "a", version: 1, created: "11:59:50", day: "2026-11-23", owners: owner("kubectl-create", "11:59:50")))
    take(at: Self.now + .seconds(5))
    #expect(
      told == ["12:00:05 – Deployment a  deleted", "11:59:50 kubectl-create Deployment a  created"])
    #expect(Set(ledger.changes.map(\.id)).count == 2)
  }

  @Test mutating func whatIsMadeAnewUnderAnOldNameIsAnother() throws {
    take(try object("a", version: 1, spec: #"{"replicas":3}"#))
    take(try object("a", version: 9, spec: #"{"replicas":1}"#, uid: "2", owners: owner("helm", "11:59:00")))
    #expect(told == ["11:59:00 helm Deployment a  created  replicas 3 → 1"])
  }

  @Test mutating func aListReadAnewInventsNothing() throws {
    let one = try object("a", version: 1, spec: #"{"replicas":3}"#, owners: owner("helm", "11:00:00"))
    take(one)
    let before = told
    #expect(before == ["11:00:00 helm Deployment a  changed"])
    take(one)
    #expect(told == before)
    // What happened in between has its own time.
    let two = try object("a", version: 5, spec: #"{"replicas":4}"#, owners: owner("helm", "11:30:00"))
    take(two)
    take(two)
    #expect(told == ["11:30:00 helm Deployment a  replicas 3 → 4"] + before)
  }

  @Test mutating func noTimeIsLaterThanNow() throws {
    take(try object("a", version: 1, owners: owner("helm", "23:00:00")))
    take(try object("a", version: 2, spec: #"{"replicas":4}"#, owners: owner("helm", "23:30:00")))
    #expect(ledger.changes.map(\.time) == [Self.now, Self.now])
  }

  // MARK: Before

  @Test mutating func objectsTellOfTheTimeBefore() throws {
    take(
      try object(
        "old", version: 1, owners: owner("helm", "01:00:00"), owner("kubectl-edit", "10:00:00"),
        owner("kube-controller-manager", "11:00:00", "status")),
      try object("new", version: 2, created: "09:00:00", day: "2026-11-23", owners: owner("helm", "09:00:00")),
      try object("touched", version: 3, created: "08:00:00", day: "2026-11-23", owners: owner("helm", "08:30:00")))
    #expect(
      told == [
        "10:00:00 kubectl-edit Deployment old  changed", "09:00:00 helm Deployment new  created",
        "08:30:00 helm Deployment touched  changed", "08:00:00 – Deployment touched  created",
        "01:00:00 helm Deployment old  changed",
      ])
  }

  @Test mutating func olderThanADayIsForgotten() throws {
    take(try object("a", version: 1, owners: owner("helm", "10:00:00")), at: Self.now + .seconds(23 * 3600))
    #expect(told.isEmpty)
  }

  @Test mutating func theNewestFiveHundredAreKept() throws {
    let objects = try (0..<700).map { number in
      let time = "1\(number / 360):\(10 + number / 60 % 50):\(10 + number % 50)"
      return try object("a\(number)", version: number, owners: owner("helm", time))
    }
    _ = ledger.take(
      Dictionary(objects.map { ($0.object.key, $0) }, uniquingKeysWith: { $1 }),
      of: WatchedPlace(kind: .service, namespace: nil), at: Self.now)
    let times = ledger.changes.map(\.time)
    #expect(times.count == ChangeLedger.most)
    #expect(times == times.sorted(by: >))
  }

  @Test func anAutoscalerIsToldApart() throws {
    var ledger = ChangeLedger()
    let before = try object("a", version: 1, spec: #"{"replicas":3}"#)
    let after = try object(
      "a", version: 2, spec: #"{"replicas":5}"#, owners: owner("kube-controller-manager", "11:59:59", "scale"))
    _ = ledger.take([before.object.key: before], of: WatchedPlace(kind: .deployment, namespace: nil), at: Self.now)
    _ = ledger.take([after.object.key: after], of: WatchedPlace(kind: .deployment, namespace: nil), at: Self.now)
    #expect(ledger.changes.map(\.isRoutine) == [true])
  }
}

/// What the objects of a real cluster tell.
@Suite(.enabled(if: Recordings.folder != nil, "MESHDECK_RECORDINGS is not set"))
struct RecordedChangeTests {
  private let now = Timestamp("2026-11-23T02:00:00Z")!

  @Test func whatWasChangedBeforeAndWhomItTouches() throws {
    var ledger = ChangeLedger()
    let kinds: [(WatchedKind, String)] = [
      (.service, "services"), (.deployment, "deployments"), (.virtualService, "virtualservices"),
      (.authorizationPolicy, "authorizationpolicies"), (.peerAuthentication, "peerauthentications"),
      (.httpRoute, "httproutes"), (.gateway, "k8s_gateways"),
    ]
    for (kind, file) in kinds {
      let all = try Recordings.list("kube/\(file).json").map { ($0.key, AnyResource($0)) }
      _ = ledger.take(
        Dictionary(all, uniquingKeysWith: { $1 }), of: WatchedPlace(kind: kind, namespace: "bookinfo"), at: now)
    }
    let changes = ledger.changes
    let newest = try #require(changes.first)
    #expect(newest.by == "console" && newest.time.clock == "01:06:10")
    #expect(newest.summary == "VirtualService reviews  changed")
    #expect(!changes.contains { $0.by == "kube-controller-manager" || $0.by == "pilot-discovery" })
    func reach(_ kind: WatchedKind, _ name: String) -> ObservedChange.Reach? {
      changes.first { $0.object.kind == kind.kind && $0.object.name == name }?.reach
    }
    func services(_ names: String...) -> [ServiceID] { names.map { ServiceID(namespace: "bookinfo", name: $0) } }
    #expect(reach(.deployment, "reviews-v3") == .services(services("reviews", "reviews-v3"), version: "v3"))
    #expect(
      reach(.authorizationPolicy, "reviews-viewer")
        == .services(services("reviews", "reviews-v1", "reviews-v2", "reviews-v3"), version: nil))
    #expect(reach(.peerAuthentication, "default") == .namespace("bookinfo"))
    #expect(reach(.gateway, "bookinfo-gw") == .services(services("bookinfo-gw-istio"), version: nil))
    #expect(reach(.deployment, "bookinfo-gw-istio") == .services(services("bookinfo-gw-istio"), version: nil))
  }

  @Test func whatAWatchTellsWhileSomebodyChangesWeights() throws {
    var ledger = ChangeLedger()
    for line in try Recordings.text("kube/watch_virtualservices_during_patch.json").split(separator: "\n") {
      let event = try JSON(parsing: String(line))
      guard event["type"]?.string == "MODIFIED", let object = event["object"].flatMap({ KubernetesObject($0) }) else {
        continue
      }
      _ = ledger.take(
        [object.key: AnyResource(object)], of: WatchedPlace(kind: .virtualService, namespace: "bookinfo"), at: now)
    }
    #expect(
      ledger.changes.prefix(4).map { "\($0.time.clock) \($0.by ?? "–") \($0.what)" } == [
        "01:10:00 console v1 60 → 80  v2 30 → 15  v3 10 → 5", "01:09:53 console v1 50 → 60  v3 20 → 10",
        "01:09:52 console v1 80 → 50  v2 15 → 30  v3 5 → 20", "01:08:58 console v1 50 → 80  v2 30 → 15  v3 20 → 5",
      ])
  }
}
