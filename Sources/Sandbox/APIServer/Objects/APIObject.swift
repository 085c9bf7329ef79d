internal import JSON

/// An object as the API stores it: its JSON, and names for what every object has.
struct APIObject: Equatable, Sendable {
  struct Key: Hashable, Comparable, Sendable {
    /// Empty for what has no namespace.
    let namespace: String
    let name: String

    init(_ name: String, in namespace: String = "") { (self.name, self.namespace) = (name, namespace) }

    static func < (one: Key, other: Key) -> Bool { (one.namespace, one.name) < (other.namespace, other.name) }
  }

  var json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  subscript(metadata key: String) -> JSONValue? {
    get { json["metadata"]?[key] }
    set {
      var metadata = json["metadata"] ?? .object([:])
      metadata[key] = newValue
      json["metadata"] = metadata
    }
  }

  var kind: String { json["kind"]?.string ?? "" }
  var apiVersion: String { json["apiVersion"]?.string ?? "" }
  var name: String { self[metadata: "name"]?.string ?? "" }
  var namespace: String { self[metadata: "namespace"]?.string ?? "" }
  var key: Key { Key(name, in: namespace) }
  var uid: String { self[metadata: "uid"]?.string ?? "" }
  var generation: Int? { self[metadata: "generation"]?.int }
  var resourceVersion: String? { self[metadata: "resourceVersion"]?.string.flatMap { $0.isEmpty ? nil : $0 } }

  var creationTime: WallTime? { self[metadata: "creationTimestamp"]?.string.flatMap { WallTime($0) } }

  var labels: JSONObject { self[metadata: "labels"]?.object ?? JSONObject() }

  /// The same object in another of its kind's versions.
  func version(_ apiVersion: String) -> APIObject {
    var copy = self
    copy.json["apiVersion"] = .string(apiVersion)
    return copy
  }
}

extension JSONValue {
  /// All objects within with their members sorted by name, as the API writes custom resources.
  var sortedByKey: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.sortedByKey))
    case .object(let members):
      .object(JSONObject(members.map { ($0.key, $0.value.sortedByKey) }.sorted { $0.0 < $1.0 }))
    default: self
    }
  }

  /// Walks down members: `object.at("spec", "ports")`.
  func at(_ keys: String...) -> JSONValue? { keys.reduce(self) { $0?[$1] } }
}
