internal import JSON

/// What an update changed, in the terms of field ownership.
struct FieldComparison {
  /// Added, or given another value.
  private(set) var changed = FieldSet()
  private(set) var removed = FieldSet()

  /// Compares two states of one object. Without an old one everything is new but the structs that every object has.
  init(from old: APIObject?, to new: APIObject, type: ResourceType) {
    let bare: JSONValue = type.isCustom ? ["metadata": [:]] : ["metadata": [:], "spec": [:], "status": [:]]
    (changed, removed) = Self.compare(
      old.map { Self.ownable($0.json) } ?? bare, Self.ownable(new.json), field: "", type: type)
    (changed.isMember, removed.isMember) = (false, false)
  }

  /// Without what belongs to nobody: identity, and what the server keeps.
  static func ownable(_ object: JSONValue) -> JSONValue {
    var object = object
    for key in ["apiVersion", "kind"] { object[key] = nil }
    guard var metadata = object["metadata"] else { return object }
    for key in [
      "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink",
    ] { metadata[key] = nil }
    object["metadata"] = metadata
    return object
  }

  private static func compare(
    _ old: JSONValue?, _ new: JSONValue?, field: String, type: ResourceType
  ) -> (changed: FieldSet, removed: FieldSet) {
    guard old != new else { return (FieldSet(), FieldSet()) }
    var (changed, removed) = (FieldSet(isMember: old == nil), FieldSet(isMember: new == nil))
    let (before, after) = (parts(of: old, field, type), parts(of: new, field, type))
    guard before != nil || after != nil, old == nil || before != nil, new == nil || after != nil else {
      return (FieldSet(isMember: new != nil), removed)
    }
    for step in Set((before ?? [:]).keys).union((after ?? [:]).keys) {
      let below = compare(before?[step], after?[step], field: step.fieldName ?? field, type: type)
      changed[step] = below.changed
      removed[step] = below.removed
    }
    return (changed, removed)
  }

  /// The parts of a value that are owned one by one, by their steps; `nil` where it is owned as a whole.
  private static func parts(of value: JSONValue?, _ field: String, _ type: ResourceType) -> [String: JSONValue]? {
    switch value {
    case .object(let members):
      guard !ListShape.isAtomicMap(field, in: type) else { return nil }
      return Dictionary(members.map { ("f:" + $0.key, $0.value) }) { $1 }
    case .array(let elements):
      let shape = ListShape.of(field, in: type)
      guard shape != .atomic else { return nil }
      var parts: [String: JSONValue] = [:]
      for element in elements {
        guard let step = shape.step(to: element) else { return nil }
        parts[step] = element
      }
      return parts
    default: return nil
    }
  }

  /// The fields that an applied configuration has an opinion on: leaves, values owned as one, and list elements.
  static func fields(of applied: APIObject, type: ResourceType) -> FieldSet {
    var applied = ownable(applied.json)
    if applied["metadata"]?.object?.isEmpty == true { applied["metadata"] = nil }
    var fields = opinions(applied, field: "", type: type)
    fields.isMember = false
    return fields
  }

  private static func opinions(_ value: JSONValue, field: String, type: ResourceType) -> FieldSet {
    guard let parts = parts(of: value, field, type), !parts.isEmpty else { return FieldSet(isMember: true) }
    var fields = FieldSet()
    for (step, part) in parts {
      fields[step] = opinions(part, field: step.fieldName ?? field, type: type)
      if step.hasPrefix("k:") { fields.children[step]?.isMember = true }
    }
    return fields
  }
}

extension String {
  /// Of a step into a member its name; `nil` for a step to a list's element.
  fileprivate var fieldName: String? { hasPrefix("f:") ? String(dropFirst(2)) : nil }
}
