import MeshModel
import Testing

@testable import LiveMesh

struct EditsUnderWayTests {
  private let start = Timestamp(seconds: 1_000_000)
  private let pace = PollPace(clock: HandClock().clock)

  private func asked(_ v3Weight: Int, name: String = "reviews") -> Asked {
    var asked = Asked()
    asked.rules = [rule(0, of: name, split: TrafficSplit([v1: 100 - v3Weight, v3: v3Weight]))]
    return asked
  }

  private func report(taken: Int, behind: Int) -> ProxyReport {
    let applied = Applied(
      taken: (0..<taken).map { ProxyID("t\($0).a") }, behind: (0..<behind).map { ProxyID("b\($0).a") })
    return ProxyReport(proxies: [], applied: [ruleID(0): applied])
  }

  @Test func anEditHasTheProxiesAskedOftenUntilAllHaveIt() {
    var edits = EditsUnderWay(pace: pace)
    let isEdit1 = edits.begin(with: asked(25), at: start)
    #expect(!isEdit1, "what is there at first is no edit")
    let isEdit2 = edits.begin(with: asked(0), at: start)
    #expect(isEdit2)
    #expect(pace.urgent == [ruleID(0).resource])
    edits.end(by: report(taken: 3, behind: 3), at: start + .seconds(1))
    #expect(pace.urgent == [ruleID(0).resource])
    edits.end(by: report(taken: 6, behind: 0), at: start + .seconds(1))
    #expect(pace.urgent.isEmpty)
  }

  @Test func aProxyThatNeverTakesItDoesNotKeepTheOthersBusy() {
    var edits = EditsUnderWay(pace: pace)
    _ = edits.begin(with: asked(25), at: start)
    _ = edits.begin(with: asked(10), at: start)
    // A second edit of the same resource is followed with the first.
    _ = edits.begin(with: asked(0), at: start + .seconds(1))
    edits.end(by: report(taken: 5, behind: 1), at: start + EditsUnderWay.patience)
    #expect(pace.urgent == [ruleID(0).resource])
    edits.end(by: report(taken: 5, behind: 1), at: start + .seconds(1) + EditsUnderWay.patience)
    #expect(pace.urgent.isEmpty)
  }

  @Test func whatIsNewOrTheSameIsNoEdit() {
    var edits = EditsUnderWay(pace: pace)
    _ = edits.begin(with: asked(25), at: start)
    let isEdit3 = edits.begin(with: asked(25), at: start)
    #expect(!isEdit3)
    let isEdit4 = edits.begin(with: asked(25, name: "other"), at: start)
    #expect(!isEdit4)
    #expect(pace.urgent.isEmpty)
  }

  @Test func lettingGoEndsAll() {
    var edits = EditsUnderWay(pace: pace)
    _ = edits.begin(with: asked(25), at: start)
    _ = edits.begin(with: asked(0), at: start)
    edits.endAll()
    #expect(pace.urgent.isEmpty)
  }
}
