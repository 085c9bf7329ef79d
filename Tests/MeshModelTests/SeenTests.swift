import MeshModel
import Testing

@Suite struct SeenTests {
  /// Wilson's interval for 50 of 100 and 1 of 10, worked out by hand.
  @Test func wilsonInterval() throws {
    let half = try #require(Seen(requests: 50, of: 100))
    #expect(abs(half.low - 0.4038) < 0.0001)
    #expect(abs(half.high - 0.5962) < 0.0001)
    let few = try #require(Seen(requests: 1, of: 10))
    #expect(abs(few.low - 0.0179) < 0.0001)
    #expect(abs(few.high - 0.4042) < 0.0001)
  }

  @Test func extremesReachTheEdge() throws {
    let none = try #require(Seen(requests: 0, of: 200))
    #expect(none.low == 0)
    #expect(none.high > 0.01 && none.high < 0.02)
    let all = try #require(Seen(requests: 200, of: 200))
    #expect(all.high == 1)
  }

  @Test func nothingWasSeenWithoutRequests() {
    #expect(Seen(requests: 0, of: 0) == nil)
    #expect(Seen(requests: 5, of: 3) == nil)
  }
}
