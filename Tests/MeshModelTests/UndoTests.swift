import MeshModel
import Testing

@Suite struct UndoTests {
  private static let v1 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v1")
  private static let v3 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v3")
  private static let rule = RouteID(
    resource: ResourceID(kind: .virtualService, namespace: "bookinfo", name: "reviews"), rule: 0)

  private static func split(_ first: Int, _ third: Int) -> TrafficSplit {
    TrafficSplit([.init(destination: v1, weight: Weight(first)), .init(destination: v3, weight: Weight(third))])
  }

  /// Changes 90/10 to 75/25.
  private static func record(
    _ id: Int, undoes: Int? = nil, uid: String? = nil, _ outcome: ChangeRecord.Outcome = .made(resourceVersion: "9")
  ) -> ChangeRecord {
    let (one, other) = (split(90, 10), split(75, 25))
    let change = Change(
      id: id, route: rule, match: "any", resourceVersion: "8", before: undoes == nil ? one : other,
      after: undoes == nil ? other : one, undoes: undoes, uid: uid)
    return ChangeRecord(change: change, time: Timestamp(seconds: 1), context: "prod", user: "ada", outcome: outcome)
  }

  private static func route(_ split: TrafficSplit, match: String = "any", uid: String? = nil) -> Route {
    Route(
      id: rule, resourceVersion: "20", mesh: "istio", hosts: ["reviews"], match: match, split: split, uid: uid)
  }

  private func refusal(
    _ records: [ChangeRecord], _ routes: [Route], number: Int? = nil, of rule: RouteID? = nil
  ) -> Undo.Refusal? {
    do throws(Undo.Refusal) {
      _ = try Undo(number, from: records, routes: routes, of: rule)
      return nil
    } catch {
      return error
    }
  }

  @Test func theNewestThatIsLeftIsTurnedBack() throws {
    let records = [Self.record(6, .failed("no")), Self.record(5, undoes: 4), Self.record(4), Self.record(3)]
    let undo = try Undo(from: records, routes: [Self.route(Self.split(75, 25))])
    #expect(undo.change.id == 3)
    #expect(
      undo.draft
        == ChangeDraft(
          route: Self.rule, match: "any", resourceVersion: "20", before: Self.split(75, 25),
          after: Self.split(90, 10), undoes: 3))
  }

  @Test func whatSomebodyDidSinceIsNotUndoneUnawares() throws {
    let (change, theirs) = (Self.record(3), Self.split(60, 40))
    for number in [nil, 3] {
      let refused = refusal([change], [Self.route(theirs)], number: number)
      #expect(refused == .changedSince(change.change, now: theirs))
      #expect(refused?.description.hasSuffix("it now says v1=60 v3=40") == true)
    }
    // Unless it is asked for by name: then from what they wrote, not from what the change wrote.
    let over = try Undo(from: [change], routes: [Self.route(theirs)], overTheirs: true)
    #expect(over.draft.before == theirs && over.draft.after == Self.split(90, 10) && over.draft.undoes == 3)
    let ways = try #require(ThreeWay(undoing: change.change.edit, 3, now: theirs))
    #expect(ways.base == Self.split(75, 25) && ways.theirs == theirs && ways.ours == Self.split(90, 10))
    #expect(ways.names == ("#3 wrote", "theirs", "undo"))
    #expect(refusal([change], [Self.route(Self.split(90, 10))]) == .undone(change.change))
    let shared = [TrafficSplit.Share(destination: Self.v3, weight: 100)]
    #expect(ThreeWay(undoing: change.change.edit, 3, now: TrafficSplit(shared)) == nil)
    #expect(refusal([change], [Self.route(TrafficSplit(shared))]) != nil, "the rule has other destinations")
  }

  @Test(arguments: [ChangeRecord.Outcome.unknown("it broke off"), .started])
  func aChangeThatMayHaveBeenMadeIsJudgedByTheRule(outcome: ChangeRecord.Outcome) throws {
    let doubtful = Self.record(4, outcome)
    let made = try Undo(from: [doubtful], routes: [Self.route(Self.split(75, 25))])
    #expect(made.change.id == 4, "the rule says what it wrote")
    let theirs = Self.split(60, 40)
    #expect(refusal([doubtful], [Self.route(theirs)]) == .nothing(isOfOtherObjects: false))
    #expect(refusal([doubtful], [Self.route(theirs)], number: 4) == .notMade(doubtful.change, now: theirs))

    // An undo that may have been made has been where the rule says so.
    let undoing = Self.record(5, undoes: 3, outcome)
    #expect(try Undo(from: [undoing, Self.record(3)], routes: [Self.route(Self.split(75, 25))]).change.id == 3)
    #expect(refusal([undoing, Self.record(3)], [Self.route(Self.split(90, 10))]) == .nothing(isOfOtherObjects: false))
  }

  @Test func aChangeIsOfItsObjectAndItsRule() {
    let change = Self.record(3, uid: "one")
    let now = Self.split(75, 25)
    #expect(refusal([change], [Self.route(now, uid: "two")]) == .nothing(isOfOtherObjects: true))
    #expect(refusal([change], [Self.route(now, uid: "two")], number: 3) == .otherObject(change.change))
    #expect(
      refusal([change], [Self.route(now, match: "x: 1", uid: "one")]) == .otherRequests(change.change, now: "x: 1"))
    #expect(refusal([change], []) == .ruleGone(change.change))
    #expect(refusal([change], [Self.route(now)], number: 7) == .noChange(7))
    let failed = Self.record(3, .failed("no"))
    #expect(refusal([failed], [Self.route(now)], number: 3) == .notMade(failed.change, now: now))
    let elsewhere = RouteID(resource: Self.rule.resource, rule: 1)
    #expect(refusal([change], [Self.route(now)], of: elsewhere) == .nothing(isOfOtherObjects: false))
  }
}
