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
    /// `nil` where it was not there, or may not be shown: what could be a secret has neither.
    public let before: String?
    public let after: String?

    public init(name: String, before: String?, after: String?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// What a change can have touched.
  public enum Reach: Hashable, Sendable {
    /// These services, most direct first; of a version alone where one is given.
    case services([ServiceID], version: String?)
    /// Any service of a namespace.
    case namespace(String)
    /// Any service there is.
    case mesh
  }

  /// How near a change came to a service, nearest first.
  public enum Closeness: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// Of the very version.
    case version
    case service, namespace, mesh

    public static func < (one: Closeness, other: Closeness) -> Bool { one.rawValue < other.rawValue }
  }

  public let id: ID
  public let action: Action
  /// Never later than when it was seen. What the server tells of it has whole seconds.
  public let time: Timestamp
  /// The field manager, as the server has it: `kubectl-edit`; `nil` where it does not tell. Of several that made it
  /// together the last one, or any of those in the same second.
  public let by: String?
  /// What is known of what changed; empty for changes from before the console, of which only the time and the manager
  /// are known, and for what was created or deleted as a whole.
  public let fields: [Field]
  /// How many fields changed beside those.
  public let moreFields: Int
  public let reach: Reach
  /// The rules whose weights it changed, before and after, where both were seen: what can be put back.
  public let weights: [RuleEdit]

  public init(
    id: ID, action: Action, time: Timestamp, by: String?, fields: [Field] = [], moreFields: Int = 0, reach: Reach,
    weights: [RuleEdit] = []
  ) {
    self.weights = weights
    self.id = id
    self.action = action
    self.time = time
    self.by = by
    self.fields = fields
    self.moreFields = moreFields
    self.reach = reach
  }

  public var object: ObjectID { id.object }

  /// How near it came to a service, or to one version of it; `nil` where it cannot have touched it.
  public func touches(_ service: ServiceID, version: String? = nil) -> Closeness? {
    switch reach {
    case .mesh: return .mesh
    case .namespace(let namespace): return namespace == service.namespace ? .namespace : nil
    case .services(let services, let only):
      guard services.contains(service) else { return nil }
      guard let only, let version else { return .service }
      return only == version ? .version : nil
    }
  }

  /// Whether a controller did what it does all day, as an autoscaler sets replicas: seldom a reason for anything.
  public var isRoutine: Bool {
    by == "kube-controller-manager" && action == .changed && moreFields == 0
      && fields.allSatisfy { $0.name == "replicas" }
  }

  /// What was done, without who and when: `VirtualService reviews  v1 90 → 75  v3 10 → 25`.
  public var summary: String { "\(object)  \(what)" }

  /// What was done to the object: `v1 90 → 75  v3 10 → 25`, `created`; `changed` where nobody knows what.
  public var what: String {
    let parts = fields.prefix(3).map(\.description)
    let count = fields.count - parts.count + moreFields
    let all = parts + (count > 0 ? ["and \(count) more"] : [])
    return (action == .changed && !all.isEmpty ? all : [action.rawValue] + all).joined(separator: "  ")
  }
}

extension ObservedChange {
  /// One that touched services.
  public init(
    id: ID, action: Action, time: Timestamp, by: String?, fields: [Field] = [], services: [ServiceID],
    version: String? = nil, weights: [RuleEdit] = []
  ) {
    self.init(
      id: id, action: action, time: time, by: by, fields: fields, reach: .services(services, version: version),
      weights: weights)
  }

  /// The services that it can have touched, most direct first; empty where it is any of a namespace or of the mesh.
  public var services: [ServiceID] { if case .services(let services, _) = reach { services } else { [] } }

  /// The version of those services that alone it can have touched, where it is of one.
  public var version: String? { if case .services(_, let version) = reach { version } else { nil } }
}

extension ObservedChange.Field: CustomStringConvertible {
  /// `v3 10 → 25`, `timeout 2s added`, `env API_TOKEN changed`.
  public var description: String {
    switch (before, after) {
    case (let before?, let after?): "\(name) \(before) → \(after)"
    case (nil, let after?): "\(name) \(after) added"
    case (let before?, nil): "\(name) \(before) removed"
    case (nil, nil): "\(name) changed"
    }
  }
}
