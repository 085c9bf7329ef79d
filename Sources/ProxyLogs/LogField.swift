/// What a line of a proxy's log can say. The first 24 are those of Istio's text format, in its order
/// (`pilot/pkg/model/telemetry_logging.go`), the request line in its three parts.
public enum LogField: Int, CaseIterable, Sendable {
  case startTime, method, path, protocolName, responseCode, responseFlags, responseCodeDetails
  case connectionTerminationDetails, transportFailureReason, bytesReceived, bytesSent, duration, upstreamServiceTime
  case forwardedFor, userAgent, requestID, authority, upstreamHost, upstreamCluster, upstreamLocalAddress
  case downstreamLocalAddress, downstreamRemoteAddress, requestedServerName, routeName
  /// Of a trace that the request is part of, where the format or the proxy writes it.
  case traceID
  /// Who called and who was called, where the proxy knows them by name: ztunnel and linkerd-proxy do.
  case sourceWorkload, sourceNamespace, sourceIdentity
  case destinationService, destinationWorkload, destinationNamespace, destinationIdentity
  /// `inbound` or `outbound`, where it is written. Envoy's lines tell it by the cluster.
  case direction
  /// Of what a component says of itself.
  case level, component, sourcePlace, message

  /// The key in Istio's JSON format; of what that format does not have, a key in its manner.
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
    case .traceID: "trace_id"
    case .sourceWorkload: "source_workload"
    case .sourceNamespace: "source_namespace"
    case .sourceIdentity: "source_identity"
    case .destinationService: "destination_service"
    case .destinationWorkload: "destination_workload"
    case .destinationNamespace: "destination_namespace"
    case .destinationIdentity: "destination_identity"
    case .direction: "direction"
    case .level: "level"
    case .component: "scope"
    case .sourcePlace: "source"
    case .message: "msg"
    }
  }
}
