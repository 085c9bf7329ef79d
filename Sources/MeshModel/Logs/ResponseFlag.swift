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

  /// The flags that have a meaning here, by their codes.
  public static var known: [ResponseFlag] { table.keys.sorted().map { ResponseFlag($0) } }

  private static let table: [String: (meaning: String, cause: String)] = [
    "UH": ("no healthy upstream host", "all hosts fail their checks or are ejected, or the subset selects no pod"),
    "UF": ("could not connect to the upstream host", "the pod is gone or not listening, or TLS settings differ"),
    "UO": ("upstream overflow: the circuit breaker is open", "more requests than the DestinationRule's limits allow"),
    "NR": ("no route for the request", "no host or rule matches it, or for TCP no filter chain"),
    "URX": ("gave up after the last retry", "the upstream kept failing; the other flags say how"),
    "NC": ("the cluster of the route does not exist", "the route names a subset or host that is not defined (yet)"),
    "DT": ("the connection reached its maximal duration", "max_connection_duration of the listener"),
    "DC": ("the client closed the connection", "it gave up waiting: its own timeout, or a user who left"),
    "LH": ("the service failed the local health check", "the health-check filter was told to fail"),
    "UT": ("the upstream did not answer in time", "slower than the route's timeout"),
    "LR": ("the connection was reset by this proxy", "a protocol error, or its own limit"),
    "UR": ("the upstream reset the stream", "the application, or the proxy beside it, refused or broke it off"),
    "UC": (
      "the upstream closed the connection", "the application ended in the middle, or closes idle connections first"
    ),
    "DI": ("a delay was injected", "fault injection in the VirtualService"),
    "FI": ("an error was injected", "fault injection in the VirtualService"),
    "RL": ("rate-limited by this proxy", "the local rate limit is used up"),
    "UAEX": ("denied by the external authorization service", "its policy, or the service does not answer"),
    "RLSE": ("the rate-limit service failed", "it does not answer and the filter is set to deny"),
    "IH": ("a header that is checked strictly has a bad value", "the client sends a malformed x-envoy header"),
    "SI": ("the stream was idle for too long", "a silent stream against stream_idle_timeout"),
    "DPE": ("the client broke the protocol", "not HTTP, or malformed HTTP, on an HTTP port"),
    "UPE": ("the upstream broke the protocol", "not HTTP, or another version of it, behind a port declared as HTTP"),
    "UMSDR": ("the stream reached its maximal duration", "max_stream_duration of the route"),
    "RFCF": ("answered from the cache", "the cache filter had it"),
    "NFCF": ("a filter has no configuration yet", "its extension configuration has not arrived"),
    "OM": ("ended by the overload manager", "the proxy itself is short of memory or connections"),
    "DF": ("the host's name could not be resolved", "DNS, or a ServiceEntry with a wrong name"),
    "DO": ("dropped by a load-shedding policy", "drop_overloads in the endpoints from the control plane"),
    "DR": ("the client reset the stream", "it cancelled the request: its own timeout, or a user who left"),
    "UDO": ("every request is dropped", "drop_overloads of 100 % in the endpoints from the control plane"),
  ]
}
