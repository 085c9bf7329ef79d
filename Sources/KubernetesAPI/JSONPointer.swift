public import JSON

/// A place in a JSON document (RFC 6901): `/spec/http/0/route`.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
  /// The steps from the root, unescaped: a member's key, an element's number, or `-` for the end of an array.
  public var steps: [String]

  public init(_ steps: [String] = []) { self.steps = steps }

  /// Reads `""` (the whole document) or `/a/b~1c/0`. `nil` for anything else.
  public init?(parsing text: String) {
    guard !text.isEmpty else {
      steps = []
      return
    }
    guard text.hasPrefix("/") else { return nil }
    steps = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let step = unescaped(part) else { return nil }
      steps.append(step)
    }
  }

  public func appending(_ step: String) -> JSONPointer { JSONPointer(steps + [step]) }
  public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

  public func isPrefix(of other: JSONPointer) -> Bool {
    steps.count <= other.steps.count && other.steps.starts(with: steps)
  }

  public var description: String { steps.map { "/" + escaped($0) }.joined() }
}

extension JSONValue {
  /// The value at a place; `nil` when there is none.
  public subscript(pointer: JSONPointer) -> JSONValue? {
    var value = self
    for step in pointer.steps {
      switch value {
      case .object(let members):
        guard let member = members[step] else { return nil }
        value = member
      case .array(let elements):
        guard let index = arrayIndex(step), elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }
}

/// The number of an element as RFC 6901 writes it: digits only, no leading zero.
func arrayIndex(_ step: String) -> Int? {
  guard !step.isEmpty, step.utf8.allSatisfy({ (48...57).contains($0) }), step == "0" || !step.hasPrefix("0") else {
    return nil
  }
  return Int(step)
}

private func escaped(_ step: String) -> String {
  var text = ""
  for character in step.unicodeScalars {
    switch character {
    case "~": text += "~0"
    case "/": text += "~1"
    default: text.unicodeScalars.append(character)
    }
  }
  return text
}

private func unescaped(_ step: Substring) -> String? {
  var text = ""
  var scalars = step.unicodeScalars.makeIterator()
  while let scalar = scalars.next() {
    guard scalar == "~" else {
      text.unicodeScalars.append(scalar)
      continue
    }
    switch scalars.next() {
    case "0": text += "~"
    case "1": text += "/"
    default: return nil
    }
  }
  return text
}
