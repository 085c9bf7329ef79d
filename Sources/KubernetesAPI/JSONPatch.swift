public import JSON

/// Changes to a JSON document, taken all or not at all (RFC 6902). `application/json-patch+json`.
public struct JSONPatch: Equatable, Sendable {
  public enum Operation: Equatable, Sendable {
    case add(JSONPointer, JSONValue)
    case remove(JSONPointer)
    case replace(JSONPointer, JSONValue)
    case move(from: JSONPointer, to: JSONPointer)
    case copy(from: JSONPointer, to: JSONPointer)
    /// Nothing is changed unless this value stands there.
    case test(JSONPointer, JSONValue)
  }

  public var operations: [Operation]

  public init(_ operations: [Operation] = []) { self.operations = operations }
}

/// Why a patch cannot be read or applied, and by which of its operations (counted from 0).
public enum JSONPatchError: Error, Equatable, Sendable, CustomStringConvertible {
  case malformed(operation: Int?, reason: String)
  case missing(operation: Int, JSONPointer)
  /// A `test` found another value.
  case testFailed(operation: Int, JSONPointer, found: JSONValue?)

  public var description: String {
    switch self {
    case .malformed(nil, let reason): "not a JSON patch: \(reason)"
    case .malformed(let operation?, let reason): "operation \(operation) of the JSON patch: \(reason)"
    case .missing(let operation, let path): "operation \(operation) of the JSON patch: there is no \(path)"
    case .testFailed(let operation, let path, let found):
      "operation \(operation) of the JSON patch: \(path) is \(found?.text() ?? "absent"), which is not what was tested for"
    }
  }
}

extension JSONPatch {
  /// Reads the wire form: an array of operations.
  public init(reading value: JSONValue) throws(JSONPatchError) {
    guard let elements = value.array else { throw .malformed(operation: nil, reason: "it must be an array") }
    operations = []
    for (number, element) in elements.enumerated() {
      func pointer(_ key: String) throws(JSONPatchError) -> JSONPointer {
        guard let text = element[key]?.string, let pointer = JSONPointer(parsing: text) else {
          throw .malformed(operation: number, reason: "\"\(key)\" must be a JSON pointer")
        }
        return pointer
      }
      func operand() throws(JSONPatchError) -> JSONValue {
        guard let value = element["value"] else { throw .malformed(operation: number, reason: "\"value\" is missing") }
        return value
      }
      switch element["op"]?.string {
      case "add": operations.append(.add(try pointer("path"), try operand()))
      case "remove": operations.append(.remove(try pointer("path")))
      case "replace": operations.append(.replace(try pointer("path"), try operand()))
      case "move": operations.append(.move(from: try pointer("from"), to: try pointer("path")))
      case "copy": operations.append(.copy(from: try pointer("from"), to: try pointer("path")))
      case "test": operations.append(.test(try pointer("path"), try operand()))
      default: throw .malformed(operation: number, reason: "\"op\" must be add, remove, replace, move, copy or test")
      }
    }
  }

  /// The wire form.
  public var json: JSONValue {
    .array(
      operations.map { operation in
        switch operation {
        case .add(let path, let value): ["op": "add", "path": .string(path.description), "value": value]
        case .remove(let path): ["op": "remove", "path": .string(path.description)]
        case .replace(let path, let value): ["op": "replace", "path": .string(path.description), "value": value]
        case .move(let from, let path):
          ["op": "move", "from": .string(from.description), "path": .string(path.description)]
        case .copy(let from, let path):
          ["op": "copy", "from": .string(from.description), "path": .string(path.description)]
        case .test(let path, let value): ["op": "test", "path": .string(path.description), "value": value]
        }
      })
  }

  /// The document after all operations in order.
  public func applied(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
    var result = document
    for (number, operation) in operations.enumerated() {
      switch operation {
      case .add(let path, let value): try result.change(at: path.steps[...], .add(value), Context(number, path))
      case .remove(let path): try result.change(at: path.steps[...], .remove, Context(number, path))
      case .replace(let path, let value): try result.change(at: path.steps[...], .replace(value), Context(number, path))
      case .move(let from, let path):
        guard from == path || !from.isPrefix(of: path) else {
          throw .malformed(operation: number, reason: "\(from) cannot be moved into itself")
        }
        guard let value = result[from] else { throw .missing(operation: number, from) }
        try result.change(at: from.steps[...], .remove, Context(number, from))
        try result.change(at: path.steps[...], .add(value), Context(number, path))
      case .copy(let from, let path):
        guard let value = result[from] else { throw .missing(operation: number, from) }
        try result.change(at: path.steps[...], .add(value), Context(number, path))
      case .test(let path, let value):
        let found = result[path]
        guard let found, found.isSame(as: value) else {
          throw .testFailed(operation: number, path, found: found)
        }
      }
    }
    return result
  }
}

/// Which operation is at work, for its errors.
private struct Context {
  let operation: Int
  let path: JSONPointer

  init(_ operation: Int, _ path: JSONPointer) { (self.operation, self.path) = (operation, path) }

  var missing: JSONPatchError { .missing(operation: operation, path) }
}

private enum Edit {
  case add(JSONValue)
  case replace(JSONValue)
  case remove
}

extension JSONValue {
  fileprivate mutating func change(at steps: ArraySlice<String>, _ edit: Edit, _ context: Context)
    throws(JSONPatchError)
  {
    guard let step = steps.first else {
      switch edit {
      case .add(let value), .replace(let value): self = value
      case .remove: self = .null
      }
      return
    }
    let rest = steps.dropFirst()
    switch self {
    case .object(var members):
      if rest.isEmpty {
        switch edit {
        case .add(let value): members[step] = value
        case .replace(let value):
          guard members[step] != nil else { throw context.missing }
          members[step] = value
        case .remove:
          guard members[step] != nil else { throw context.missing }
          members[step] = nil
        }
      } else {
        guard var member = members[step] else { throw context.missing }
        try member.change(at: rest, edit, context)
        members[step] = member
      }
      self = .object(members)
    case .array(var elements):
      if rest.isEmpty, case .add(let value) = edit {
        guard let index = step == "-" ? elements.count : arrayIndex(step), index <= elements.count else {
          throw context.missing
        }
        elements.insert(value, at: index)
      } else {
        guard let index = arrayIndex(step), elements.indices.contains(index) else { throw context.missing }
        if !rest.isEmpty {
          try elements[index].change(at: rest, edit, context)
        } else if case .replace(let value) = edit {
          elements[index] = value
        } else {
          elements.remove(at: index)
        }
      }
      self = .array(elements)
    default: throw context.missing
    }
  }

  /// Equality as RFC 6902, 4.6 wants it: numbers by their value, so 1 and 1.0 are the same.
  fileprivate func isSame(as other: JSONValue) -> Bool {
    switch (self, other) {
    case (.array(let one), .array(let other)):
      one.count == other.count && zip(one, other).allSatisfy { $0.isSame(as: $1) }
    case (.object(let one), .object(let other)):
      one.count == other.count && one.allSatisfy { member in other[member.key].map(member.value.isSame) ?? false }
    case (.double, _), (_, .double): double != nil && double == other.double
    default: self == other
    }
  }
}
