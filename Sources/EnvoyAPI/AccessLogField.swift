/// What an access-log line says of a request: Istio's fields, in the order of its text format
/// (`pilot/pkg/model/telemetry_logging.go`), the request line in its three parts.
public enum AccessLogField: Int, CaseIterable, Sendable {
  case startTime, method, path, protocolName, responseCode, responseFlags, responseCodeDetails
  case connectionTerminationDetails, transportFailureReason, bytesReceived, bytesSent, duration, upstreamServiceTime
  case forwardedFor, userAgent, requestID, authority, upstreamHost, upstreamCluster, upstreamLocalAddress
  case downstreamLocalAddress, downstreamRemoteAddress, requestedServerName, routeName

  /// The key in Istio's JSON format.
  public var key: StaticString {
    switch self {
    case .startTime: "start_time"
    case .method: "method"
    case .path: "path"
    case .protocolName: "protocol"
    case .responseCode: "response_code"
    case .responseFlags: "response_flags"
    case .responseCodeDetails: "response_code_details"
    case .connectionTerminationDetails: "connection_termination_details"
    case .transportFailureReason: "upstream_transport_failure_reason"
    case .bytesReceived: "bytes_received"
    case .bytesSent: "bytes_sent"
    case .duration: "duration"
    case .upstreamServiceTime: "upstream_service_time"
    case .forwardedFor: "x_forwarded_for"
    case .userAgent: "user_agent"
    case .requestID: "request_id"
    case .authority: "authority"
    case .upstreamHost: "upstream_host"
    case .upstreamCluster: "upstream_cluster"
    case .upstreamLocalAddress: "upstream_local_address"
    case .downstreamLocalAddress: "downstream_local_address"
    case .downstreamRemoteAddress: "downstream_remote_address"
    case .requestedServerName: "requested_server_name"
    case .routeName: "route_name"
    }
  }
}

/// Where each field stands in its line. An empty range is an absent field.
struct AccessLogFields: Sendable {
  private struct Place { var start: UInt16 = 0, end: UInt16 = 0 }

  private var places = InlineArray<24, Place>(repeating: Place())

  subscript(field: AccessLogField) -> Range<Int> {
    get { Int(places[field.rawValue].start)..<Int(places[field.rawValue].end) }
    set { places[field.rawValue] = Place(start: UInt16(newValue.lowerBound), end: UInt16(newValue.upperBound)) }
  }
}
