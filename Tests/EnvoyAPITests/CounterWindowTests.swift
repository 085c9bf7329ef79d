import EnvoyAPI
import Testing

@Suite struct CounterWindowTests {
  @Test func eachCounterStartsAnewOnItsOwn() {
    var window = CounterWindow<String>()
    #expect(window.advance(to: reading(["total": 100, "2xx": 90])).isEmpty)
    #expect(window.advance(to: reading(["total": 110, "2xx": 4])) == ["total": 10, "2xx": 4])
    #expect(window.advance(to: reading(["total": 110, "2xx": 4])) == ["total": 0, "2xx": 0])
  }

  @Test func aCounterThatWasAwayIsSeenAnew() {
    var window = CounterWindow<String>()
    _ = window.advance(to: reading(["a": 5]))
    #expect(window.advance(to: reading([:])).isEmpty)
    #expect(window.advance(to: reading(["a": 9])).isEmpty)
    #expect(window.advance(to: reading(["a": UInt64.max])) == ["a": UInt64.max - 9])
  }

  private func reading(_ values: [String: UInt64]) -> [String: UInt64] { values }

  @Test func theSetIsBounded() {
    var window = CounterWindow<Int>(limit: 10)
    let reading = (0..<25).map { (key: $0, value: UInt64(1)) }
    #expect(window.advance(to: reading).isEmpty)
    #expect(window.untracked == 15)
    #expect(window.advance(to: reading).count == 10)
  }
}
