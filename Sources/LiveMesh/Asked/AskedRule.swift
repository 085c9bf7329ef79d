import MeshModel

/// One rule as it was asked for, with what the console does not need to know but joining does. A rule that redirects
/// or answers by itself has no shares: it is not shown, and takes part in the order of the rules.
struct AskedRule: Equatable, Sendable {
  var route: Route
  /// One Envoy route is made of each; none means that the rule takes every request.
  var matches: [RuleMatch]
  /// Whether sidecars carry it: no gateways are named, or `mesh` is among them.
  var isForSidecars: Bool
  /// Whether gateways carry it.
  var isForGateways: Bool
  /// The authority that its requests go on with, where it is not their own.
  var rewrittenAuthority: String?
  /// What the control plane calls the proxies' routes that it makes of the rule, where that is not the rule's own name.
  var proxyName: String?
}

/// What one entry of a rule's `match` takes, as far as it can be told apart in a proxy and in a log line.
struct RuleMatch: Hashable, Sendable {
  enum Path: Hashable, Sendable {
    case exact(String)
    case prefix(String)
    /// Whole segments: `/a` takes `/a` and `/a/b`, not `/ab`.
    case segments(String)
    case regex(String)
  }

  var name: String?
  var path: Path?
  var ignoresCase = false
  /// The headers that the match looks at, in lower case, `:method`, `:authority` and `:scheme` among them; where one
  /// must have a certain value, as `name=value`.
  var headers: Set<String> = []
  var queryParameters: Set<String> = []
  /// The names (SNI) that a TLS rule is for.
  var serverNames: Set<String> = []
  var port: Int?
  /// The name under which proxies count its requests apart, where they keep such counters.
  var statPrefix: String?
  /// Whether only some proxies get it: by port, gateway, or labels or namespace of the caller.
  var isScoped = false

  /// Whether the match looks at the path alone.
  var isOfPathAlone: Bool { headers.isEmpty && queryParameters.isEmpty && !isScoped }

  /// Whether every request fits, so that no later rule is ever tried.
  var takesEverything: Bool { isOfPathAlone && (path == nil || path == .prefix("/")) }

  /// Whether a path (with its query) fits; `nil` where that cannot be told from the path.
  func takes(path wanted: String) -> Bool? {
    let bare = wanted.prefix { $0 != "?" }
    let fits: Bool? =
      switch path {
      case nil: true
      case .exact(let path): ignoresCase ? bare.lowercased() == path.lowercased() : bare == path
      case .prefix(let prefix):
        ignoresCase ? bare.lowercased().hasPrefix(prefix.lowercased()) : bare.hasPrefix(prefix)
      case .segments(let path): bare == path || bare.hasPrefix(path + "/")
      case .regex: nil
      }
    if fits == false { return false }
    return isOfPathAlone ? fits : nil
  }
}

extension AskedRule {
  /// What a proxy's routes of it are called, but for the names of its matches.
  var nameInProxies: String? { proxyName ?? route.name }

  /// Whether it takes the requests that another state of it takes, under the same name.
  func takesTheSame(as other: AskedRule) -> Bool {
    matches == other.matches && route.name == other.route.name && route.hosts == other.route.hosts
      && isForSidecars == other.isForSidecars && isForGateways == other.isForGateways
  }

  /// Whether a path fits the rule; `nil` where that cannot be told from the path.
  func takes(path: String) -> Bool? {
    guard !matches.isEmpty else { return true }
    let answers = matches.map { $0.takes(path: path) }
    if answers.contains(true) { return true }
    return answers.contains(nil) ? nil : false
  }
}
