/// The identity of one rule: the resource, the section of it, and the rule's place there.
public struct RouteID: Hashable, Sendable, CustomStringConvertible {
  public enum Section: String, Hashable, Sendable { case http, tls, tcp }

  public let resource: ResourceID
  public let section: Section
  /// From 0, in the order in which the rules are tried.
  public let rule: Int

  public init(resource: ResourceID, section: Section = .http, rule: Int) {
    self.resource = resource
    self.section = section
    self.rule = rule
  }

  public var description: String { "\(resource.name) #\(rule)" }
}

/// What a resource asks for: one rule that sends requests to destinations.
public struct Route: Identifiable, Hashable, Sendable {
  public let id: RouteID
  /// The resource's version when this was read; an edit is made against it.
  public var resourceVersion: String
  /// The resource's own identity, which no other of its name has; `nil` where the server tells none.
  public var uid: String?
  /// The mesh that the resource belongs to, as it calls itself: `istio`.
  public var mesh: String
  /// The hosts that the rule is for, fully qualified, in the resource's order.
  public var hosts: [String]
  /// The gateways that carry the rule besides, or in place of, the sidecars; empty for sidecars alone.
  public var gateways: [String]
  /// The rule's own name, where it has one.
  public var name: String?
  /// Which requests the rule takes, for a person: `any`, `x-canary: 1`, `prefix /api`.
  public var match: String
  public var split: TrafficSplit
  /// Where copies of the rule's requests go besides, in the resource's order.
  public var mirrors: [Mirror]
  /// Pods behind each destination; a destination that is not there matches no known Service or subset.
  public var readiness: [Destination: Readiness]
  /// Who wrote the routing last, and when, by the object's managed fields.
  public var lastWrite: LastWrite?

  public init(
    id: RouteID, resourceVersion: String, mesh: String, hosts: [String], gateways: [String] = [], name: String? = nil,
    match: String = "any", split: TrafficSplit, mirrors: [Mirror] = [], readiness: [Destination: Readiness] = [:],
    lastWrite: LastWrite? = nil, uid: String? = nil
  ) {
    self.id = id
    self.resourceVersion = resourceVersion
    self.uid = uid
    self.mesh = mesh
    self.hosts = hosts
    self.gateways = gateways
    self.name = name
    self.match = match
    self.split = split
    self.mirrors = mirrors
    self.readiness = readiness
    self.lastWrite = lastWrite
  }

  /// Copies of requests; their answers are dropped.
  public struct Mirror: Hashable, Sendable {
    public let destination: Destination
    /// The part of the requests that is copied, in percent.
    public var percent: Double

    public init(destination: Destination, percent: Double) {
      self.destination = destination
      self.percent = percent
    }
  }

  public struct Readiness: Hashable, Sendable {
    public var ready: Int
    public var total: Int

    public init(ready: Int, total: Int) {
      self.ready = ready
      self.total = total
    }
  }

  public struct LastWrite: Hashable, Sendable {
    /// The field manager: `kubectl-edit`, `argocd-controller`.
    public var manager: String
    public var time: Timestamp

    public init(manager: String, time: Timestamp) {
      self.manager = manager
      self.time = time
    }
  }

  /// Whether weights can be changed: several destinations, in a resource that routes.
  public var isSplit: Bool { id.resource.kind != .service && split.shares.count > 1 }
}
