internal import JSON

/// A second access log of every proxy, for the mesh's metrics alone. Istio's proxies count in a filter of their own that
/// Envoy's releases do not have; what that filter would know of a request stands here: fields with tabs between them, of
/// which the last is the only one that a client can write.
enum RequestLog {
  /// As the line of a listener's access log begins: the reporter is the listener's to know.
  static func accessLog(_ reporter: RequestLabels.Reporter, to file: String) -> JSONValue {
    let peer = reporter == .source ? "UPSTREAM" : "DOWNSTREAM"
    let fields = [
      reporter.rawValue, "%RESPONSE_CODE%", "%RESPONSE_FLAGS%", "%GRPC_STATUS_NUMBER%", "%DURATION%",
      "%DOWNSTREAM_WIRE_BYTES_RECEIVED%", "%DOWNSTREAM_WIRE_BYTES_SENT%", "%METADATA(CLUSTER:istio:services)%",
      "%UPSTREAM_HOST%", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
      "%\(peer)_PEER_URI_SAN%", "%\(peer)_LOCAL_URI_SAN%", "%ROUTE_NAME%", "%REQ(:AUTHORITY)%",
    ]
    return [
      "name": "envoy.access_loggers.file",
      "typed_config": [
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": .string(file),
        "log_format": ["text_format_source": ["inline_string": .string(fields.joined(separator: "\t") + "\n")]],
      ],
    ]
  }

  /// Reads one line that the proxy of a pod wrote; `nil` where it is none.
  static func read(
    _ line: ArraySlice<UInt8>, of pod: MeshPod, podsByAddress: [String: String]
  ) -> (labels: RequestLabels, measures: MeshMetrics.Measures)? {
    let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 14, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard fields.count == 15, let reporter = RequestLabels.Reporter(rawValue: fields[0]), let code = Int(fields[1]),
      let milliseconds = Int(fields[4]), let received = Int(fields[5]), let sent = Int(fields[6])
    else { return nil }
    func known(_ field: String) -> String? { field == "-" || field.isEmpty ? nil : field }
    var peer: String?
    switch reporter {
    case .destination: peer = podsByAddress[fields[10]]
    case .source:
      // Under Istio a destination makes itself known in its answer.
      if known(fields[9]) != nil, let end = fields[8].lastIndex(of: ":") {
        peer = podsByAddress[String(fields[8][..<end])]
      }
    }
    let labels = RequestLabels(
      reporter: reporter, pod: pod.id, peer: peer,
      service: service(ofCluster: fields[7], route: fields[13], authority: fields[14]), code: code, flags: fields[2],
      grpcStatus: known(fields[3]), ownPrincipal: known(fields[12]), peerPrincipal: known(fields[11]))
    return (labels, MeshMetrics.Measures(milliseconds: milliseconds, bytes: (received, sent)))
  }

  /// The service that the cluster was made for; where no cluster was chosen, what the client asked for.
  private static func service(ofCluster metadata: String, route: String, authority: String) -> RequestLabels.Service {
    if let first = (try? JSONValue(parsing: Array(metadata.utf8)))?.array?.first, let host = first["host"]?.string,
      let name = first["name"]?.string
    {
      return RequestLabels.Service(host: host, name: name, namespace: first["namespace"]?.string)
    }
    let host = authority == "-" ? "unknown" : authority
    return RequestLabels.Service(host: host, name: route == "block_all" ? "BlackHoleCluster" : host, namespace: nil)
  }
}
