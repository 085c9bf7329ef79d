import Console
import Synchronization

/// Where tasks leave messages for the one thread that owns the state. A feed has room for a few: while they lie here
/// unread it waits, and what is too much is then for the feed's own source to replace, or to drop and to count. So a
/// console that is slow, or a terminal that takes nothing, lets no memory grow.
final class Inbox: Sendable {
  /// A message, and the token of the feed that it came through; `nil` for the answer of an effect.
  struct Letter: Sendable {
    let message: Message
    let token: Int?
  }

  /// Unread letters of one feed.
  static let mostOfAFeed = 4

  private struct State {
    var letters: [Letter] = []
    /// How many of them are whose.
    var unread: [Int: Int] = [:]
    /// Feeds that wait for room. One task a feed.
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())
  private let wake: @Sendable () -> Void

  /// - Parameter wake: Called from any thread when the first letter arrives in an empty inbox.
  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  /// For the answers of effects: each is asked for once.
  func put(_ message: Message) { add(Letter(message: message, token: nil)) }

  /// Returns when the feed has room for the next one, or its task is cancelled.
  func put(_ message: Message, of token: Int) async {
    add(Letter(message: message, token: token))
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasRoom = state.withLock { state in
          // Its task may have been cancelled before it came to wait.
          if state.unread[token, default: 0] < Self.mostOfAFeed || Task.isCancelled { return true }
          state.waiting[token] = continuation
          return false
        }
        if hasRoom { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: token) }?.resume()
    }
  }

  private func add(_ letter: Letter) {
    let wasEmpty = state.withLock { state in
      state.letters.append(letter)
      if let token = letter.token { state.unread[token, default: 0] += 1 }
      return state.letters.count == 1
    }
    if wasEmpty { wake() }
  }

  /// All letters, in the order in which they came.
  func empty() -> [Letter] {
    let (letters, waiting) = state.withLock { state in
      defer { state = State() }
      return (state.letters, state.waiting)
    }
    for continuation in waiting.values { continuation.resume() }
    return letters
  }

  var isEmpty: Bool { state.withLock { $0.letters.isEmpty } }
}
