internal import EnvoyAPI
internal import JSON
internal import ProxyLogs

/// What a rule of a VirtualService does with a request, as the member of Envoy's route that says it.
struct RouteAction: Equatable, Sendable {
  /// `route`, `redirect` or `direct_response`.
  let key: String
  let envoy: JSONValue
  /// Where the rule has one destination only.
  let singleCluster: ClusterName?

  init(_ rule: JSONValue, namespace: String, port: Int, registry: ServiceRegistry) {
    if let redirect = rule["redirect"] {
      (key, envoy, singleCluster) = ("redirect", Self.redirect(redirect), nil)
      return
    }
    if let direct = rule["directResponse"] {
      var answer: JSONValue = ["status": direct["status"] ?? 200]
      if let body = direct["body"]?["string"] { answer["body"] = ["inline_string": body] }
      (key, envoy, singleCluster) = ("direct_response", answer, nil)
      return
    }

    func cluster(_ destination: JSONValue?) -> ClusterName {
      let hostname = ServiceRegistry.hostname(destination?["host"]?.string ?? "", in: namespace)
      let service = registry.service(hostname: hostname).flatMap { $0.port(port) == nil ? nil : $0 }
      let chosen = destination?["port"]?["number"]?.int ?? (service?.ports.count == 1 ? service?.ports[0].number : nil)
      return ClusterName(
        direction: .outbound, port: chosen ?? port, subset: destination?["subset"]?.string, host: hostname)
    }

    var action: JSONValue = [:]
    let destinations = rule["route"]?.array ?? []
    if destinations.count == 1 {
      let only = cluster(destinations[0]["destination"])
      action["cluster"] = .string(only.description)
      singleCluster = only
    } else {
      // A weight of 0 vanishes from the proxy, as with istiod.
      let clusters = destinations.compactMap { share -> JSONValue? in
        guard let weight = share["weight"]?.int, weight > 0 else { return nil }
        return ["name": .string(cluster(share["destination"]).description), "weight": .int(weight)]
      }
      action["weighted_clusters"] = ["clusters": .array(clusters)]
      singleCluster = nil
    }
    let timeout = rule["timeout"]?.string.flatMap(envoyDuration) ?? "0s"
    action["timeout"] = .string(timeout)
    if let retries = Self.retries(rule["retries"]) { action["retry_policy"] = retries }
    let single = rule["mirror"].map { ($0, rule["mirrorPercentage"]) }
    let several = (rule["mirrors"]?.array ?? []).map { ($0["destination"], $0["percentage"]) }
    // Copies of nothing vanish, as with istiod.
    let mirrors = ([single].compactMap { $0 } + several).compactMap { destination, percentage -> JSONValue? in
      let percent = percentage?["value"]?.double ?? 100
      guard percent > 0 else { return nil }
      return [
        "cluster": .string(cluster(destination).description),
        "runtime_fraction": ["default_value": Self.fraction(percent: percent)],
      ]
    }
    if !mirrors.isEmpty { action["request_mirror_policies"] = .array(mirrors) }
    action["max_grpc_timeout"] = .string(timeout)
    (key, envoy) = ("route", action)
  }

  // MARK: Parts

  static let defaultRetries = retryPolicy(
    on: "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", attempts: 2)

  private static func retries(_ retries: JSONValue?) -> JSONValue? {
    guard let retries else { return defaultRetries }
    guard let attempts = retries["attempts"]?.int, attempts > 0 else { return nil }
    guard let conditions = retries["retryOn"]?.string else {
      var policy = defaultRetries
      policy["num_retries"] = .int(attempts)
      if let limit = retries["perTryTimeout"]?.string.flatMap(envoyDuration) {
        policy["per_try_timeout"] = .string(limit)
      }
      return policy
    }
    // Istio splits status codes from conditions.
    let parts = conditions.split(separator: ",").map(String.init)
    let codes = parts.compactMap { Int($0) }
    let words = parts.filter { Int($0) == nil } + (codes.isEmpty ? [] : ["retriable-status-codes"])
    var policy = retryPolicy(on: words.joined(separator: ","), attempts: attempts)
    if let limit = retries["perTryTimeout"]?.string.flatMap(envoyDuration) {
      policy["per_try_timeout"] = .string(limit)
    }
    if !codes.isEmpty { policy["retriable_status_codes"] = .array(codes.map { .int($0) }) }
    return policy
  }

  private static func retryPolicy(on conditions: String, attempts: Int) -> JSONValue {
    [
      "retry_on": .string(conditions), "num_retries": .int(attempts),
      "retry_host_predicate": [
        [
          "name": "envoy.retry_host_predicates.previous_hosts",
          "typed_config": [
            "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
          ],
        ]
      ],
      "host_selection_retry_max_attempts": "5",
    ]
  }

  private static func redirect(_ redirect: JSONValue) -> JSONValue {
    var answer: JSONValue = [:]
    if let path = redirect["uri"] { answer["path_redirect"] = path }
    if let host = redirect["authority"] { answer["host_redirect"] = host }
    let codes = [302: "FOUND", 303: "SEE_OTHER", 307: "TEMPORARY_REDIRECT", 308: "PERMANENT_REDIRECT"]
    if let code = redirect["redirectCode"]?.int.flatMap({ codes[$0] }) { answer["response_code"] = .string(code) }
    return answer
  }

  /// A rule's fault as the fault filter's configuration on its route.
  static func fault(_ fault: JSONValue?) -> JSONValue? {
    guard let fault else { return nil }
    var filter: JSONValue = ["@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"]
    if let delay = fault["delay"], let length = delay["fixedDelay"]?.string.flatMap(envoyDuration) {
      filter["delay"] = [
        "fixed_delay": .string(length), "percentage": fraction(percent: delay["percentage"]?["value"]?.double ?? 100),
      ]
    }
    if let abort = fault["abort"], let status = abort["httpStatus"]?.int {
      filter["abort"] = [
        "http_status": .int(status), "percentage": fraction(percent: abort["percentage"]?["value"]?.double ?? 100),
      ]
    }
    return filter
  }

  private static func fraction(percent: Double) -> JSONValue {
    ["numerator": .int(Int((percent.clamped(to: 0...100) * 10_000).rounded())), "denominator": "MILLION"]
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

/// A duration as Kubernetes objects write it (`1m30s`, `0.5s`, `250ms`) in protobuf's JSON form (`90s`, `0.250s`), or
/// `nil` where it is none.
func envoyDuration(_ text: String) -> String? {
  var rest = Substring(text)
  var milliseconds = 0.0
  guard !rest.isEmpty else { return nil }
  while !rest.isEmpty {
    let number = rest.prefix { $0.isNumber || $0 == "." }
    rest = rest.dropFirst(number.count)
    let unit = rest.prefix { !$0.isNumber && $0 != "." }
    rest = rest.dropFirst(unit.count)
    let scale: [Substring: Double] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
    guard let value = Double(number), let factor = scale[unit] else { return nil }
    milliseconds += value * factor
  }
  guard milliseconds < 1e12 else { return nil }
  let whole = Int(milliseconds.rounded())
  let (seconds, part) = whole.quotientAndRemainder(dividingBy: 1000)
  if part == 0 { return "\(seconds)s" }
  let digits = String(part)
  return "\(seconds)." + String(repeating: "0", count: 3 - digits.count) + digits + "s"
}
