import Testing
import Transport

@testable import KubernetesAPI

private typealias Machine = ListWatch<Pod>

private func page(_ pods: [Pod], version: String = "10", next: String? = nil) -> Machine.Input {
  .page(ListPage(resources: pods, resourceVersion: version, next: next))
}

/// A machine that watches from version 10 and knows the pod `a`.
private func watching() -> Machine {
  var machine = Machine(seed: 1)
  _ = machine.step(page([pod("a", version: 7)]))
  _ = machine.step(.opened)
  return machine
}

private func waits(_ demand: Machine.Demand, between low: Duration, and high: Duration) -> Bool {
  if case .wait(let span) = demand { low <= span && span <= high } else { false }
}

@Suite struct ListWatchTests {
  @Test func listsPageByPageThenWatches() {
    var machine = Machine(seed: 1)
    #expect(machine.start == .list(continuing: nil, isPaged: true))
    #expect(machine.step(page([pod("a", version: 7)], next: "t1")) == .list(continuing: "t1", isPaged: true))
    #expect(!machine.state.isComplete && machine.state.objects.isEmpty && machine.state.phase == .loading)
    #expect(machine.step(page([pod("b", version: 8)])) == .watch(resourceVersion: "10"))
    #expect(machine.state.sorted.map(\.name) == ["a", "b"])
    #expect(machine.state.phase == .live && machine.state.isComplete)
  }

  @Test func takesEventsAndResumesAfterTheLastOne() {
    var machine = watching()
    #expect(machine.step(.event(.set(pod("b", version: 11)))) == .goOn)
    #expect(machine.step(.event(.deleted(pod("a", version: 12).object))) == .goOn)
    #expect(machine.step(.event(.bookmark("15"))) == .goOn)
    #expect(machine.state.sorted.map(\.name) == ["b"])
    #expect(machine.step(.ended) == .watch(resourceVersion: "15"))
    #expect(machine.state.phase == .live)
  }

  @Test func aQuietWatchThatEndsIsOpenedAgainWithoutAStorm() {
    var machine = watching()
    var total = Duration.zero
    for _ in 0..<10 {
      let demand = machine.step(.ended)
      guard case .wait(let span) = demand else {
        Issue.record("it asks for \(demand)")
        return
      }
      total += span
      #expect(machine.state.phase == .live)
      #expect(machine.step(.timer) == .watch(resourceVersion: "10"))
      _ = machine.step(.opened)
    }
    #expect(total > .seconds(15))
  }

  @Test func anExpiredWatchListsAgainAndKeepsWhatItKnew() {
    var machine = watching()
    #expect(machine.step(.event(.failed(.expired(message: "old")))) == .list(continuing: nil, isPaged: true))
    #expect(machine.state.sorted.map(\.name) == ["a"])
    #expect(machine.state.phase == .behind(.refused(.expired(message: "old")), retryIn: .zero))
    _ = machine.step(page([pod("b", version: 20)], version: "20", next: "t"))
    #expect(machine.state.sorted.map(\.name) == ["a"])
    _ = machine.step(page([pod("c", version: 19)], version: "20"))
    #expect(machine.state.sorted.map(\.name) == ["b", "c"])
    #expect(machine.state.phase == .live)
  }

  @Test func anExpiredWatchByStatusListsAgainToo() {
    var machine = watching()
    #expect(machine.step(.refused(.expired(message: "old"))) == .list(continuing: nil, isPaged: true))
    // Again and again: not in a storm.
    _ = machine.step(page([], version: "20"))
    #expect(waits(machine.step(.refused(.expired(message: "old"))), between: .milliseconds(150), and: .seconds(1)))
  }

  @Test func anExpiredContinueStartsOverWithoutPages() {
    var machine = Machine(seed: 1)
    _ = machine.step(page([pod("a", version: 7)], next: "t1"))
    #expect(machine.step(.refused(.expired(message: "continue"))) == .list(continuing: nil, isPaged: false))
    #expect(machine.step(page([pod("b", version: 9)], version: "12")) == .watch(resourceVersion: "12"))
    #expect(machine.state.sorted.map(\.name) == ["b"])
  }

  @Test func refusalsAreSaidAndTriedAgainSlowly() {
    for error in [KubernetesError.unauthorized(message: ""), .forbidden(message: "no")] {
      var machine = watching()
      let demand = machine.step(.refused(error))
      #expect(waits(demand, between: .seconds(15), and: .seconds(25)))
      guard case .behind(.refused(error), _) = machine.state.phase else {
        Issue.record("\(machine.state.phase)")
        continue
      }
      #expect(machine.state.sorted.map(\.name) == ["a"])
      #expect(machine.step(.timer) == .watch(resourceVersion: "10"))
    }
  }

  @Test func aBusyServerIsLeftAloneForAsLongAsItAsks() {
    var machine = Machine(seed: 1)
    let demand = machine.step(.refused(.tooManyRequests(retryAfter: .seconds(8))))
    #expect(waits(demand, between: .seconds(6), and: .seconds(10)))
    #expect(machine.step(.timer) == .list(continuing: nil, isPaged: true))
  }

  @Test func failuresBackOffToHalfAMinute() {
    var machine = Machine(seed: 1)
    var spans: [Duration] = []
    for _ in 0..<12 {
      if case .wait(let span) = machine.step(.broken(.unresolved(host: "api"))) { spans.append(span) }
      _ = machine.step(.timer)
    }
    #expect(spans.count == 12)
    #expect(spans[0] < .milliseconds(300) && spans[11] > .seconds(20) && spans[11] < .seconds(40))
    guard case .behind(.broken(.unresolved(host: "api")), _) = machine.state.phase else {
      Issue.record("\(machine.state.phase)")
      return
    }
  }

  @Test func aKindThatIsNotServedIsNoTrouble() {
    var machine = Machine(seed: 1)
    #expect(waits(machine.step(.refused(.notServed(path: "/apis/x"))), between: .seconds(20), and: .seconds(40)))
    #expect(machine.state.phase == .notServed(path: "/apis/x"))
    #expect(machine.step(.timer) == .list(continuing: nil, isPaged: true))
    _ = machine.step(page([]))
    #expect(machine.state.phase == .live && machine.state.isComplete)
  }

  @Test func garbageIsResumedFromAndSaidWhenItRepeats() {
    var machine = watching()
    _ = machine.step(.garbage(reason: "x"))
    #expect(machine.state.phase == .live)
    #expect(machine.step(.timer) == .watch(resourceVersion: "10"))
    _ = machine.step(.opened)
    _ = machine.step(.garbage(reason: "x"))
    guard case .behind(.garbage(reason: "x"), _) = machine.state.phase else {
      Issue.record("\(machine.state.phase)")
      return
    }
    #expect(machine.step(.timer) == .watch(resourceVersion: "10"))
    _ = machine.step(.garbage(reason: "x"))
    #expect(machine.step(.timer) == .list(continuing: nil, isPaged: true))
  }

  @Test func aBreakAfterAWordIsResumedAtOnceAndARepeatedOneIsSaid() {
    var machine = watching()
    _ = machine.step(.event(.bookmark("11")))
    let error = TransportError.brokenOff(reason: "reset")
    #expect(machine.step(.broken(error)) == .watch(resourceVersion: "11"))
    #expect(machine.state.phase == .live)
    #expect(waits(machine.step(.broken(error)), between: .milliseconds(100), and: .seconds(1)))
    guard case .behind(.broken(error), _) = machine.state.phase else {
      Issue.record("\(machine.state.phase)")
      return
    }
  }
}
