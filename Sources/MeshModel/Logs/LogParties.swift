internal import ProxyLogs

/// Who called whom, by all that a line calls them. The most telling name stands first.
extension LogFields {
  private func clusterName(in line: Span<UInt8>) -> ClusterName? {
    string(.upstreamCluster, in: line).flatMap { ClusterName($0) }
  }

  /// Whether the line was written beside who called or was called: ztunnel writes those of a whole node, and who it was.
  private var isByItsPod: Bool { self[.direction].isEmpty }

  /// `in` or `out`; none where the line does not say.
  func directionNames(in line: Span<UInt8>) -> [String] {
    switch direction(in: line) {
    case .inbound: ["in", "inbound"]
    case .outbound: ["out", "outbound"]
    case nil: []
    }
  }

  /// Of an outbound request its cluster's service, version and host; of an inbound one who wrote the line.
  func destinations(in line: Span<UInt8>, writer: ProxyID?) -> [String] {
    var names: [String] = []
    if let cluster = clusterName(in: line), let host = cluster.host {
      let service = String(host.prefix { $0 != "." })
      if let subset = cluster.subset { names += ["\(service)/\(subset)", subset] }
      names += [service, host]
    } else if direction(in: line) == .inbound, isByItsPod, let writer {
      names += [writer.pod, writer.name]
    }
    let fields: [LogField] = [
      .destinationService, .destinationWorkload, .destinationIdentity, .upstreamHost, .authority,
    ]
    names += fields.compactMap { string($0, in: line) }
    if let service = string(.destinationService, in: line) { names.append(String(service.prefix { $0 != "." })) }
    return names
  }

  /// Of an outbound request who wrote the line; of an inbound one the client, by what it is known as.
  func sources(in line: Span<UInt8>, writer: ProxyID?) -> [String] {
    var names: [String] = []
    if direction(in: line) == .outbound, isByItsPod, let writer { names += [writer.pod, writer.name] }
    names += ([.sourceWorkload, .sourceIdentity] as [LogField]).compactMap { string($0, in: line) }
    // The first address of X-Forwarded-For is that of the first client, the last of the nearest.
    if let forwarded = string(.forwardedFor, in: line) {
      names += forwarded.split(separator: ",", maxSplits: 16).map { String($0.drop { $0 == " " }) }
    }
    if let address = string(.downstreamRemoteAddress, in: line) {
      names.append(address)
      if let colon = address.lastIndex(of: ":") { names.append(String(address[..<colon])) }
    }
    return names
  }
}
