/// What there is in the mesh, whether or not it gets requests.
public struct Topology: Equatable, Sendable {
  public struct Service: Identifiable, Hashable, Sendable {
    public let id: ServiceID
    /// Fully qualified.
    public let host: String
    /// Ordered by name; one without a name where the pods carry no version.
    public var versions: [Version]
    /// What the annotation `health.kiali.io/rate` of the Service says.
    public var healthAnnotation: String?

    public init(id: ServiceID, host: String, versions: [Version] = [], healthAnnotation: String? = nil) {
      self.id = id
      self.host = host
      self.versions = versions
      self.healthAnnotation = healthAnnotation
    }
  }

  public struct Version: Hashable, Sendable {
    public let name: String?
    /// The Deployments (or other owners) of its pods.
    public var workloads: [String]
    public var pods: Route.Readiness
    /// The pods that are not ready, by name.
    public var unready: [String]

    public init(name: String?, workloads: [String] = [], pods: Route.Readiness, unready: [String] = []) {
      self.name = name
      self.workloads = workloads
      self.pods = pods
      self.unready = unready
    }
  }

  /// A gateway's pods.
  public struct Gateway: Hashable, Sendable {
    /// Ingress or egress.
    public let node: MeshNode
    public var pods: Route.Readiness

    public init(node: MeshNode, pods: Route.Readiness) {
      self.node = node
      self.pods = pods
    }
  }

  /// Something that routing does to the requests of a destination besides sending them there.
  public struct Mark: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
      case circuitBreaker = "circuit breaker", fault, mirror, timeout, retries
    }

    public let kind: Kind
    /// A service, or one version of it.
    public let node: MeshNode
    /// What it does, for a person: `10 % abort 503`.
    public let detail: String

    public init(_ kind: Kind, on node: MeshNode, detail: String) {
      self.kind = kind
      self.node = node
      self.detail = detail
    }
  }

  /// An endpoint that callers have taken out of their load balancing.
  public struct Ejection: Hashable, Sendable {
    public let node: MeshNode
    public let address: String
    /// The proxies that say so, in order.
    public var callers: [ProxyID]

    public init(node: MeshNode, address: String, callers: [ProxyID]) {
      self.node = node
      self.address = address
      self.callers = callers
    }
  }

  /// The certificate by which a proxy is known to others.
  public struct Certificate: Hashable, Sendable {
    public let proxy: ProxyID
    public var identity: String
    public var start: Timestamp
    public var end: Timestamp

    public init(proxy: ProxyID, identity: String, start: Timestamp, end: Timestamp) {
      self.proxy = proxy
      self.identity = identity
      self.start = start
      self.end = end
    }
  }

  /// Ordered by namespace and name.
  public var services: [Service]
  public var gateways: [Gateway]
  public var marks: [Mark]
  public var ejections: [Ejection]
  /// Of the proxies that answer, in their order.
  public var certificates: [Certificate]
  /// Which pod has an address; none for an address that several have.
  public var addresses: [String: ProxyID]

  public init(
    services: [Service] = [], gateways: [Gateway] = [], marks: [Mark] = [], ejections: [Ejection] = [],
    certificates: [Certificate] = [], addresses: [String: ProxyID] = [:]
  ) {
    self.services = services
    self.gateways = gateways
    self.marks = marks
    self.ejections = ejections
    self.certificates = certificates
    self.addresses = addresses
  }
}
