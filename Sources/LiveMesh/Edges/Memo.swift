/// Remembers what was made of a key, as long as there are not too many keys: where somebody else chooses them there can
/// be any number.
struct Memo<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var known: [Key: Value] = [:]
  private let most = 4_096

  mutating func value(of key: Key, make: (Key) -> Value) -> Value {
    if let value = known[key] { return value }
    if known.count >= most { known = [:] }
    let value = make(key)
    known[key] = value
    return value
  }
}
