internal import JSON

/// The shape that a custom resource must have (the structural schema of its definition): members that it does not
/// name are unknown and are dropped, values of the wrong type are refused.
indirect enum Schema: Sendable {
  case string
  case boolean
  case integer(ClosedRange<Int> = Int.min...Int.max)
  case number
  case list(Schema)
  case map(Schema)
  case object([String: Schema])
  /// An object of which only these members are looked at, and the others kept.
  case open([String: Schema])
  case any

  /// What was found in one value.
  struct Findings {
    var unknown: [String] = []
    var causes: [APIFailure.Cause] = []
  }

  /// The value without unknown members.
  func pruned(_ value: JSONValue, at path: String, _ findings: inout Findings) -> JSONValue {
    switch (self, value) {
    case (.any, _), (_, .null), (.string, .string), (.boolean, .bool), (.number, .int), (.number, .double),
      (.number, .unsigned):
      return value
    case (.integer(let range), .int(let number)):
      if number > range.upperBound {
        findings.causes.append(
          .invalid(path, "\(number)", "\(path) in body should be less than or equal to \(range.upperBound)"))
      } else if number < range.lowerBound {
        findings.causes.append(
          .invalid(path, "\(number)", "\(path) in body should be greater than or equal to \(range.lowerBound)"))
      }
      return value
    case (.list(let element), .array(let elements)):
      return .array(
        elements.enumerated().map { element.pruned($0.element, at: "\(path)[\($0.offset)]", &findings) })
    case (.map(let element), .object(let members)):
      return .object(
        JSONObject(members.map { ($0.key, element.pruned($0.value, at: "\(path).\($0.key)", &findings)) }))
    case (.object(let known), .object(let members)):
      var kept = JSONObject()
      for (key, member) in members {
        let memberPath = path.isEmpty ? key : "\(path).\(key)"
        guard let schema = known[key] else {
          findings.unknown.append(memberPath)
          continue
        }
        kept[key] = schema.pruned(member, at: memberPath, &findings)
      }
      return .object(kept)
    case (.open(let known), .object(var members)):
      for (key, schema) in known {
        guard let member = members[key] else { continue }
        members[key] = schema.pruned(member, at: path.isEmpty ? key : "\(path).\(key)", &findings)
      }
      return .object(members)
    default:
      let found = value.typeName
      findings.causes.append(
        APIFailure.Cause(
          reason: "FieldValueTypeInvalid",
          message: "Invalid value: \"\(found)\": \(path) in body must be of type \(typeName): \"\(found)\"", field: path
        ))
      return value
    }
  }

  private var typeName: String {
    switch self {
    case .string: "string"
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .list: "array"
    case .map, .object, .open, .any: "object"
    }
  }
}

extension JSONValue {
  fileprivate var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int, .unsigned: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
