import Glibc
import MeshModel
import Peers
import Testing

@testable import LiveMesh

final class JournalTests {
  private let folder: TemporaryFolder
  let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    journal = Journal(
      path: folder.path + "/state/meshdeck/changes.jsonl",
      clock: HandClock.ticking(from: Timestamp(seconds: 1_795_394_745), by: .milliseconds(10)))
  }

  let draft = ChangeDraft(
    route: ruleID(1), resourceVersion: "1043", before: TrafficSplit([v1: 75, v3: 25]),
    after: TrafficSplit([v1: 100, v3: 0]), undoes: 4)

  private func write(_ text: String) {
    let file = open(journal.path, O_WRONLY | O_APPEND)
    _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
    close(file)
  }

  @Test func whatIsWrittenIsReadBack() async throws {
    #expect(try journal.records(context: "prod").isEmpty, "no file yet")
    let first = try await journal.begin(draft, context: "prod", user: "ada").change
    let second = try await journal.begin(draft, context: "prod", user: "ada").change
    try await journal.end(first.id, .made(resourceVersion: "1050"))
    try await journal.end(second.id, .failed("denied: \u{1b}[2J \"quoted\" \n"))
    _ = try await journal.begin(draft, context: "staging", user: "ada")
    let records = try journal.records(context: "prod")
    #expect(records.map(\.id) == [2, 1])
    #expect(records[1].change == first)
    #expect(records[1].change.before == draft.before)
    #expect(records[1].change.undoes == 4)
    #expect(records[1].outcome == .made(resourceVersion: "1050"))
    #expect(records[0].outcome == .failed("denied: \u{1b}[2J \"quoted\" \n"))
    #expect(records[0].user == "ada")
    #expect(try journal.records(context: "staging").map(\.outcome) == [.started])
  }

  @Test(
    "Every kind of edit is read back",
    arguments: [
      Edit.weights(
        before: TrafficSplit([v1: 75, v3: 25]), after: TrafficSplit([v1: 0, v3: 100]),
        along: [RuleEdit(route: ruleID(2), match: "/api*", before: TrafficSplit([v1: 1]), after: TrafficSplit([v3: 1]))]
      ),
      .mirror(to: v3, before: 12.5, after: 100),
      .canary(CanaryRule(header: "X-Canary", value: "\u{1b}\"", destination: v3), .making),
      .canary(CanaryRule(header: "end-user", value: "jason", destination: v2), .removing),
      .firstRoute(
        FirstRoute(
          host: reviews, port: 9080, split: TrafficSplit([v1: 3, v3: 1]), subsets: ["v1"], destinationRule: "reviews"),
        .making),
    ])
  func kinds(edit: Edit) async throws {
    let draft = ChangeDraft(route: ruleID(1), match: "any", resourceVersion: "1043", edit: edit)
    let change = try await journal.begin(draft, match: "x-canary=1", context: "prod", user: "ada").change
    #expect(change.edit == edit)
    #expect(try journal.records(context: "prod").map(\.change) == [change])
    #expect(change.match == "x-canary=1")
    // What the change made is known once it is there.
    try await journal.end(change.id, .made(resourceVersion: "9"), uid: "u-1")
    #expect(try journal.records(context: "prod").first?.change.uid == "u-1")
  }

  @Test func linesOfTheFirstJournalsAreRead() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    write(
      #"{"id":7,"event":"started","time":"2026-11-23T01:13:42Z","context":"prod","user":"ada","kind":"VirtualService","#
        + #""namespace":"bookinfo","name":"reviews","section":"http","rule":1,"resourceVersion":"1043","#
        + #""before":[{"host":"\#(reviews)","weight":75,"subset":"v1"},{"host":"\#(reviews)","weight":25,"subset":"v3"}],"#
        + #""after":[{"host":"\#(reviews)","weight":100,"subset":"v1"},{"host":"\#(reviews)","weight":0,"subset":"v3"}]}"#
        + "\n")
    let change = try #require(try journal.records(context: "prod").first?.change)
    #expect(change.id == 7)
    #expect(change.edit == .weights(before: TrafficSplit([v1: 75, v3: 25]), after: TrafficSplit([v1: 100, v3: 0])))
  }

  @Test func aControllersActionIsReadBack() async throws {
    let action = ControllerAction(.suspend, .init(kind: "Kustomization", namespace: "flux-system", name: "apps"))
    let draft = ChangeDraft(route: ruleID(0), resourceVersion: "1", edit: .controller(action), note: "by hand")
    let change = try await journal.begin(draft, context: "prod", user: "ada").change
    let record = try #require(try journal.records(context: "prod").first)
    #expect(record.change == change)
    #expect(record.change.edit == .controller(action) && record.change.note == "by hand")
    #expect("\(record.change.edit)" == "suspend Kustomization flux-system/apps")
  }

  @Test func onlyItsOwnerReadsIt() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    var status = stat()
    stat(journal.path, &status)
    #expect(status.st_mode & 0o777 == 0o600)
    stat(folder.path + "/state/meshdeck", &status)
    #expect(status.st_mode & 0o777 == 0o700)
  }

  @Test func aTornLineIsPassedOver() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    write("{\"id\":2,\"event\":\"started\",\"time\":\"2026-11-")
    #expect(try journal.records(context: "prod").map(\.id) == [1])
    let next = try await journal.begin(draft, context: "prod", user: "ada").change
    try await journal.end(next.id, .unknown("no answer"))
    #expect(try journal.records(context: "prod").map(\.outcome) == [.unknown("no answer"), .started])
  }

  @Test func garbageDoesNotHideTheRest() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    write(
      "\u{0}\u{1}\n[1,2]\n\n{\"id\":\"x\"}\n{\"id\":7,\"event\":\"of the future\",\"time\":\"2026-11-23T00:00:00Z\"}\n")
    #expect(try journal.records(context: "prod").map(\.id) == [1])
    #expect(try await journal.begin(draft, context: "prod", user: "ada").change.id == 2)
  }

  @Test func twoWritersNeverTakeTheSameNumber() async throws {
    let (journal, draft) = (journal, draft)
    let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<40 {
        // Forty flushes of a busy disk take longer than a person is kept waiting.
        let patient = Journal(path: journal.path, longestWait: .seconds(60))
        group.addTask { try await patient.begin(draft, context: "prod", user: "ada").change.id }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(numbers.sorted() == Array(1...40))
  }

  @Test func aHeldJournalIsSaidToBeHeld() async throws {
    _ = try await journal.begin(draft, context: "prod", user: "ada")
    let holder = open(journal.path, O_RDWR)
    defer { close(holder) }
    #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
    await #expect(throws: ChangeFailure.journal("\(journal.path) is held by another meshdeck")) {
      try await journal.begin(draft, context: "prod", user: "ada")
    }
  }

  @Test func aFolderThatCannotBeMadeIsNamed() async {
    let journal = Journal(path: "/proc/nowhere/changes.jsonl")
    await #expect(throws: ChangeFailure.self) { try await journal.begin(draft, context: "prod", user: "ada") }
  }

  @Test func itsPlaceFollowsTheStandard() {
    #expect(Journal.standardPath(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/meshdeck/changes.jsonl")
    #expect(
      Journal.standardPath(environment: ["XDG_STATE_HOME": "s", "HOME": "/h"])
        == "/h/.local/state/meshdeck/changes.jsonl")
    #expect(Journal.standardPath(environment: [:]) == nil)
  }
}

extension JournalTests {
  @Test func aChangeIsOfItsObjectAlone() async throws {
    let change = try await journal.begin(draft, uid: "one", context: "prod", user: "ada").change
    #expect(try journal.records(context: "prod").map(\.change.uid) == ["one"])
    var route = rule(1, split: draft.before).route
    #expect(change.isOfSameObject(as: route), "what is not known is no difference")
    route.uid = "one"
    #expect(change.isOfSameObject(as: route))
    route.uid = "two"
    #expect(!change.isOfSameObject(as: route))
  }
}
