/// Where in the proxy an answer came from, and why: Envoy's response code details
/// (`envoy/stream_info/stream_info.h`, and filters of their own). The list is not stable, and filters write others: one
/// without a meaning here is shown as it is.
public struct ResponseDetail: Hashable, Sendable, CustomStringConvertible {
  /// As it stands in the log: `upstream_reset_before_response_started{overflow}`.
  public let text: String
  /// What stands before the first bracket or brace.
  public var name: String { String(text.prefix { !"[{(".contains($0) }) }
  /// What stands within them.
  public var argument: String? {
    let rest = text.dropFirst(name.count)
    return rest.isEmpty ? nil : String(rest.dropFirst().dropLast("]})".contains(rest.last ?? " ") ? 1 : 0))
  }

  public init(_ text: String) { self.text = text }

  public var description: String { text }
  /// What happened; `nil` for unknown details.
  public var meaning: String? {
    switch denial {
    case .policy(let policy)?: "refused by \(policy)"
    case .noneAllows?: "refused: there are policies that allow, and none of them allows this"
    case nil: entry?.meaning
    }
  }
  /// What is behind it most often.
  public var usualCause: String? { reason?.cause ?? entry?.cause }
  /// What to look at next.
  public var next: String? { reason?.next ?? entry?.next }

  /// Why an AuthorizationPolicy refused a request.
  public enum Denial: Hashable, Sendable {
    case policy(Policy)
    /// Policies allow something, and nothing of that is this request.
    case noneAllows
  }

  /// One rule of an AuthorizationPolicy.
  public struct Policy: Hashable, Sendable, CustomStringConvertible {
    public let namespace: String
    public let name: String
    /// From 0; `nil` where it is not written.
    public let rule: Int?

    public var description: String {
      "AuthorizationPolicy \(namespace)/\(name)" + (rule.map { ", rule \($0)" } ?? "")
    }
  }

  /// `rbac_access_denied_matched_policy[ns[shop]-policy[deny-admin]-rule[0]]`, as Istio names what it generates; of
  /// another name it is `nil`, and the name is in the argument.
  public var denial: Denial? {
    guard name == "rbac_access_denied_matched_policy", let argument else { return nil }
    guard argument != "none" else { return .noneAllows }
    var parts: [Substring: Substring] = [:]
    // Names of Kubernetes hold no brackets.
    for part in argument.split(separator: "]", maxSplits: 8) {
      guard let open = part.firstIndex(of: "[") else { continue }
      parts[part[..<open].drop { $0 == "-" }] = part[part.index(after: open)...]
    }
    guard let namespace = parts["ns"], let policy = parts["policy"] else { return nil }
    return .policy(Policy(namespace: String(namespace), name: String(policy), rule: parts["rule"].flatMap { Int($0) }))
  }

  private typealias Entry = (meaning: String, cause: String, next: String)

  private var entry: Entry? { Self.table[name] }

  /// Why a connection failed, by the words that stand in the argument.
  private var reason: (cause: String, next: String)? {
    guard let argument else { return nil }
    return Self.reasons.first { argument.contains($0.word) }.map { ($0.cause, $0.next) }
  }

  private static let reasons: [(word: String, cause: String, next: String)] = [
    (
      "TLS_error", "one side speaks TLS and the other does not, or a certificate is not trusted",
      "the DestinationRule's TLS mode, PeerAuthentication, and the proxies' certificates"
    ),
    ("Connection_refused", "nothing listens there", "whether the pod is ready, and its port beside the Service's"),
    ("Connection refused", "nothing listens there", "whether the pod is ready, and its port beside the Service's"),
    ("connection_timeout", "the address does not answer", "whether the pod is there, and NetworkPolicies"),
    (
      "overflow", "more requests than the DestinationRule's limits allow",
      "the circuit breaker's limits in the DestinationRule"
    ),
    ("connection_failure", "the pod is gone or not listening", "the pods' readiness, and restarts"),
    (
      "connection_termination", "the application ended in the middle, or closes idle connections first",
      "restarts of the pod, and the application's keep-alive time"
    ),
    (
      "remote_reset", "the application, or the proxy beside it, broke it off",
      "the called pod's line of the same request (x)"
    ),
    ("remote_refused", "the other side takes no more streams on that connection", "the called pod's load, and its log"),
    ("local_reset", "this proxy gave up", "the flags beside it"),
    ("protocol_error", "another version of HTTP, or none, behind that port", "the port's name or appProtocol"),
  ]

