import MeshModel
import Testing

@Suite struct TimelineTests {
  private static let v1 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v1")
  private static let v3 = Destination(host: "reviews.bookinfo.svc.cluster.local", subset: "v3")
  private static let rule = RouteID(
    resource: ResourceID(kind: .virtualService, namespace: "bookinfo", name: "reviews"), rule: 0)
  private static let object = ObservedChange.ObjectID(kind: "VirtualService", namespace: "bookinfo", name: "reviews")

  private static func split(_ first: Int, _ third: Int) -> TrafficSplit {
    TrafficSplit([.init(destination: v1, weight: Weight(first)), .init(destination: v3, weight: Weight(third))])
  }

  private func record(
    _ id: Int, at second: Int64, undoes: Int? = nil, _ outcome: ChangeRecord.Outcome = .made(resourceVersion: "9")
  ) -> ChangeRecord {
    let change = Change(
      id: id, route: Self.rule, match: "any", resourceVersion: "8", before: Self.split(90, 10),
      after: Self.split(75, 25), undoes: undoes)
    return ChangeRecord(
      change: change, time: Timestamp(seconds: second), context: "prod", user: "ada", outcome: outcome)
  }

  private func observed(
    _ version: String, at second: Int64, by: String = "meshdeck", fields: [ObservedChange.Field] = []
  ) -> ObservedChange {
    ObservedChange(
      id: .init(object: Self.object, version: version), action: .changed, time: Timestamp(seconds: second), by: by,
      fields: fields, services: [ServiceID(namespace: "bookinfo", name: "reviews")])
  }

  @Test func aChangeOfTheJournalAndWhatWasSeenOfItAreOne() throws {
    let moved = [ObservedChange.Field(name: "v3", before: "10", after: "25")]
    let entries = Timeline.entries(
      journal: [record(13, at: 100)],
      observed: [observed("11", at: 130, by: "kubectl-edit"), observed("9", at: 101, fields: moved)])
    #expect(entries.map(\.id) == [.observed(.init(object: Self.object, version: "11")), .ours(13)], "newest first")
    let ours = try #require(entries.last)
    #expect(ours.observed?.id.version == "9" && ours.by == "meshdeck" && ours.what == "v3 10 → 25")
  }

  /// Of the time before anybody watched, who and when is all there is.
  @Test func whatNobodySawIsKnownByWhoAndWhen() {
    let near = Timeline.entries(journal: [record(13, at: 100)], observed: [observed("then", at: 101)])
    #expect(near.count == 1 && near[0].what == "v1 90 → 75  v3 10 → 25", "the journal knows what it was")
    let far = Timeline.entries(journal: [record(13, at: 100)], observed: [observed("then", at: 110)])
    #expect(far.count == 2)
    let others = Timeline.entries(
      journal: [record(13, at: 100)], observed: [observed("then", at: 100, by: "kubectl-edit")])
    #expect(others.count == 2)
  }

  @Test func whatWasNotMadeIsNotToldAsMade() {
    let failed = Timeline.entries(
      journal: [record(14, at: 100, .failed("denied by the server"))], observed: [observed("then", at: 100)])
    #expect(failed.count == 2, "it is nothing that anybody saw")
    let entry = failed.first { $0.isOurs }
    #expect(entry?.what == "not made: v1 90 → 75  v3 10 → 25" && entry?.problem == "denied by the server")
    let torn = Timeline.entries(journal: [record(14, at: 100, .started)], observed: [])
    #expect(torn[0].what.hasPrefix("maybe made: ") && torn[0].problem != nil)
  }

  @Test func anUndoneChangeNamesWhatUndidIt() {
    let entries = Timeline.entries(
      journal: [
        record(15, at: 120, undoes: 13, .made(resourceVersion: "12")), record(14, at: 110, undoes: 13, .failed("no")),
        record(13, at: 100),
      ], observed: [])
    #expect(entries.map(\.undoneBy) == [nil, nil, 15])
  }

  @Test func expressionsAskOfChanges() throws {
    var ours = TimelineEntry(record(13, at: 100))
    ours.effect = ChangeEffect(
      before: .init(span: .seconds(60), requests: 100, errors: 0),
      after: .init(span: .seconds(60), requests: 100, errors: 31, p99: .milliseconds(840)))
    let theirs = TimelineEntry(observed("11", at: 130, by: "kubectl-edit"))
    func holds(_ text: String, _ entry: TimelineEntry) throws -> Bool {
      try Expression(text, fields: TimelineEntry.fields).matches(entry)
    }
    #expect(try holds("ours and err > 30% and p99 > 500ms and user = ada", ours))
    #expect(try holds("was < 1% reviews", ours))
    #expect(try holds("by ~ kubectl !ours kind = virtualservice", theirs))
    // What is not known is neither so nor not so.
    #expect(try !holds("err > 1%", theirs) && !holds("!(err > 1%)", theirs) && !holds("field = v3", theirs))
  }
}
