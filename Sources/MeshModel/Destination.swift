/// Where a share of requests is sent: a host of the mesh, and the subset of it where versions are told apart.
public struct Destination: Hashable, Sendable, CustomStringConvertible {
  /// Fully qualified: `reviews.bookinfo.svc.cluster.local`.
  public let host: String
  /// A subset of the host's DestinationRule.
  public let subset: String?
  public let port: Int?

  public init(host: String, subset: String? = nil, port: Int? = nil) {
    self.host = host
    self.subset = subset
    self.port = port
  }

  /// The first label of the host: `reviews`.
  public var service: String { String(host.prefix { $0 != "." }) }

  /// `service/subset`, or the service alone.
  public var description: String { subset.map { "\(service)/\($0)" } ?? service }
}

/// A relative weight: the share it stands for depends on the weights beside it.
public struct Weight: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  public var value: Int

  /// Istio and the Gateway API take 0 to 1,000,000.
  public static let allowed = 0...1_000_000

  public init(_ value: Int) { self.value = value }
  public init(integerLiteral value: Int) { self.value = value }

  public static func < (one: Weight, other: Weight) -> Bool { one.value < other.value }
  public var description: String { String(value) }
}