  private static let table: [String: Entry] = [
    "rbac_access_denied_matched_policy": (
      "refused by an authorization policy", "a DENY that matches, or no ALLOW that does",
      "the AuthorizationPolicy, and as whom the caller is known (src.identity, the certificate)"
    ),
    "route_not_found": (
      "no route for the request", "no host or rule matches it", "the hosts and matches of the rules (Routes)"
    ),
    "route_configuration_not_found": (
      "the proxy has no routes for that listener yet", "its configuration has not arrived", "Proxies: is it in sync"
    ),
    "cluster_not_found": (
      "the cluster of the route does not exist", "the route names a subset or host that is not defined (yet)",
      "the DestinationRule's subsets, and whether this proxy is in sync (Proxies)"
    ),
    "filter_chain_not_found": (
      "no filter chain takes the connection", "plain text where mutual TLS is required, or an unknown server name",
      "PeerAuthentication, and the gateway's hosts"
    ),
    "no_healthy_upstream": (
      "no healthy upstream host", "all hosts fail their checks or are ejected, or the subset selects no pod",
      "the pods' readiness and the ejections (Graph)"
    ),
    "response_timeout": (
      "the upstream did not answer in time", "slower than the route's timeout", "the timeout beside the P99 (Graph)"
    ),
    "upstream_per_try_timeout": (
      "the last try did not answer in time", "slower than the retries' perTryTimeout", "perTryTimeout beside the P99"
    ),
    "upstream_max_stream_duration_reached": (
      "the stream reached its maximal duration", "max_stream_duration of the route", "the route"
    ),
    "upstream_reset_before_response_started": (
      "the connection to the upstream broke before it answered", "the pod went away, or refused",
      "the called pod's line of the same request (x)"
    ),
    "upstream_reset_after_response_started": (
      "the connection to the upstream broke within the answer: the client has a part of it",
      "the application ended in the middle", "restarts of the pod, and its log (app:)"
    ),
    "downstream_remote_disconnect": (
      "the client closed the connection", "it gave up waiting: its own timeout, or a user who left",
      "how long the request had taken"
    ),
    "downstream_local_disconnect": (
      "this proxy closed the client's connection", "it drains, or the connection was idle",
      "what stands in the brackets"
    ),
    "fault_filter_abort": (
      "an error was injected", "fault injection in the VirtualService", "the fault in the VirtualService"
    ),
    "local_rate_limited": (
      "rate-limited by this proxy", "the local rate limit is used up", "who sends so much (top callers)"
    ),
    "request_rate_limited": (
      "rate-limited by the rate-limit service", "its limit for that descriptor is used up",
      "the service's configuration"
    ),
    "ext_authz_denied": (
      "denied by the external authorization service", "its policy", "the log of the service that is asked"
    ),
    "ext_authz_error": (
      "the external authorization service failed", "it does not answer", "the log of the service that is asked"
    ),
    "jwt_authn_access_denied": (
      "the token was refused", "it is missing, expired, or of another issuer or audience",
      "RequestAuthentication, and the token's iss, aud and exp"
    ),
    "direct_response": (
      "answered by this proxy itself", "a directResponse, a redirect, or a route to nowhere", "the rule (Routes)"
    ),
    "stream_idle_timeout": (
      "the stream was idle for too long", "a silent stream against stream_idle_timeout", "the time limits of both sides"
    ),
    "request_overall_timeout": ("the request took too long to arrive", "a slow client", "request_timeout"),
    "request_header_timeout": ("the headers took too long to arrive", "a slow client", "request_headers_timeout"),
    "max_duration_timeout": ("the stream reached its maximal duration", "max_stream_duration", "the listener"),
    "overload": ("ended by the overload manager", "the proxy itself is short of memory", "the proxy's memory"),
    "maintenance_mode": ("the cluster is in maintenance mode", "its runtime key is set", "the proxy's runtime"),
    "drop_overload": ("dropped by a load-shedding policy", "drop_overloads in the endpoints", "the control plane"),
    "request_payload_too_large": ("the request is larger than may be held", "a filter that buffers", "its limit"),
    "response_payload_too_large": ("the response is larger than may be held", "a filter that buffers", "its limit"),
    "request_payload_exceeded_retry_buffer_limit": (
      "too large to be tried again", "retries of a large request", "the route's retries"
    ),
    "low_version": ("HTTP/1.0 is refused", "an old client, or a health check", "who calls"),
    "missing_host_header": ("the request names no host", "a client that is no browser", "who calls"),
    "path_normalization_failed": ("the path is no valid path", "a scan, or a broken client", "who calls"),
    "invalid_path": ("the path is no valid path", "a scan, or a broken client", "who calls"),
    "upgrade_failed": ("the upgrade is not allowed", "WebSocket to a route or host without it", "the rule (Routes)"),
    "http1.codec_error": (
      "the client broke the protocol", "not HTTP/1 on that port: TLS, HTTP/2, or a scan",
      "the port's name or appProtocol, and who calls"
    ),
    "http2.remote_reset": ("the client reset the stream", "it cancelled the request", "the client's own time limit"),
  ]
}
