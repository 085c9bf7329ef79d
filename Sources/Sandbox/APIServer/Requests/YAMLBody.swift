internal import JSON
internal import Yams

extension JSONValue {
  /// Reads the first document of a YAML text, with YAML's numbers and booleans. `nil` where it is no YAML, or where
  /// aliases make it larger than 100,000 values.
  init?(yaml text: String) {
    guard let node = try? Yams.compose(yaml: text) else { return nil }
    var budget = 100_000
    guard let value = Self.value(of: node, budget: &budget) else { return nil }
    self = value
  }

  private static func value(of node: Node, budget: inout Int) -> JSONValue? {
    budget -= 1
    guard budget > 0 else { return nil }
    switch node {
    case .scalar(let scalar):
      guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
      if scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null" { return .null }
      if scalar.string == "true" || scalar.string == "false" { return .bool(scalar.string == "true") }
      if let number = Int(scalar.string) { return .int(number) }
      if let number = Double(scalar.string), number.isFinite { return .double(number) }
      return .string(scalar.string)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence {
        guard let value = value(of: element, budget: &budget) else { return nil }
        elements.append(value)
      }
      return .array(elements)
    case .mapping(let mapping):
      var members = JSONObject()
      for (key, member) in mapping {
        guard let key = key.string, let value = value(of: member, budget: &budget) else { return nil }
        members[key] = value
      }
      return .object(members)
    case .alias: return nil
    }
  }
}
