/// Why a proxy answered as it did, beyond the code: one of Envoy's response flags
/// (`source/common/stream_info/stream_info_impl.h`). Filters may register flags of their own: one without a meaning
/// here is shown as it is.
public struct ResponseFlag: Hashable, Sendable, CustomStringConvertible {
  /// As it stands in the log: `UF`.
  public var code: String

  public init(_ code: String) { self.code = code }

  public var description: String { code }
  /// What happened; `nil` for an unknown flag.
  public var meaning: String? { Self.table[code]?.meaning }
  /// What is behind it most often; `nil` for an unknown flag.
  public var usualCause: String? { Self.table[code]?.cause }
  /// What to look at next; `nil` for an unknown flag.
  public var next: String? { Self.table[code]?.next }

  /// The flags that have a meaning here, by their codes.
  public static var known: [ResponseFlag] { table.keys.sorted().map { ResponseFlag($0) } }

  private static let table: [String: (meaning: String, cause: String, next: String)] = [
    "UH": (
      "no healthy upstream host", "all hosts fail their checks or are ejected, or the subset selects no pod",
      "the pods' readiness and the ejections of that version (Graph), and the subset's labels"
    ),
    "UF": (
      "could not connect to the upstream host", "the pod is gone or not listening, or TLS settings differ",
      "the words behind the details, whether the pods listen on that port, and the DestinationRule's TLS mode"
    ),
    "UO": (
      "upstream overflow: the circuit breaker is open", "more requests than the DestinationRule's limits allow",
      "the circuit breaker's limits in the DestinationRule, and how many requests wait"
    ),
    "NR": (
      "no route for the request", "no host or rule matches it, or for TCP no filter chain",
      "the hosts and matches of the rules for that authority (Routes)"
    ),
    "URX": (
      "gave up after the last retry", "the upstream kept failing; the other flags say how",
      "the lines of the called pods of the same request (x)"
    ),
    "NC": (
      "the cluster of the route does not exist", "the route names a subset or host that is not defined (yet)",
      "whether the DestinationRule defines the subset, and whether this proxy is in sync (Proxies)"
    ),
    "DT": (
      "the connection reached its maximal duration", "max_connection_duration of the listener",
      "the listener's max_connection_duration"
    ),
    "DC": (
      "the client closed the connection", "it gave up waiting: its own timeout, or a user who left",
      "how long the request had taken, and the client's own time limit"
    ),
    "LH": (
      "the service failed the local health check", "the health-check filter was told to fail",
      "what failed the health-check filter: its admin API, or the rollout that drains it"
    ),
    "UT": (
      "the upstream did not answer in time", "slower than the route's timeout",
      "the route's timeout beside the P99 of what is called (Graph)"
    ),
    "LR": (
      "the connection was reset by this proxy", "a protocol error, or its own limit",
      "the proxy's own log at that moment (d writes debug)"
    ),
    "UR": (
      "the upstream reset the stream", "the application, or the proxy beside it, refused or broke it off",
      "the line of the called pod of the same request (x), and the application's log (app:)"
    ),
    "UC": (
      "the upstream closed the connection", "the application ended in the middle, or closes idle connections first",
      "restarts of the pod, and the application's keep-alive time beside the proxy's idle timeout"
    ),
    "DI": (
      "a delay was injected", "fault injection in the VirtualService",
      "the fault in the VirtualService (Graph marks it)"
    ),
    "FI": (
      "an error was injected", "fault injection in the VirtualService",
      "the fault in the VirtualService (Graph marks it)"
    ),
    "RL": (
      "rate-limited by this proxy", "the local rate limit is used up",
      "the EnvoyFilter with the local rate limit, and who sends so much (top callers)"
    ),
    "UAEX": (
      "denied by the external authorization service", "its policy, or the service does not answer",
      "the AuthorizationPolicy with CUSTOM, and the log of the service that it asks"
    ),
    "RLSE": (
      "the rate-limit service failed", "it does not answer and the filter is set to deny",
      "the log of the rate-limit service"
    ),
    "IH": (
      "a header that is checked strictly has a bad value", "the client sends a malformed x-envoy header",
      "the x-envoy headers that the client sends"
    ),
    "SI": (
      "the stream was idle for too long", "a silent stream against stream_idle_timeout",
      "stream_idle_timeout beside how long the stream is to be silent"
    ),
    "DPE": (
      "the client broke the protocol", "not HTTP, or malformed HTTP, on an HTTP port",
      "the port's name or appProtocol, and who calls it: plain text on a TLS port, or HTTP/2 on HTTP/1"
    ),
    "UPE": (
      "the upstream broke the protocol", "not HTTP, or another version of it, behind a port declared as HTTP",
      "the port's name or appProtocol beside what the application speaks"
    ),
    "UMSDR": (
      "the stream reached its maximal duration", "max_stream_duration of the route",
      "max_stream_duration of the route"
    ),
    "RFCF": (
      "answered from the cache", "the cache filter had it",
      "nothing: it was answered"
    ),
    "NFCF": (
      "a filter has no configuration yet", "its extension configuration has not arrived",
      "whether this proxy is in sync (Proxies), and what it says of itself"
    ),
    "OM": (
      "ended by the overload manager", "the proxy itself is short of memory or connections",
      "the proxy's memory and connections, and its limits"
    ),
    "DF": (
      "the host's name could not be resolved", "DNS, or a ServiceEntry with a wrong name",
      "the ServiceEntry's hosts, and whether the name resolves in that pod"
    ),
    "DO": (
      "dropped by a load-shedding policy", "drop_overloads in the endpoints from the control plane",
      "drop_overloads of the control plane"
    ),
    "DR": (
      "the client reset the stream", "it cancelled the request: its own timeout, or a user who left",
      "the client's own time limit, and how long the request had taken"
    ),
    "UDO": (
      "every request is dropped", "drop_overloads of 100 % in the endpoints from the control plane",
      "drop_overloads of the control plane"
    ),
  ]
}
