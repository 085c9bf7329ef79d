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
    // Read for each line of a log: bytes are looked at, not characters.
    var rest = name.utf8[...]
    if rest.last == UInt8(ascii: ";") { rest.removeLast() }
    let bar = UInt8(ascii: "|")
    let parts =
      rest.contains(bar)
      ? rest.split(separator: bar, maxSplits: 4, omittingEmptySubsequences: false) : Self.parts(ofSNI: rest)
    guard parts.count == 4, let direction = Direction(rawValue: String(Substring(parts[0]))),
      let port = UInt16(Substring(parts[1]))
    else { return nil }
    self.init(
      direction: direction, port: Int(port), subset: parts[2].isEmpty ? nil : String(Substring(parts[2])),
      host: parts[3].isEmpty ? nil : String(Substring(parts[3])))
  }

  private static func parts(ofSNI name: Substring.UTF8View) -> [Substring.UTF8View] {
    var parts: [Substring.UTF8View] = []
    var start = name.startIndex
    var place = start
    while parts.count < 3, place < name.endIndex {
      let next = name.index(after: place)
      if name[place] == UInt8(ascii: "_"), next < name.endIndex, name[next] == UInt8(ascii: ".") {
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
