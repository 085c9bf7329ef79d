import JSON
// Brings full Foundation with it: it stays in this file.
internal import Yams

/// Where a text stops being YAML. Lines and columns count from 1.
struct YAMLError: Error, Equatable {
  let line: Int
  let column: Int
  let reason: String
}

/// Reads the first YAML (or JSON) document of a text. Scalars stay as they are written, as strings, but for nulls:
/// a token of digits is a token. Empty text gives null.
func readYAML(_ text: String) throws(YAMLError) -> JSONValue {
  let node: Node?
  do {
    // Without rules of what a plain scalar may mean: they are regular expressions, a millisecond of every start.
    node = try Yams.compose(yaml: text, .basic)
  } catch let error as YamlError {
    throw YAMLError(error)
  } catch {
    throw YAMLError(line: 1, column: 1, reason: "not YAML")
  }
  guard let node else { return .null }
  var budget = 100_000
  return try value(of: node, budget: &budget)
}

/// `budget` bounds how many values there may be, since aliases of aliases grow without bound.
private func value(of node: Node, budget: inout Int) throws(YAMLError) -> JSONValue {
  budget -= 1
  guard budget > 0 else {
    throw YAMLError(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, reason: "there are too many values")
  }
  switch node {
  case .scalar(let scalar):
    let isPlain = scalar.style == .plain || scalar.style == .any
    return isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) ? .null : .string(scalar.string)
  case .sequence(let sequence):
    var elements: [JSONValue] = []
    for element in sequence { elements.append(try value(of: element, budget: &budget)) }
    return .array(elements)
  case .mapping(let mapping):
    var members: [(String, JSONValue)] = []
    for (key, member) in mapping {
      guard let name = key.string else {
        throw YAMLError(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1, reason: "a key must be a string")
      }
      members.append((name, try value(of: member, budget: &budget)))
    }
    return .object(JSONObject(members))
  case .alias:
    throw YAMLError(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, reason: "an alias of nothing")
  }
}

extension YAMLError {
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(line: mark.line, column: mark.column, reason: plain(problem))
    case .duplicatedKeysInMapping(let duplicates, _):
      self.init(line: 1, column: 1, reason: "a key is given twice: \(plain(duplicates.joined(separator: ", ")))")
    case .reader(let problem, _, _, _): self.init(line: 1, column: 1, reason: plain(problem))
    default: self.init(line: 1, column: 1, reason: "not YAML")
    }
  }
}
