public import JSON

/// The identity of an object among those of its kind.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Empty for objects of the cluster.
  public let namespace: String
  public let name: String

  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  public static func < (one: ObjectKey, other: ObjectKey) -> Bool {
    (one.namespace, one.name) < (other.namespace, other.name)
  }

  public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

/// An object of any kind as the server gave it, unknown fields included; only `metadata.managedFields`, the bulk of
/// most objects, stands apart in `owners`.
public struct KubernetesObject: Equatable, Sendable {
  public let key: ObjectKey
  /// Opaque (it may be compared for equality only); empty where the server gave none.
  public let resourceVersion: String
  public let json: JSONValue
  /// Who wrote which fields, in the server's order.
  public let owners: [FieldOwner]

  /// `nil` when this is no object with a name. `keepingFields` says whether the owners keep which fields they own, and
  /// `dropping` which members are left out below everything but the metadata.
  public init?(_ json: JSON, keepingFields: Bool = true, dropping bulk: Set<String> = []) {
    guard let metadata = json["metadata"], let name = metadata["name"]?.string, !name.isEmpty else { return nil }
    key = ObjectKey(namespace: metadata["namespace"]?.string ?? "", name: name)
    resourceVersion = metadata["resourceVersion"]?.string ?? ""
    owners = metadata["managedFields"]?.elements.map { FieldOwner($0, keepingFields: keepingFields) } ?? []
    // Copied member by member, so that the bulk that is dropped is never copied.
    self.json = .object(
      JSONObject(
        json.members.map { member in
          guard member.key == "metadata" else { return (member.key, member.value.value(dropping: bulk)) }
          let kept = member.value.members.filter { $0.key != "managedFields" }
          return (member.key, .object(JSONObject(kept.map { ($0.key, $0.value.value) })))
        }))
  }

  public var apiVersion: String? { json["apiVersion"]?.string }
  public var kind: String? { json["kind"]?.string }
  public var metadata: JSONValue { json["metadata"] ?? .null }
  public var uid: String? { metadata["uid"]?.string }
  public var labels: [String: String] { strings(metadata["labels"]) }
  public var annotations: [String: String] { strings(metadata["annotations"]) }
  /// RFC 3339.
  public var creationTimestamp: String? { metadata["creationTimestamp"]?.string }
  /// RFC 3339; there once the object is being deleted.
  public var deletionTimestamp: String? { metadata["deletionTimestamp"]?.string }
  /// Counts the changes of `spec`.
  public var generation: Int? { metadata["generation"]?.int }

  public var ownerReferences: [OwnerReference] {
    (metadata["ownerReferences"]?.array ?? []).compactMap { reference in
      guard let kind = reference["kind"]?.string, let name = reference["name"]?.string else { return nil }
      return OwnerReference(
        kind: kind, name: name, uid: reference["uid"]?.string ?? "",
        isController: reference["controller"]?.bool ?? false)
    }
  }

  /// Who wrote a field last (or a part of it, or what it is a part of), by the server's books; `nil` where they say
  /// nothing. A list that custom resources own as one (`/spec/http`) has one writer.
  public func lastWriter(of path: JSONPointer) -> FieldOwner? {
    owners.filter { $0.subresource == nil && $0.owns(path) }.max { ($0.time ?? "") < ($1.time ?? "") }
  }

  /// Everybody who wrote a field (or a part of it, or what it is a part of), the newest first.
  public func writers(of path: JSONPointer) -> [FieldOwner] {
    owners.filter { $0.subresource == nil && $0.owns(path) }.sorted { ($0.time ?? "") > ($1.time ?? "") }
  }

  /// Who wrote anything but the status last.
  public var lastWriter: FieldOwner? {
    owners.filter { $0.subresource == nil }.max { ($0.time ?? "") < ($1.time ?? "") }
  }
}

extension JSON {
  /// A copy without the members of these names, at any depth.
  fileprivate func value(dropping keys: Set<String>) -> JSONValue {
    guard !keys.isEmpty else { return value }
    switch kind {
    case .object:
      let kept = members.filter { !keys.contains($0.key) }
      return .object(JSONObject(kept.map { ($0.key, $0.value.value(dropping: keys)) }))
    case .array: return .array(elements.map { $0.value(dropping: keys) })
    default: return value
    }
  }
}

public struct OwnerReference: Hashable, Sendable {
  public let kind: String
  public let name: String
  public let uid: String
  public let isController: Bool
}

/// An entry of `metadata.managedFields`.
public struct FieldOwner: Equatable, Sendable {
  public enum Operation: Equatable, Sendable { case apply, update }

  public let manager: String
  public let operation: Operation
  /// RFC 3339, of the last change that this manager made.
  public let time: String?
  public let subresource: String?
  /// `FieldsV1`, where it was kept.
  let fields: JSONValue?

  init(_ json: JSON, keepingFields: Bool) {
    manager = json["manager"]?.string ?? "unknown"
    operation = json["operation"]?.string == "Apply" ? .apply : .update
    time = json["time"]?.string
    subresource = json["subresource"]?.string
    fields = keepingFields ? json["fieldsV1"]?.value : nil
  }

  /// True where this manager owns the field, something in it, or something that it is in and that is owned as one.
  func owns(_ path: JSONPointer) -> Bool {
    guard var place = fields else { return false }
    for step in path.steps {
      guard let inner = place["f:\(step)"] else {
        // `{}` owns a value as one; a struct whose other fields are owned does not own this one.
        return place.object?.isEmpty ?? false
      }
      place = inner
    }
    return true
  }
}

package func strings(_ value: JSONValue?) -> [String: String] {
  guard case .object(let members)? = value else { return [:] }
  var strings: [String: String] = [:]
  for (key, value) in members { strings[key] = value.string }
  return strings
}
