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
    _ = ledger.take(all, of: kind, at: now)
  }

  /// `12:00:00 kubectl-edit Deployment a  replicas 3 → 1`.
  private var told: [String] {
    ledger.changes.map { "\($0.time.clock) \($0.by ?? "–") \($0.summary)" }
  }

  // MARK: As it happens

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
    func take(_ object: AnyResource) -> Bool { ledger.take([object.object.key: object], of: .deployment, at: Self.now) }
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
      Dictionary(objects.map { ($0.object.key, $0) }, uniquingKeysWith: { $1 }), of: .service, at: Self.now)
    let times = ledger.changes.map(\.time)
    #expect(times.count == ChangeLedger.most)
    #expect(times == times.sorted(by: >))
  }

  @Test func anAutoscalerIsToldApart() throws {
    var ledger = ChangeLedger()
    let before = try object("a", version: 1, spec: #"{"replicas":3}"#)
    let after = try object(
      "a", version: 2, spec: #"{"replicas":5}"#, owners: owner("kube-controller-manager", "11:59:59", "scale"))
    _ = ledger.take([before.object.key: before], of: .deployment, at: Self.now)
    _ = ledger.take([after.object.key: after], of: .deployment, at: Self.now)
    #expect(ledger.changes.map(\.isRoutine) == [true])
  }
}
