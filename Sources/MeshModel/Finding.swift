/// Something that is wrong with the mesh, with the reasons for saying so.
public struct Finding: Identifiable, Hashable, Sendable {
  /// Worst first.
  public enum Severity: Int, Hashable, Sendable, Comparable, CaseIterable {
    case failing, warning

    public static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }

    public var name: String {
      switch self {
      case .failing: "failing"
      case .warning: "warning"
      }
    }
  }

  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Requests fail.
    case errors
    /// Requests take longer than they did, or than those of the other versions.
    case slow
    /// A version does worse than another one of the same service beside it.
    case canary
    /// Proxies refuse their configuration.
    case rejected
    /// Proxies have not taken their configuration for a while.
    case stale
    /// Callers have taken endpoints out of their load balancing.
    case ejected
    /// Pods are not ready.
    case unready
    /// A certificate is near its end.
    case certificate
  }

  public enum Subject: Hashable, Sendable {
    case edge(EdgeID)
    case node(MeshNode)
    case route(RouteID, Destination)
    /// Proxies that do the same wrong, by their type of configuration.
    case proxies(XDSType?)
  }

  public struct ID: Hashable, Sendable {
    public let kind: Kind
    public let subject: Subject

    public init(_ kind: Kind, _ subject: Subject) {
      self.kind = kind
      self.subject = subject
    }
  }

  public struct Preceding: Hashable, Sendable {
    public let change: ObservedChange
    /// From the change to the beginning of the trouble.
    public let before: Duration

    public init(_ change: ObservedChange, before: Duration) {
      self.change = change
      self.before = before
    }
  }

  public let id: ID
  public var severity: Severity
  /// What it is about, for a person: `reviews v3 → ratings`.
  public var title: String
  /// How bad, as a figure: `31.0% 5xx`.
  public var figure: String
  /// The response flag most seen.
  public var flag: ResponseFlag?
  public var since: Timestamp
  /// Whether it may have begun before `since`: it was there when the console first looked.
  public var isOlder: Bool
  /// Sentences without a full stop, most telling first.
  public var evidence: [String]
  /// How bad it was in equal slices of the time before now, oldest first; `nil` where nothing is known. 0 to 1 of
  /// errors, seconds of latency.
  public var history: [Double?]
  /// Changes of anybody that can have caused it, most likely first.
  public var precededBy: [Preceding]
  /// Whose services are concerned; `nil` where it is not of one.
  public var node: MeshNode?
  /// The proxies that it is of, or whose logs tell more.
  public var proxies: [ProxyID]

  public init(
    id: ID, severity: Severity, title: String, figure: String, flag: ResponseFlag? = nil, since: Timestamp,
    isOlder: Bool = false, evidence: [String] = [], history: [Double?] = [], precededBy: [Preceding] = [],
    node: MeshNode? = nil, proxies: [ProxyID] = []
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.figure = figure
    self.flag = flag
    self.since = since
    self.isOlder = isOlder
    self.evidence = evidence
    self.history = history
    self.precededBy = precededBy
    self.node = node
    self.proxies = proxies
  }
}
