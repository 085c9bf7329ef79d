import MeshModel
import Testing

@testable import LiveMesh

struct LogSightTests {
  private let start = Timestamp(seconds: 1_000_000)
  private let client = ProxyID("client.bookinfo")
  private let server = ProxyID("server.bookinfo")

  /// One request a second of `client` for a minute, each read as it came.
  private func busyMinute() -> (TrafficLedger, LogSight) {
    var ledger = TrafficLedger()
    var sight = LogSight()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 1]))], at: start)
    sight.begin(client, at: start)
    sight.begin(server, at: start)
    for second in 0..<Int64(60) {
      let time = start + .seconds(second)
      ledger.add(seen("v1", at: time.wholeSecond, code: second % 3 == 0 ? 503 : 200), from: client)
      sight.read(client, newestLine: time, at: time + .seconds(1))
      sight.read(server, newestLine: time, at: time + .seconds(1))
    }
    return (ledger, sight)
  }

  @Test func anOutageOfTheWayToTheLogsLeavesTheFiguresAsTheyWere() throws {
    var (ledger, sight) = busyMinute()
    let before = ledger.sample(now: start + .seconds(60), over: .seconds(60), sight: sight)
    #expect(before.end == start + .seconds(60))
    #expect(before.routes[ruleID(0)]?.destinations[v1]?.requests == 60)
    #expect(before.routes[ruleID(0)]?.destinations[v1]?.errors == 20)
    for second in Int64(61)..<400 {
      let now = start + .seconds(second)
      // Nobody answers: each question fails after a while.
      for proxy in sight.takeQuestions(at: now) { sight.answered(proxy, lastLine: nil, hasFailed: true) }
      if second % 10 == 0 { ledger.forget(before: now) }
      #expect(ledger.sample(now: now, over: .seconds(60), sight: sight) == before)
    }
    #expect(sight.inSight(at: start + .seconds(400)) == 0)
  }

  @Test func anIdleMeshComesDownToNothing() throws {
    let (ledger, begun) = busyMinute()
    var sight = begun
    for second in Int64(61)..<130 {
      let now = start + .seconds(second)
      for proxy in sight.takeQuestions(at: now) {
        sight.answered(proxy, lastLine: start + .seconds(59), hasFailed: false)
      }
      let sample = ledger.sample(now: now, over: .seconds(60), sight: sight)
      #expect(now - sample.end <= .seconds(3), "at \(second) s")
    }
    let sample = ledger.sample(now: start + .seconds(130), over: .seconds(60), sight: sight)
    #expect(sample.routes[ruleID(0)]?.destinations[v1]?.requests == 0)
    #expect(sight.inSight(at: start + .seconds(130)) == 2)
  }

  @Test func aCallerOutOfSightIsNotSilentBecauseOthersAreSeen() throws {
    let (ledger, begun) = busyMinute()
    var sight = begun
    for second in Int64(61)..<100 { sight.read(server, newestLine: nil, at: start + .seconds(second)) }
    let sample = ledger.sample(now: start + .seconds(100), over: .seconds(60), sight: sight)
    #expect(sample.routes[ruleID(0)]?.destinations[v1]?.requests == 60)
    #expect(sample.end == start + .seconds(60))
    #expect(sight.inSight(at: start + .seconds(100)) == 1)
    // Its pod is gone: it sends nothing any more.
    sight.end(client)
    #expect(ledger.sample(now: start + .seconds(100), over: .seconds(60), sight: sight).end == start + .seconds(99))
  }

  /// Its own lines stop, and its node goes on to answer: the callers tell how it fares.
  @Test func aProxyThatHangsShowsInItsCallers() throws {
    var (ledger, sight) = busyMinute()
    for second in Int64(60)..<120 {
      let now = start + .seconds(second + 1)
      ledger.add(seen("v1", at: now.wholeSecond - 1, code: 0, flags: "DC", milliseconds: 5000), from: client)
      sight.read(client, newestLine: now, at: now)
      for proxy in sight.takeQuestions(at: now) {
        sight.answered(proxy, lastLine: start + .seconds(59), hasFailed: false)
      }
    }
    let sample = ledger.sample(now: start + .seconds(120), over: .seconds(60), sight: sight)
    let traffic = try #require(sample.routes[ruleID(0)]?.destinations[v1])
    #expect(sample.end == start + .seconds(120))
    #expect(traffic.errorRate == 1)
    #expect(traffic.topFlag?.code == "DC")
    #expect(sight.inSight(at: start + .seconds(120)) == 2)
  }

  @Test func aStreamThatIsBehindItsLogIsNotAbreast() {
    var sight = LogSight()
    sight.begin(client, at: start)
    sight.read(client, newestLine: start, at: start)
    let now = start + .seconds(10)
    #expect(sight.takeQuestions(at: now) == [client])
    #expect(sight.takeQuestions(at: now).isEmpty, "one question at a time")
    sight.answered(client, lastLine: start + .seconds(5), hasFailed: false)
    #expect(sight.end == start)
    #expect(sight.takeQuestions(at: now + .seconds(2)) == [client])
    sight.read(client, newestLine: start + .seconds(5), at: now + .seconds(3))
    sight.answered(client, lastLine: start + .seconds(5), hasFailed: false)
    #expect(sight.end == now + .seconds(3))
  }

  @Test func aStreamThatBrokeOffIsNotAskedFor() {
    var sight = LogSight()
    sight.begin(client, at: start)
    sight.broke(client)
    #expect(sight.takeQuestions(at: start + .seconds(9)).isEmpty)
    sight.reopened(client)
    #expect(sight.takeQuestions(at: start + .seconds(9)) == [client])
  }

  @Test func allSilentLogsHaveTheirTurn() {
    var sight = LogSight()
    let proxies = (10..<50).map { ProxyID("p\($0).a") }
    for proxy in proxies { sight.begin(proxy, at: start) }
    var asked: Set<ProxyID> = []
    for second in Int64(2)..<10 {
      let now = start + .seconds(second)
      let questions = sight.takeQuestions(at: now)
      #expect(questions.count <= LogSight.mostQuestions)
      for proxy in questions { sight.answered(proxy, lastLine: nil, hasFailed: true) }
      asked.formUnion(questions)
    }
    #expect(asked == Set(proxies))
  }

  @Test func silenceThatNobodyObservedIsNoArrival() throws {
    var (ledger, sight) = busyMinute()
    ledger.setRules([rule(0, split: TrafficSplit([v1: 0, v2: 1]))], at: start + .seconds(60))
    sight.read(client, newestLine: nil, at: start + .seconds(62))
    let goal = SeenGoal(asked: TrafficSplit([v1: 0, v2: 1]), appliedAt: start + .seconds(60))
    ledger.add(seen("v2", at: 1_000_061), from: client)
    let now = start + .seconds(90)
    let blind = try #require(ledger.count(ruleID(0), since: goal.start, now: now, sight: sight))
    #expect(goal.progress(blind, now: now).verdict == .gathering)
    sight.read(client, newestLine: nil, at: now)
    let seeing = try #require(ledger.count(ruleID(0), since: goal.start, now: now, sight: sight))
    #expect(goal.progress(seeing, now: now).verdict != .gathering)
  }
}
