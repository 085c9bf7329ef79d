import Glibc
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Peers
import Synchronization
import Testing
import Transport

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct ChangeWriterTests {
  private let folder: TemporaryFolder
  private let service = PatchedService([("v1", 75), ("v3", 25)])
  private var journal: Journal { Journal(path: folder.path + "/changes.jsonl") }
  private let draft = ChangeDraft(
    route: ruleID(0), resourceVersion: "1043", before: TrafficSplit([v1: 75, v3: 25]),
    after: TrafficSplit([v1: 100, v3: 0]))

  init() throws { folder = try TemporaryFolder() }

  private func writer(_ client: ScriptedClient, gate: WriteGate = .open, checks: [ChangeCheck] = []) -> ChangeWriter {
    let access = ClusterAccess(context: "prod", endpoint: Endpoint(host: "kubernetes.test"))
    return ChangeWriter(
      kubernetes: KubernetesClient(access, over: client, gate: gate), type: .virtualService, journal: journal,
      context: "prod", user: "ada", clock: HandClock.ticking(from: Timestamp(seconds: 1_000_000), by: .seconds(1))
    ) { _, _ in ChangeFindings(checks: checks) }
  }

  /// Patches go to the service but for the first ones, which are answered by the script.
  private func client(_ script: [@Sendable () -> ScriptedClient.Answer] = []) -> ScriptedClient {
    let turn = Turn()
    return ScriptedClient { [service] request in
      guard request.method == .patch else { return service.get() }
      let number = turn.next()
      return number < script.count ? script[number]() : service.patch(request)
    }
  }

  private func outcomes() throws -> [ChangeRecord.Outcome] { try journal.records(context: "prod").map(\.outcome) }

  @Test func aChangeIsWrittenOnConditionAndWrittenDown() async throws {
    let client = client()
    let made = try await writer(client).apply(draft)
    #expect(service.weights == [100, 0])
    #expect(made.resourceVersion == "1044")
    #expect(made.id == 1)
    #expect(try outcomes() == [.made(resourceVersion: "1044")])
    let body = String(decoding: client.writes[0].body ?? [], as: UTF8.self)
    #expect(body.contains(#"{"op":"test","path":"/metadata/resourceVersion","value":"1043"}"#))
    #expect(body.contains(#"{"op":"test","path":"/spec/http/0/route/1/weight","value":25}"#))
  }

  @Test func anUndoOfAnotherObjectIsRefused() async throws {
    service.edit { object in
      let patch = JSONPatch([.add(JSONPointer(["metadata", "uid"]), "one")])
      object = (try? patch.applied(to: object)) ?? object
    }
    let made = try await writer(client()).apply(draft)
    #expect(made.change.uid == "one")
    service.edit { object in
      let patch = JSONPatch([.add(JSONPointer(["metadata", "uid"]), "two")])
      object = (try? patch.applied(to: object)) ?? object
    }
    let undo = ChangeDraft(
      route: ruleID(0), resourceVersion: "1045", before: draft.after, after: draft.before, undoes: made.id)
    let client = client()
    await #expect(
      throws: ChangeFailure.refused(
        "#1 was made to another reviews: in another cluster, or before it was made anew")
    ) { try await writer(client).apply(undo) }
    #expect(client.writes.isEmpty)
  }

  @Test func theJournalIsOnDiskBeforeTheRequestLeaves() async throws {
    let path = journal.path
    let client = ScriptedClient { [service] request in
      guard request.method == .patch else { return service.get() }
      let records = try? Journal(path: path).records(context: "prod")
      return records?.map(\.outcome) == [.started] ? service.patch(request) : .failure(.cancelled)
    }
    _ = try await writer(client).apply(draft)
    #expect(service.weights == [100, 0])
  }

  @Test func withoutAJournalNothingIsSent() async throws {
    let client = client()
    var writer = writer(client)
    writer = ChangeWriter(
      kubernetes: writer.kubernetes, type: .virtualService, journal: Journal(path: "/proc/nowhere/changes.jsonl"),
      context: "prod", user: "ada", clock: .system
    ) { _, _ in ChangeFindings() }
    await #expect(throws: ChangeFailure.self) { try await writer.apply(draft) }
    #expect(client.writes.isEmpty)
  }

  @Test func aRuleThatWasPutBeforeIsNotWrittenInItsPlace() async throws {
    let client = client()
    let draft = ChangeDraft(
      route: ruleID(0), match: "any", resourceVersion: "1043", before: TrafficSplit([v1: 75, v3: 25]),
      after: TrafficSplit([v1: 100, v3: 0]))
    service.edit { object in
      guard let first = object[JSONPointer(["spec", "http", "0"])] else { return }
      var canary = first
      canary["match"] = [["headers": ["x-canary": ["exact": "1"]]]]
      object = (try? JSONPatch([.add(JSONPointer(["spec", "http", "0"]), canary)]).applied(to: object)) ?? object
    }
    await #expect(throws: ChangeFailure.conflict(theirs: nil)) { try await writer(client).apply(draft) }
    #expect(client.writes.isEmpty)
    #expect(service.weights == [75, 25])
  }

  @Test(
    "Refused before anything is sent",
    arguments: [
      TrafficSplit([v1: -1, v3: 101]), TrafficSplit([v1: 0, v3: 0]), TrafficSplit([v1: 1_000_001, v3: 0]),
      TrafficSplit([v1: 90, v2: 10]), TrafficSplit([v1: 100]), TrafficSplit([v1: 90, v2: 5, v3: 5]),
    ])
  func refusals(after: TrafficSplit) async throws {
    let client = client()
    let bad = ChangeDraft(route: draft.route, resourceVersion: "1043", before: draft.before, after: after)
    for write in [true, false] {
      do throws(ChangeFailure) {
        if write { _ = try await writer(client).apply(bad) } else { _ = try await writer(client).preview(bad) }
        Issue.record("it was taken")
      } catch {
        guard case .refused = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
    #expect(client.requests.isEmpty)
    #expect(try outcomes().isEmpty)
  }

  @Test func somebodyElsesWeightsAreShownAndKept() async throws {
    let client = client()
    service.setWeights([60, 40])
    await #expect(throws: ChangeFailure.conflict(theirs: TrafficSplit([v1: 60, v3: 40]))) {
      try await writer(client).apply(draft)
    }
    #expect(service.weights == [60, 40])
    #expect(client.writes.isEmpty)
  }

  @Test func whoeverIsFasterWins() async throws {
    // The rule is as it was when it is read, and another one by the time of the patch.
    let client = client([
      { [service] in
        service.setWeights([60, 40])
        return .status(422, #"{"kind":"Status","message":"the server rejected our request","code":422}"#)
      }
    ])
    await #expect(throws: ChangeFailure.conflict(theirs: TrafficSplit([v1: 60, v3: 40]))) {
      try await writer(client).apply(draft)
    }
    #expect(service.weights == [60, 40])
    guard case .failed = try outcomes().first else {
      Issue.record("the journal must say that it failed")
      return
    }
  }

  @Test(arguments: [422, 409])
  func anEditElsewhereInTheResourceIsNoConflict(status: Int) async throws {
    let client = client([
      { [service] in
        service.edit { $0["spec"]?["hosts"] = ["reviews", "other"] }
        return .status(status, #"{"kind":"Status","message":"the server rejected our request","code":\#(status)}"#)
      }
    ])
    let made = try await writer(client).apply(draft)
    #expect(service.weights == [100, 0])
    #expect(made.resourceVersion == "1045")
    #expect(client.writes.count == 2)
  }

  @Test func anInvalidObjectIsNotTriedForever() async throws {
    let client = ScriptedClient { [service] request in
      request.method == .patch
        ? .status(422, #"{"kind":"Status","message":"spec.http: Invalid value","code":422}"#) : service.get()
    }
    await #expect(throws: ChangeFailure.denied("refused as invalid (422): spec.http: Invalid value")) {
      try await writer(client).apply(draft)
    }
    #expect(client.writes.count == 1)
  }

  @Test func theWebhooksWordsArePassedOn() async throws {
    let client = client([
      {
        .status(
          400,
          #"{"kind":"Status","message":"admission webhook \"validation.istio.io\" denied the request: total destination weight = 0","code":400}"#
        )
      }
    ])
    await #expect(throws: ChangeFailure.denied("total destination weight = 0")) {
      try await writer(client).apply(draft)
    }
  }

  @Test func forbiddenIsDenied() async throws {
    let client = client([{ .status(403, #"{"kind":"Status","message":"User \"x\" cannot patch","code":403}"#) }])
    await #expect(throws: ChangeFailure.denied("User \"x\" cannot patch")) { try await writer(client).apply(draft) }
  }

  @Test func aThrottledServerIsAskedAgainAfterItsTime() async throws {
    let client = client([
      { .status(429, "", ["Retry-After": "3"]) }, { .status(429, "") },
    ])
    _ = try await writer(client).apply(draft)
    #expect(service.weights == [100, 0])
    let always = ScriptedClient { [service] in $0.method == .patch ? .status(429, "") : service.get() }
    await #expect(throws: ChangeFailure.self) {
      try await writer(always).apply(
        ChangeDraft(
          route: draft.route, resourceVersion: "", before: draft.after, after: draft.before))
    }
    #expect(always.writes.count == 4)
  }

  @Test func aLostAnswerIsLookedFor() async throws {
    // The server made the change, and the connection broke before it could say so.
    let turn = Turn()
    let client = ScriptedClient { [service] request in
      guard request.method == .patch else { return service.get() }
      if turn.next() == 0 { _ = service.patch(request) }
      return .failure(.brokenOff(reason: "reset"))
    }
    let made = try await writer(client).apply(draft)
    #expect(made.resourceVersion == "1044")
    #expect(client.writes.count == 1, "never sent twice")
    #expect(try outcomes() == [.made(resourceVersion: "1044")])
  }

  @Test func anAnswerThatStaysLostIsSaidToBe() async throws {
    let client = client([{ .failure(.deadlineExceeded(after: .seconds(30))) }])
    do throws(ChangeFailure) {
      _ = try await writer(client).apply(draft)
      Issue.record("it cannot be known")
    } catch {
      guard case .answerLost = error else {
        Issue.record("\(error)")
        return
      }
    }
    guard case .unknown = try outcomes().first else {
      Issue.record("the journal must say that it is not known")
      return
    }
  }

  /// The write was carried out, its answer lost, and somebody wrote over it: nobody can tell that from a write that
  /// never arrived.
  @Test func aThirdSplitAfterALostAnswerIsNotSaidToBeUntouched() async throws {
    let client = client([
      { [service] in
        service.setWeights([100, 0])
        service.setWeights([60, 40])
        return .failure(.brokenOff(reason: "reset"))
      }
    ])
    do throws(ChangeFailure) {
      _ = try await writer(client).apply(draft)
      Issue.record("it cannot be known")
    } catch {
      guard case .answerLost(_, now: TrafficSplit([v1: 60, v3: 40])) = error else {
        Issue.record("\(error)")
        return
      }
      #expect("\(error)".contains("may have been made; since then somebody else wrote v1=60 v3=40"))
    }
    #expect(client.writes.count == 1)
    guard case .unknown(let reason) = try outcomes().first else {
      Issue.record("the journal must say that it is not known")
      return
    }
    #expect(reason.contains("v1=60 v3=40"))
  }

  /// A controller writes the status or an annotation each second.
  @Test(arguments: [1, 3])
  func aBusyObjectIsTriedAgain(times: Int) async throws {
    let moved: @Sendable () -> ScriptedClient.Answer = { [service] in
      service.edit { $0["status"] = ["observed": "again"] }
      return .status(422, #"{"kind":"Status","message":"test failed","code":422}"#)
    }
    let writing = client(Array(repeating: moved, count: times))
    _ = try await writer(writing).apply(draft)
    #expect(service.weights == [100, 0])
    #expect(writing.writes.count == times + 1)
  }

  @Test func anObjectThatIsAlwaysBusyIsSaidToBe() async throws {
    let always = ScriptedClient { [service] request in
      guard request.method == .patch else { return service.get() }
      service.edit { $0["status"] = ["observed": "again"] }
      return .status(422, #"{"kind":"Status","message":"test failed","code":422}"#)
    }
    for write in [true, false] {
      do throws(ChangeFailure) {
        if write { _ = try await writer(always).apply(draft) } else { _ = try await writer(always).preview(draft) }
        Issue.record("it was taken")
      } catch {
        #expect("\(error)".contains("though not in this rule"), "\(error)")
      }
    }
    #expect(always.writes.count == 8)
    #expect(service.weights == [75, 25])
  }

  @Test func anUnreachableServerGotNothing() async throws {
    let endpoint = Endpoint(host: "kubernetes.test")
    let client = client([{ .failure(.unreachable(endpoint, reason: "refused")) }])
    do throws(ChangeFailure) {
      _ = try await writer(client).apply(draft)
      Issue.record("it was not sent")
    } catch {
      guard case .unreachable = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func readOnlyWritesNothing() async throws {
    let client = client()
    await #expect(throws: ChangeFailure.readOnly) { try await writer(client, gate: .readOnly).apply(draft) }
    await #expect(throws: ChangeFailure.readOnly) { try await writer(client, gate: .readOnly).preview(draft) }
    #expect(client.requests.isEmpty)
    #expect(try outcomes().isEmpty)
  }

  @Test func whatACheckRefusesIsNeitherWrittenNorNumbered() async throws {
    let client = client()
    let checks = [
      ChangeCheck(.permission, .ok, "you may"), ChangeCheck(.subset, .refusal, "v3 has no ready pod"),
      ChangeCheck(.destination, .refusal, "there is no Service"),
    ]
    await #expect(throws: ChangeFailure.refused("v3 has no ready pod; there is no Service")) {
      try await writer(client, checks: checks).apply(draft)
    }
    #expect(client.writes.isEmpty)
    #expect(try outcomes().isEmpty)
    // The preview shows it beside what the server would do.
    let preview = try await writer(client, checks: checks).preview(draft)
    #expect(preview.checks == checks)
    #expect(preview.lines.count == 2)
  }

  @Test func aRefusingCheckIsShownInPlaceOfTheServersNo() async throws {
    let client = client([
      { .status(403, #"{"kind":"Status","message":"forbidden: no","reason":"Forbidden","code":403}"#) }
    ])
    let checks = [ChangeCheck(.permission, .refusal, "you may not patch it")]
    #expect(try await writer(client, checks: checks).preview(draft).checks == checks)
  }

  @Test func theDryRunShowsWhatTheServerWouldDo() async throws {
    let client = ScriptedClient { [service] request in
      guard request.method == .patch else { return service.get() }
      guard case .status(let status, let body, _) = service.patch(request) else { return .failure(.cancelled) }
      return .status(status, body, ["Warning": #"299 - "weights do not add up""#])
    }
    let preview = try await writer(client).preview(draft)
    #expect(
      preview.lines == [
        .init(path: "spec.http[0].route[0].weight", before: "75", after: "100"),
        .init(path: "spec.http[0].route[1].weight", before: "25", after: "0"),
      ])
    #expect(preview.warnings == ["weights do not add up"])
    #expect(service.weights == [75, 25])
    #expect(client.writes.allSatisfy { $0.target.contains("dryRun=All") })
  }

  @Test func anAbsentWeightIsAddedOnlyWhereItIsNeeded() async throws {
    let service = PatchedService([("v1", 100), ("v3", nil)])
    let client = ScriptedClient { $0.method == .patch ? service.patch($0) : service.get() }
    let draft = ChangeDraft(
      route: ruleID(0), resourceVersion: "1043", before: TrafficSplit([v1: 100, v3: 0]),
      after: TrafficSplit([v1: 90, v3: 10]))
    _ = try await writer(client).apply(draft)
    #expect(service.weights == [90, 10])
  }

  @Test func anUndoIsAChangeLikeAnyOther() async throws {
    let client = client()
    let made = try await writer(client).apply(draft)
    service.edit { $0["spec"]?["hosts"] = ["reviews", "other"] }
    let undo = ChangeDraft(
      route: draft.route, resourceVersion: made.resourceVersion, before: draft.after, after: draft.before,
      undoes: made.id)
    let undone = try await writer(client).apply(undo)
    #expect(undone.change.undoes == 1)
    #expect(service.weights == [75, 25])
    // A second time the rule no longer says what the change wrote.
    await #expect(throws: ChangeFailure.conflict(theirs: draft.before)) { try await writer(client).apply(undo) }
  }
}

/// Counts calls.
final class Turn: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      defer { count += 1 }
      return count
    }
  }
}
