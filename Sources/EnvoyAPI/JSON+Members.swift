internal import JSON

extension JSON {
  /// The elements of the array under a key; none where there is no such array, as protobuf leaves out empty ones.
  func list(_ key: String) -> [JSON] { self[key].map { Array($0.elements) } ?? [] }
}
