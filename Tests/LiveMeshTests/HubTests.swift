import MeshModel
import Testing

@testable import LiveMesh

@Suite(.timeLimit(.minutes(1)))
struct HubTests {
  private let trouble = Trouble(.forbidden, "pods cannot be listed")

  @Test func aNewReaderGetsTheNewestAtOnce() async {
    let hub = Hub<Int> { _ in }
    var early = hub.feed().makeAsyncIterator()
    #expect(await early.next() == .connecting)
    hub.publish(1)
    hub.publish(2)
    #expect(await early.next() == .value(2), "what was replaced is not told")
    var late = hub.feed().makeAsyncIterator()
    #expect(await late.next() == .value(2))
  }

  @Test func troubleDoesNotHideTheValueBeforeIt() async {
    let hub = Hub<Int> { _ in }
    hub.publish(1)
    hub.publish(trouble)
    var reader = hub.feed().makeAsyncIterator()
    #expect(await reader.next() == .value(1))
    #expect(await reader.next() == .trouble(trouble))
    hub.publish(trouble)
    hub.publish(2)
    #expect(await reader.next() == .value(2), "the same trouble is told once, and a value ends it")
  }

  @Test func oneProducerServesAll() async {
    let (started, signal) = AsyncStream<Void>.makeStream()
    let hub = Hub<Int> { hub in
      signal.yield()
      hub.publish(7)
    }
    var first = hub.feed().makeAsyncIterator()
    var second = hub.feed().makeAsyncIterator()
    for await _ in started { break }
    while let event = await first.next(), event != .value(7) {}
    while let event = await second.next(), event != .value(7) {}
    signal.finish()
    var more = 0
    for await _ in started { more += 1 }
    #expect(more == 0)
  }

  @Test func closingEndsTheFeeds() async {
    let hub = Hub<Int> { _ in }
    var reader = hub.feed().makeAsyncIterator()
    _ = await reader.next()
    hub.close()
    #expect(await reader.next() == nil)
  }
}
