internal import JSON

/// Server-side apply: merges what someone wants into what is there, unless others have set the same fields otherwise.
struct ServerSideApply {
  let type: ResourceType
  let author: ManagedFields.Author
  let isForced: Bool

  /// The object with the applied configuration in it, and its fields' new owners.
  func applying(_ applied: APIObject, to live: APIObject) throws(APIFailure) -> APIObject {
    var owners = ManagedFields(of: live)
    let fields = FieldComparison.fields(of: applied, type: type)
    var merged = APIObject(merge(live.json, applied.json, field: ""))
    let others = owners.others(than: author)
    let abandoned = others.reduce(owners.applied(by: author).subtracting(fields)) { $0.subtracting($1.fields) }
    merged.json = removing(abandoned, from: merged.json, field: "") ?? .object([:])

    let comparison = FieldComparison(from: live, to: merged, type: type)
    if !isForced { try refuseConflicts(others, comparison.changed) }
    owners.apply(fields, taking: comparison, by: author)
    merged[metadata: "managedFields"] = owners.json
    return merged
  }

  private func refuseConflicts(_ others: [ManagedFields.Entry], _ changed: FieldSet) throws(APIFailure) {
    var causes: [APIFailure.Cause] = []
    for other in others {
      let subresource = other.author.subresource.map { " with subresource \"\($0)\"" } ?? ""
      let version = other.operation == .update ? " using \(other.author.apiVersion)" : ""
      let message = "conflict with \"\(other.author.manager)\"\(subresource)\(version)"
      for path in other.fields.intersection(changed).paths {
        causes.append(APIFailure.Cause(reason: "FieldManagerConflict", message: message, field: path))
      }
    }
    guard let first = causes.first else { return }
    let message =
      causes.count == 1
      ? "Apply failed with 1 conflict: \(first.message): \(first.field)"
      : "Apply failed with \(causes.count) conflicts: "
        + causes.map { "\($0.message): \($0.field)" }.joined(separator: "\n")
    var details = APIFailure.details(nil, "", "", causes)
    details["kind"] = nil
    throw APIFailure(409, "Conflict", message, details: details)
  }

  private func merge(_ live: JSONValue?, _ applied: JSONValue, field: String) -> JSONValue {
    switch (live, applied) {
    case (.object(var members), .object(let changes)):
      guard !ListShape.isAtomicMap(field, in: type) else { return applied }
      for (key, change) in changes { members[key] = merge(members[key], change, field: key) }
      return .object(members)
    case (.array(var elements), .array(let changes)):
      let shape = ListShape.of(field, in: type)
      guard shape != .atomic else { return applied }
      for change in changes {
        if let place = elements.firstIndex(where: { shape.step(to: $0) == shape.step(to: change) }) {
          elements[place] = merge(elements[place], change, field: "")
        } else {
          elements.append(change)
        }
      }
      return .array(elements)
    default: return applied
    }
  }

  /// The value without the fields of a set; `nil` where nothing is left of what the set names.
  private func removing(_ fields: FieldSet, from value: JSONValue, field: String) -> JSONValue? {
    guard !fields.isEmpty else { return value }
    switch value {
    case .object(var members) where !fields.children.isEmpty:
      for (step, child) in fields.children where step.hasPrefix("f:") {
        let key = String(step.dropFirst(2))
        if let member = members[key] { members[key] = removing(child, from: member, field: key) }
      }
      return fields.isMember ? Optional.none : .object(members)
    case .array(let elements) where !fields.children.isEmpty:
      let shape = ListShape.of(field, in: type)
      let left = elements.compactMap { element -> JSONValue? in
        guard let step = shape.step(to: element) else { return element }
        return removing(fields[step], from: element, field: "")
      }
      return fields.isMember && left.isEmpty ? Optional.none : .array(left)
    default: return fields.isMember ? Optional.none : value
    }
  }
}
