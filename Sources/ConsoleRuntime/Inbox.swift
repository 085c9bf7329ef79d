import Console
import Synchronization

/// Where tasks leave messages for the one thread that owns the state.
final class Inbox: Sendable {
  /// A message, and the token of the feed that it came through; `nil` for the answer of an effect.
  struct Letter: Sendable {
    let message: Message
    let token: Int?
  }

  private let letters = Mutex<[Letter]>([])
  private let wake: @Sendable () -> Void

  /// - Parameter wake: Called from any thread when the first letter arrives in an empty inbox.
  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  func put(_ letter: Letter) {
    let wasEmpty = letters.withLock { letters in
      letters.append(letter)
      return letters.count == 1
    }
    if wasEmpty { wake() }
  }

  /// All letters, in the order in which they came.
  func empty() -> [Letter] {
    letters.withLock { letters in
      defer { letters.removeAll(keepingCapacity: true) }
      return letters
    }
  }

  var isEmpty: Bool { letters.withLock { $0.isEmpty } }
}
