/// The identity of a proxy as the control plane writes it: `pod.namespace`.
public struct ProxyID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let name: String

  public init(_ name: String) { self.name = name }

  public static func < (one: ProxyID, other: ProxyID) -> Bool { one.name < other.name }
  public var description: String { name }
  /// The pod's name. Pod names hold no dot-separated namespace themselves, but may hold dots: the last part is it.
  public var pod: String { lastDot.map { String(name[..<$0]) } ?? name }
  public var namespace: String { lastDot.map { String(name[name.index(after: $0)...]) } ?? "" }

  private var lastDot: String.Index? { name.utf8.lastIndex(of: UInt8(ascii: ".")) }
}

/// The kinds of configuration that a control plane sends to a proxy.
public enum XDSType: String, Hashable, Sendable, CaseIterable {
  case clusters = "CDS", listeners = "LDS", endpoints = "EDS", routes = "RDS"
}

/// How far a proxy is with one type of configuration.
public enum SyncState: Hashable, Sendable {
  /// What was sent last has been taken. `since` is when it was sent, where that is known.
  case synced(since: Timestamp?)
  /// Sent and not answered yet; for some milliseconds after every push this is in order.
  case stale(since: Timestamp?)
  /// Refused; the proxy keeps what it had. `reason` is the proxy's own text.
  case rejected(reason: String, since: Timestamp?)
  case notSent
  /// The proxy never asked for this type.
  case notSubscribed
  /// No source tells.
  case unknown
}

/// One proxy of the mesh.
public struct ProxyStatus: Identifiable, Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable { case sidecar, gateway, waypoint, ztunnel, unknown }

  /// Whether the proxy itself answers.
  public enum Reach: Hashable, Sendable {
    /// Its admin API answers; `state` is its own word: `LIVE`, `DRAINING`, `INITIALIZING`.
    case answering(state: String)
    /// It should be answering and does not.
    case silent(Trouble)
    /// No way to its admin API is known; what is said comes from the control plane.
    case unreached
  }

  public let id: ProxyID
  public var kind: Kind
  /// The proxy's version, short: `1.40.0`.
  public var version: String?
  public var reach: Reach
  public var sync: [XDSType: SyncState]
  /// When the proxy itself was read last.
  public var read: Timestamp?

  public init(
    id: ProxyID, kind: Kind, version: String? = nil, reach: Reach, sync: [XDSType: SyncState] = [:],
    read: Timestamp? = nil
  ) {
    self.id = id
    self.kind = kind
    self.version = version
    self.reach = reach
    self.sync = sync
    self.read = read
  }
}

/// All proxies, and what they carry of each rule.
public struct ProxyReport: Equatable, Sendable {
  /// Ordered by identity.
  public var proxies: [ProxyStatus]
  public var applied: [RouteID: Applied]
  /// The control plane's version, where one answers: `1.30.3`.
  public var controlPlane: String?
  /// What is wrong with the control planes that were named; what they said last stays.
  public var troubles: [Trouble]

  public init(
    proxies: [ProxyStatus], applied: [RouteID: Applied], controlPlane: String? = nil, troubles: [Trouble] = []
  ) {
    self.troubles = troubles
    self.proxies = proxies
    self.applied = applied
    self.controlPlane = controlPlane
  }
}

/// What became of a rule in the proxies that carry it.
public struct Applied: Hashable, Sendable {
  public struct Rejection: Hashable, Sendable {
    public let proxy: ProxyID
    public let reason: String

    public init(proxy: ProxyID, reason: String) {
      self.proxy = proxy
      self.reason = reason
    }
  }

  /// Proxies whose own configuration says what the resource says.
  public var taken: [ProxyID]
  /// Proxies that still have something else and have not refused.
  public var behind: [ProxyID]
  public var rejected: [Rejection]

  public init(taken: [ProxyID] = [], behind: [ProxyID] = [], rejected: [Rejection] = []) {
    self.taken = taken
    self.behind = behind
    self.rejected = rejected
  }

  /// The proxies that carry the rule: m of n of m.
  public var of: Int { taken.count + behind.count + rejected.count }
  public var isComplete: Bool { of > 0 && taken.count == of }
}
