public import JSON

extension JSONValue {
  /// This document with a merge patch applied (RFC 7396): members of the patch replace those here, nulls remove them,
  /// arrays are replaced whole. `application/merge-patch+json`.
  public func merging(patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members = object ?? JSONObject()
    for (key, change) in changes {
      if change.isNull {
        members[key] = nil
      } else {
        members[key] = (members[key] ?? .null).merging(patch: change)
      }
    }
    return .object(members)
  }
}
