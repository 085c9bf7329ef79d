/// A change of an object that anybody made: seen as it happened, or told afterwards by the object's managed fields.
public struct ObservedChange: Identifiable, Hashable, Sendable {
  /// One object at one version, by one manager.
  public struct ID: Hashable, Sendable {
    public let object: ObjectID
    /// The resource's version after it; for a change from before the console, its time and manager.
    public let version: String

    public init(object: ObjectID, version: String) {
      self.object = object
      self.version = version
    }
  }

  /// Any object of the cluster, of whatever kind.
  public struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As Kubernetes writes it: `Deployment`.
    public let kind: String
    public let namespace: String
    public let name: String

    public init(kind: String, namespace: String, name: String) {
      self.kind = kind
      self.namespace = namespace
      self.name = name
    }

    public static func < (one: ObjectID, other: ObjectID) -> Bool {
      (one.namespace, one.kind, one.name) < (other.namespace, other.kind, other.name)
    }

    public var description: String { "\(kind) \(name)" }
  }

  public enum Action: String, Hashable, Sendable { case created, changed, deleted }

  /// One field, and what it said before and after.
  public struct Field: Hashable, Sendable {
    /// Where in the object, or shorter where a person knows it by a shorter name: `v3`, `image`.
    public let name: String
    /// `nil` where it was not there, or nobody knows.
    public let before: String?
    public let after: String?

    public init(name: String, before: String?, after: String?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  public let id: ID
  public let action: Action
  public let time: Timestamp
  /// The field manager, as the server has it: `kubectl-edit`; `nil` where it does not tell.
  public let by: String?
  /// What is known of what changed; empty for changes from before the console, of which only the time and the manager
  /// are known.
  public let fields: [Field]
  /// The services that it can have touched, most direct first.
  public let services: [ServiceID]
  /// The version of those services that alone it can have touched, where it is of one.
  public let version: String?

  public init(
    id: ID, action: Action, time: Timestamp, by: String?, fields: [Field] = [], services: [ServiceID],
    version: String? = nil
  ) {
    self.id = id
    self.action = action
    self.time = time
    self.by = by
    self.fields = fields
    self.services = services
    self.version = version
  }

  public var object: ObjectID { id.object }

  /// What was done, without who and when: `VirtualService reviews  v1 90 → 75  v3 10 → 25`.
  public var summary: String {
    let parts = fields.prefix(3).map { field in
      switch (field.before, field.after) {
      case (let before?, let after?): "\(field.name) \(before) → \(after)"
      case (nil, let after?): "\(field.name) \(after) added"
      case (let before?, nil): "\(field.name) \(before) removed"
      case (nil, nil): field.name
      }
    }
    let rest = fields.count > 3 ? ["and \(fields.count - 3) more"] : []
    let what = action == .changed ? parts + rest : [action.rawValue] + parts + rest
    return "\(object)  \(what.isEmpty ? "changed" : what.joined(separator: "  "))"
  }
}
