import MeshModel
import Synchronization
import Testing

@testable import Console
@testable import ConsoleRuntime

@Suite(.timeLimit(.minutes(1))) struct InboxTests {
  private func tick(_ second: Int) -> Message { .tick(Timestamp(seconds: Int64(second))) }

  @Test func aFeedWaitsWhileItsLettersAreUnread() async {
    let (calls, call) = AsyncStream<Void>.makeStream()
    let inbox = Inbox { call.yield() }
    let put = Atomic(0)
    let feed = Task {
      for second in 0..<100 {
        await inbox.put(tick(second), of: 1)
        put.add(1, ordering: .sequentiallyConsistent)
      }
      call.finish()
    }
    var read: [Message] = []
    for await _ in calls {
      // It goes on only when it is let: whatever it has put by now, there are never more.
      for _ in 0..<50 { await Task.yield() }
      let letters = inbox.empty()
      #expect(letters.count <= Inbox.mostOfAFeed)
      read += letters.map(\.message)
    }
    await feed.value
    read += inbox.empty().map(\.message)
    #expect(put.load(ordering: .sequentiallyConsistent) == 100)
    #expect(read == (0..<100).map { tick($0) })
  }

  @Test func aFeedThatIsClosedDoesNotWait() async {
    let inbox = Inbox {}
    let feed = Task { while !Task.isCancelled { await inbox.put(tick(1), of: 1) } }
    while inbox.isEmpty { await Task.yield() }
    feed.cancel()
    await feed.value
    #expect(!inbox.isEmpty)
  }

  @Test func anAnswerNeverWaits() {
    let inbox = Inbox {}
    for second in 0..<100 { inbox.put(tick(second)) }
    #expect(inbox.empty().count == 100)
  }
}
