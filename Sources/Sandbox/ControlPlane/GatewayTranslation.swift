internal import GatewayAPI
internal import JSON
internal import KubernetesAPI

/// Makes VirtualServices of the HTTPRoutes and GRPCRoutes that are attached to Services, as istiod does before it makes
/// routes of them: one for each Service and port, with a rule for each match, the most demanding first. Routes of
/// Gateways are left out, since no proxy of the sandbox serves one; so are redirects.
struct GatewayTranslation {
  private static let semantics = "internal.istio.io/route-semantics"

  let virtualServices: [JSONValue]

  /// Whether a VirtualService was made here.
  static func made(_ virtualService: JSONValue) -> Bool {
    virtualService["metadata"]?["annotations"]?[semantics] == "gateway"
  }

  init(_ objects: MeshObjects) {
    var rules: [Parent: [Rule]] = [:]
    for route in objects.httpRoutes { Self.add(HTTPRoute.self, route, to: &rules) }
    for route in objects.grpcRoutes { Self.add(GRPCRoute.self, route, to: &rules) }
    virtualServices = rules.sorted { $0.key.name < $1.key.name }.map(Self.virtualService)
  }

  /// A Service, and the port of it that is routed; without one all are.
  private struct Parent: Hashable {
    let namespace: String
    let host: String
    let port: Int?

    var name: String { "\(namespace)~\(port ?? 0)~\(host)" }
  }

  private struct Rule {
    let json: JSONValue
    let match: GatewayMatch?
    let created: String
  }

  private static func add<Route: GatewayRoute>(_: Route.Type, _ json: JSONValue, to rules: inout [Parent: [Rule]]) {
    guard let parsed = try? JSON(parsing: json.bytes()), let object = KubernetesObject(parsed) else { return }
    let route = Route(object)
    // A route of another namespace is one for that namespace's callers only, which the sandbox does not play.
    for parent in route.parents where parent.isService && parent.namespace == route.namespace {
      let place = Parent(namespace: route.namespace, host: parent.host, port: parent.port)
      for rule in route.rules {
        let name = "\(route.namespace).\(route.name).\(rule.index)"
        for match in rule.matches.isEmpty ? [nil] : rule.matches.map(Optional.some) {
          rules[place, default: []].append(
            Rule(
              json: httpRule(rule, name, match, port: parent.port), match: match,
              created: object.creationTimestamp ?? ""))
        }
      }
    }
  }

  private static func virtualService(_ parent: Parent, _ rules: [Rule]) -> JSONValue {
    // Of equal demands the older route comes first, then the earlier rule.
    let order = rules.indices.sorted { one, other in
      let (mine, theirs) = (rules[one].match?.demands ?? [], rules[other].match?.demands ?? [])
      if mine != theirs { return theirs.lexicographicallyPrecedes(mine) }
      return (rules[one].created, one) < (rules[other].created, other)
    }
    return [
      "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
      "metadata": [
        "name": .string(parent.name), "namespace": .string(parent.namespace),
        "creationTimestamp": .string(rules.map(\.created).min() ?? ""), "annotations": [semantics: "gateway"],
      ],
      "spec": ["hosts": [.string(parent.host)], "gateways": ["mesh"], "http": .array(order.map { rules[$0].json })],
    ]
  }

  private static func httpRule(_ rule: GatewayRule, _ name: String, _ match: GatewayMatch?, port: Int?) -> JSONValue {
    var json: JSONValue = ["name": .string(name)]
    var condition = match?.json ?? [:]
    if let port { condition["port"] = .int(port) }
    if condition.object?.isEmpty == false { json["match"] = [condition] }
    let backends = rule.backends.map { ($0.reference, $0.weight ?? GatewayRule.Backend.defaultWeight) }
      .filter { $0.1 > 0 }
    if backends.isEmpty {
      json["directResponse"] = ["status": 500]
    } else {
      json["route"] = .array(
        backends.map { reference, weight in
          var share: JSONValue = ["destination": reference.json]
          if backends.count > 1 { share["weight"] = .int(weight) }
          return share
        })
    }
    if !rule.mirrors.isEmpty {
      json["mirrors"] = .array(
        rule.mirrors.map { ["destination": $0.reference.json, "percentage": ["value": .double($0.percent)]] })
    }
    if let timeout = rule.timeout { json["timeout"] = .string(timeout) }
    if let attempts = rule.retryAttempts { json["retries"] = ["attempts": .int(attempts)] }
    return json
  }
}

extension GatewayMatch {
  /// How much it asks of a request, what counts most first (gateway-api, `HTTPRouteRule.matches`).
  fileprivate var demands: [Int] {
    let (rank, length) =
      switch path {
      case .exact(let path): (3, path.utf8.count)
      case .prefix(let prefix): (2, prefix.utf8.count)
      case .regex(let pattern): (1, pattern.utf8.count)
      case nil: (0, 0)
      }
    return [rank, length, method == nil ? 0 : 1, headers.count, queryParameters.count]
  }

  /// As a VirtualService says it.
  fileprivate var json: JSONValue {
    var json: JSONValue = [:]
    switch path {
    case .exact(let path): json["uri"] = ["exact": .string(path)]
    case .prefix(let prefix): json["uri"] = ["prefix": .string(prefix)]
    case .regex(let pattern): json["uri"] = ["regex": .string(pattern)]
    case nil: break
    }
    if let method { json["method"] = ["exact": .string(method)] }
    func conditions(_ fields: [Field]) -> JSONValue {
      .object(JSONObject(fields.map { ($0.name, [$0.isRegex ? "regex" : "exact": .string($0.value)]) }))
    }
    if !headers.isEmpty { json["headers"] = conditions(headers) }
    if !queryParameters.isEmpty { json["queryParams"] = conditions(queryParameters) }
    return json
  }
}

extension GatewayReference {
  fileprivate var json: JSONValue {
    var json: JSONValue = ["host": .string(host)]
    if let port { json["port"] = ["number": .int(port)] }
    return json
  }
}
