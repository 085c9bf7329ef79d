import MeshModel
import Synchronization
import Testing

@testable import LiveMesh

struct PollPaceTests {
  private let reviews = ResourceID(kind: .virtualService, namespace: "bookinfo", name: "reviews")

  /// How long a proxy is left alone after an answer that took so long, while this resource is being changed, if any.
  private func rest(
    after elapsed: Duration, changing resource: ResourceID?, carrying: Set<ResourceID> = []
  ) async -> Duration? {
    let slept = Mutex<Duration?>(nil)
    let clock = MeshClock(
      now: { Timestamp(seconds: 1_000_000) }, sleep: { span in slept.withLock { $0 = span } })
    let pace = PollPace(clock: clock)
    if let resource { pace.hurry(for: resource) }
    await pace.wait(afterAnswerThatTook: elapsed, jitter: 0.5) { !carrying.isDisjoint(with: $0) }
    return slept.withLock { $0 }
  }

  @Test func onlyThoseWhoCarryWhatChangesAreHurried() async {
    let quick = Duration.milliseconds(4)
    #expect(await rest(after: quick, changing: nil, carrying: [reviews]) == PollPace.usual)
    #expect(await rest(after: quick, changing: reviews, carrying: [reviews]) == PollPace.hurried)
    #expect(await rest(after: quick, changing: reviews) == PollPace.usual)
  }

  @Test func aProxyThatWorksHardForAnAnswerIsAskedLessOften() async {
    #expect(await rest(after: .milliseconds(300), changing: nil) == .seconds(6))
    #expect(await rest(after: .milliseconds(300), changing: reviews, carrying: [reviews]) == .milliseconds(600))
  }
}
