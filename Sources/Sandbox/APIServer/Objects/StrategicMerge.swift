internal import JSON

/// Kubernetes' strategic merge patch for its own kinds: like a merge patch, but lists of named things are merged
/// element by element. `application/strategic-merge-patch+json`.
struct StrategicMerge {
  let type: ResourceType

  func merging(_ original: JSONValue, patch: JSONValue) -> JSONValue {
    merge(original, patch, field: "") ?? .object([:])
  }

  private func merge(_ original: JSONValue?, _ patch: JSONValue, field: String) -> JSONValue? {
    guard var changes = patch.object else { return patch }
    switch changes["$patch"]?.string {
    case "delete": return nil
    case "replace":
      changes["$patch"] = nil
      return .object(changes)
    default: break
    }
    var members = original?.object ?? JSONObject()
    if let kept = changes["$retainKeys"]?.array?.compactMap(\.string) {
      for key in members.keys where !kept.contains(key) { members[key] = nil }
    }
    for (key, change) in changes where !key.hasPrefix("$") {
      switch change {
      case .null: members[key] = nil
      case .object: members[key] = merge(members[key], change, field: key)
      case .array(let elements):
        members[key] = merge(members[key]?.array ?? [], elements, order: changes["$setElementOrder/\(key)"], field: key)
      default: members[key] = change
      }
    }
    for (key, gone) in changes where key.hasPrefix("$deleteFromPrimitiveList/") {
      let list = String(key.dropFirst("$deleteFromPrimitiveList/".count))
      guard let elements = members[list]?.array else { continue }
      members[list] = .array(elements.filter { gone.array?.contains($0) != true })
    }
    return .object(members)
  }

  private func merge(_ original: [JSONValue], _ patch: [JSONValue], order: JSONValue?, field: String) -> JSONValue {
    switch ListShape.of(field, in: type) {
    case .atomic: return .array(patch)
    case .set: return .array(original + patch.filter { !original.contains($0) })
    case .keyed(let keys):
      let key = keys[0]
      if patch.contains(where: { $0["$patch"] == "replace" && $0[key] == nil }) {
        return .array(patch.filter { $0["$patch"] == nil })
      }
      var elements = original
      for change in patch {
        if let place = elements.firstIndex(where: { $0[key] == change[key] }) {
          if let merged = merge(elements[place], change, field: "") {
            elements[place] = merged
          } else {
            elements.remove(at: place)
          }
        } else if let added = merge(nil, change, field: "") {
          elements.append(added)
        }
      }
      guard let order = order?.array else { return .array(elements) }
      let rank = { (element: JSONValue) in order.firstIndex { $0[key] == element[key] } ?? order.count }
      return .array(
        elements.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element))
    }
  }
}
