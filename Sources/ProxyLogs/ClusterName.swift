/// Istio's name of a cluster: `outbound|9080|v1|reviews.bookinfo.svc.cluster.local`.
public struct ClusterName: Hashable, Sendable, CustomStringConvertible {
  public enum Direction: String, Sendable { case outbound, inbound }

  public var direction: Direction
  public var port: Int
  /// `nil` where the name has none.
  public var subset: String?
  /// `nil` for an inbound cluster.
  public var host: String?

  public init(direction: Direction, port: Int, subset: String? = nil, host: String? = nil) {
    self.direction = direction
    self.port = port
    self.subset = subset
    self.host = host
  }

  /// `nil` for a name of another shape, such as `PassthroughCluster`. Also reads a name with dots or underscores in
  /// the place of bars (`outbound_.9080_.v1_.reviews…`, the form that names SNI routes), and one that ends in the
  /// delimiter that Istio puts behind names in stats (`;`).
  public init?(_ name: String) {
    var name = Substring(name)
    if name.hasSuffix(";") { name.removeLast() }
    let parts =
      name.contains("|") ? name.split(separator: "|", omittingEmptySubsequences: false) : Self.parts(ofSNI: name)
    guard parts.count == 4, let direction = Direction(rawValue: String(parts[0])), let port = UInt16(parts[1]) else {
      return nil
    }
    self.init(
      direction: direction, port: Int(port), subset: parts[2].isEmpty ? nil : String(parts[2]),
      host: parts[3].isEmpty ? nil : String(parts[3]))
  }

  private static func parts(ofSNI name: Substring) -> [Substring] {
    var parts: [Substring] = []
    var start = name.startIndex
    var place = start
    while parts.count < 3, place < name.endIndex {
      let next = name.index(after: place)
      if name[place] == "_", next < name.endIndex, name[next] == "." {
        parts.append(name[start..<place])
        start = name.index(after: next)
        place = start
      } else {
        place = next
      }
    }
    return parts + [name[start...]]
  }

  public var description: String { "\(direction.rawValue)|\(port)|\(subset ?? "")|\(host ?? "")" }

  /// In short, for a person: `reviews/v3:9080`; `here:9080` for an inbound cluster.
  public var label: String {
    guard let host else { return "here:\(port)" }
    let service = host.prefix { $0 != "." }
    return subset.map { "\(service)/\($0):\(port)" } ?? "\(service):\(port)"
  }
}
