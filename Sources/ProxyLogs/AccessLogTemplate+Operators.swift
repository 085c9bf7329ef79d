extension AccessLogTemplate.Operator {
  /// The names of Envoy's operators that are known here.
  static let names = plain.keys.sorted() + ["REQ", "RESP", "START_TIME", "TRAILER"]

  /// `nil` for an operator that is not known here.
  init?(_ name: String, _ argument: String) {
    switch name {
    case "START_TIME": self.init(field: .startTime, value: .time)
    case "REQ", "RESP", "TRAILER":
      // `X?Y` is Y where there is no X: what it is called by counts.
      let headers = argument.lowercased().split(separator: "?").map(String.init)
      let known = headers.reversed().lazy.compactMap { Self.headers["\(name) \($0)"] }.first
      self = known ?? Self(field: nil, value: .anything)
    default:
      guard let known = Self.plain[name] else { return nil }
      self = known
    }
  }

  private static let headers: [String: Self] = [
    "REQ :method": .init(field: .method, value: .word),
    "REQ :path": .init(field: .path, value: .path),
    "REQ :authority": .init(field: .authority, value: .anything),
    "REQ host": .init(field: .authority, value: .anything),
    "REQ x-forwarded-for": .init(field: .forwardedFor, value: .anything),
    "REQ user-agent": .init(field: .userAgent, value: .anything),
    "REQ x-request-id": .init(field: .requestID, value: .anything),
    "REQ x-b3-traceid": .init(field: .traceID, value: .anything),
    "RESP x-envoy-upstream-service-time": .init(field: .upstreamServiceTime, value: .word),
  ]

  private static let plain: [String: Self] = [
    "PROTOCOL": .init(field: .protocolName, value: .token),
    "RESPONSE_CODE": .init(field: .responseCode, value: .number),
    "RESPONSE_FLAGS": .init(field: .responseFlags, value: .token),
    "RESPONSE_FLAGS_LONG": .init(field: nil, value: .token),
    "RESPONSE_CODE_DETAILS": .init(field: .responseCodeDetails, value: .word),
    "CONNECTION_TERMINATION_DETAILS": .init(field: .connectionTerminationDetails, value: .anything),
    "UPSTREAM_TRANSPORT_FAILURE_REASON": .init(field: .transportFailureReason, value: .anything),
    "DOWNSTREAM_TRANSPORT_FAILURE_REASON": .init(field: nil, value: .anything),
    "BYTES_RECEIVED": .init(field: .bytesReceived, value: .number),
    "BYTES_SENT": .init(field: .bytesSent, value: .number),
    "DURATION": .init(field: .duration, value: .number),
    "REQUEST_DURATION": .init(field: nil, value: .number),
    "RESPONSE_DURATION": .init(field: nil, value: .number),
    "RESPONSE_TX_DURATION": .init(field: nil, value: .number),
    "UPSTREAM_HOST": .init(field: .upstreamHost, value: .word),
    "UPSTREAM_CLUSTER": .init(field: .upstreamCluster, value: .word),
    "UPSTREAM_CLUSTER_RAW": .init(field: .upstreamCluster, value: .word),
    "UPSTREAM_LOCAL_ADDRESS": .init(field: .upstreamLocalAddress, value: .word),
    "UPSTREAM_REMOTE_ADDRESS": .init(field: .upstreamHost, value: .word),
    "UPSTREAM_REQUEST_ATTEMPT_COUNT": .init(field: nil, value: .number),
    "DOWNSTREAM_LOCAL_ADDRESS": .init(field: .downstreamLocalAddress, value: .word),
    "DOWNSTREAM_REMOTE_ADDRESS": .init(field: .downstreamRemoteAddress, value: .word),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": .init(field: .downstreamRemoteAddress, value: .word),
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS": .init(field: nil, value: .word),
    "DOWNSTREAM_PEER_URI_SAN": .init(field: .sourceIdentity, value: .anything),
    "DOWNSTREAM_TLS_VERSION": .init(field: nil, value: .word),
    "DOWNSTREAM_TLS_CIPHER": .init(field: nil, value: .word),
    "UPSTREAM_PEER_URI_SAN": .init(field: .destinationIdentity, value: .anything),
    "REQUESTED_SERVER_NAME": .init(field: .requestedServerName, value: .word),
    "ROUTE_NAME": .init(field: .routeName, value: .anything),
    "TRACE_ID": .init(field: .traceID, value: .word),
    "STREAM_ID": .init(field: nil, value: .word),
    "CONNECTION_ID": .init(field: nil, value: .number),
    "HOSTNAME": .init(field: nil, value: .word),
    "ENVIRONMENT": .init(field: nil, value: .anything),
    "DYNAMIC_METADATA": .init(field: nil, value: .anything),
    "FILTER_STATE": .init(field: nil, value: .anything),
    "METADATA": .init(field: nil, value: .anything),
    "VIRTUAL_CLUSTER_NAME": .init(field: nil, value: .anything),
  ]
}
