/// The members of a JSON object in the order in which they were written. Two objects are equal when they have the same
/// members, in whatever order. Look-ups are linear: API objects have few members each.
public struct JSONObject: Sendable, Sequence, ExpressibleByDictionaryLiteral {
  private var members: [(key: String, value: JSONValue)]

  /// Of a key that is given twice the last wins, as in most readers.
  public init(_ members: [(String, JSONValue)] = []) {
    self.members = []
    self.members.reserveCapacity(members.count)
    for (key, value) in members { self[key] = value }
  }

  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var keys: [String] { members.map(\.key) }

  /// Setting `nil` removes the member; to write a null, set `.some(.null)`.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      if let place = members.firstIndex(where: { $0.key == key }) {
        if let newValue { members[place].value = newValue } else { members.remove(at: place) }
      } else if let newValue {
        members.append((key, newValue))
      }
    }
  }

  public func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> { members.makeIterator() }
}

extension JSONObject: Equatable {
  public static func == (one: JSONObject, other: JSONObject) -> Bool {
    one.count == other.count && one.allSatisfy { other[$0.key] == $0.value }
  }
}
