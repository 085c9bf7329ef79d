public import JSON

/// A field of an object, and the value that it is to have.
public struct FieldEdit: Equatable, Sendable {
  public let place: JSONPointer
  /// What was read; `nil` where there was nothing.
  public let before: JSONValue?
  /// `nil` takes the field away.
  public let after: JSONValue?

  public init(_ place: JSONPointer, from before: JSONValue?, to after: JSONValue?) {
    self.place = place
    self.before = before
    self.after = after
  }
}

extension JSONPatch {
  /// Sets fields and touches nothing else. Taken only by the very object that was read: it tests the resourceVersion
  /// and every old value, also of fields that stay as they are; what was absent cannot be tested.
  public static func setting(_ fields: [FieldEdit], resourceVersion: String) -> JSONPatch {
    var tests: [Operation] = [.test(JSONPointer(["metadata", "resourceVersion"]), .string(resourceVersion))]
    var changes: [Operation] = []
    for field in fields {
      if let before = field.before { tests.append(.test(field.place, before)) }
      switch (field.before, field.after) {
      case (nil, let after?): changes.append(.add(field.place, after))
      case (_?, nil): changes.append(.remove(field.place))
      case (let before?, let after?) where before != after: changes.append(.replace(field.place, after))
      default: break
      }
    }
    return JSONPatch(tests + changes)
  }

  /// The places that it writes, in order, each with its new value; `nil` where something is taken away.
  public var writes: [(place: JSONPointer, value: JSONValue?)] {
    operations.compactMap { operation in
      switch operation {
      case .add(let place, let value), .replace(let place, let value): (place, value)
      case .remove(let place): (place, nil)
      case .move(_, let place), .copy(_, let place): (place, nil)
      case .test: nil
      }
    }
  }
}
