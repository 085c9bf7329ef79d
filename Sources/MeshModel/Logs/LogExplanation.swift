public import ProxyLogs

/// What a line of an access log means: whatever in it is out of the ordinary, with what is behind it most often and what
/// to look at next, and where the request went.
public struct LogExplanation: Hashable, Sendable {
  public struct Note: Hashable, Sendable {
    /// As it stands in the line.
    public let term: String
    /// `nil` where it is not known here.
    public let meaning: String?
    public let usualCause: String?
    public let next: String?
  }

  /// Where a proxy sent a request.
  public struct Upstream: Hashable, Sendable {
    /// `nil` where the cluster is none of Istio's.
    public let cluster: ClusterName?
    /// As it is written.
    public let host: String?
    /// The pod that has the host's address.
    public let pod: ProxyID?
  }

  /// Flags in the order of the line, then what the proxy says in its own words.
  public let notes: [Note]
  /// `nil` where the request was not sent on.
  public let upstream: Upstream?

  /// A line can hold more flags than a person reads.
  private static let mostFlags = 8

  /// - Parameter pods: Which pod has an address.
  public init(_ access: AccessFields, pods: [String: ProxyID] = [:]) {
    var notes = access.flags.prefix(Self.mostFlags).map {
      Note(term: $0.code, meaning: $0.meaning, usualCause: $0.usualCause, next: $0.next)
    }
    for (place, text) in access.details.enumerated() {
      let detail = ResponseDetail(text)
      // A flag that says the same is enough.
      let isSaid = detail.meaning != nil && notes.contains { $0.meaning == detail.meaning }
      if isSaid && detail.argument == nil { continue }
      // The reason of a failed connection stands in the details as well.
      if place > 0, access.details[0].contains(text) { continue }
      notes.append(Note(term: text, meaning: detail.meaning, usualCause: detail.usualCause, next: detail.next))
    }
    if notes.isEmpty, access.code >= 400, access[.responseCodeDetails] == "via_upstream" {
      let isOutbound = access.direction == .outbound
      notes.append(
        Note(
          term: "via_upstream", meaning: "the answer came from what was called",
          usualCause: isOutbound ? "its application, or a policy of its proxy" : "the application in this pod",
          next: isOutbound ? "the called pod's line of the same request (x)" : "the application's log (app:)"))
    }
    self.notes = notes
    let cluster = access.cluster
    let host = access[.upstreamHost]
    upstream =
      cluster == nil && host == nil
      ? nil : Upstream(cluster: cluster, host: host, pod: host.flatMap { pods[Self.address(of: $0)] })
  }

  /// Without the port; of IPv6 also without its brackets.
  private static func address(of host: String) -> String {
    let name = host.lastIndex(of: ":").map { host[..<$0] } ?? host[...]
    return String(name.filter { $0 != "[" && $0 != "]" })
  }
}

extension LogExplanation.Upstream: CustomStringConvertible {
  /// `reviews/v3:9080, pod reviews-v3-… (10.0.0.7:9080)`.
  public var description: String {
    let name = cluster.map { cluster in
      let service = cluster.label
      guard let host = cluster.host, let namespace = host.split(separator: ".").dropFirst().first else {
        return service
      }
      return "\(service) in \(namespace)"
    }
    let place = pod.map { "pod \($0.pod)" }
    return [name, place, host].compactMap { $0 }.joined(separator: ", ")
  }
}
