internal import JSON

/// Who may do what: a small, fixed table in the shape of RBAC.
struct Authorizer: Sendable {
  struct Rule: Sendable {
    var verbs: [String]
    var groups: [String] = []
    var resources: [String] = []
    var paths: [String] = []
  }

  struct Role: Sendable {
    let name: String
    let rules: [Rule]
    /// Which groups have it.
    let subjects: [String]
    /// The only namespace in which it holds; everywhere without one.
    var namespace: String?
    /// What an access review says of a permission that comes from it.
    var reason: String?
  }

  private static let reading = ["get", "list", "watch"]

  private static let everyone = Role(
    name: "system:basic-user",
    rules: [
      Rule(
        verbs: ["create"], groups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
      Rule(verbs: ["create"], groups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"]),
      Rule(verbs: ["get"], paths: ["/.well-known", "/.well-known/*"]),
      Rule(
        verbs: ["get"],
        paths: [
          "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version",
          "/version/",
        ]),
    ], subjects: ["system:authenticated"])

  private static let publicInformation = Role(
    name: "system:public-info-viewer",
    rules: [Rule(verbs: ["get"], paths: ["/healthz", "/livez", "/readyz", "/version", "/version/"])],
    subjects: ["system:authenticated", "system:unauthenticated"])

  private static let readingRules = [
    Rule(
      verbs: reading, groups: [""],
      resources: [
        "namespaces", "services", "pods", "endpoints", "configmaps", "events", "nodes",
      ]),
    Rule(verbs: ["get"], groups: [""], resources: ["pods/log"]),
    Rule(verbs: reading, groups: ["apps"], resources: ["deployments", "replicasets"]),
    Rule(verbs: reading, groups: ["discovery.k8s.io"], resources: ["endpointslices"]),
    Rule(
      verbs: reading,
      groups: [
        "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io",
        "gateway.networking.k8s.io",
      ], resources: ["*"]),
  ]

  private static let viewer = Role(
    name: "console-viewer", rules: readingRules, subjects: ["console-viewers", "console-editors"],
    reason:
      "RBAC: allowed by ClusterRoleBinding \"console-viewer\" of ClusterRole \"console-viewer\" to Group \"console-viewers\""
  )

  private static let editor = Role(
    name: "console-editor",
    rules: [
      Rule(
        verbs: reading + ["create", "update", "patch", "delete"], groups: ["networking.istio.io"],
        resources: ["virtualservices", "destinationrules"]),
      Rule(
        verbs: reading + ["update", "patch"], groups: ["gateway.networking.k8s.io"], resources: ["httproutes"]),
    ], subjects: ["console-editors"], namespace: "bookinfo",
    reason:
      "RBAC: allowed by RoleBinding \"console-editor/bookinfo\" of Role \"console-editor\" to Group \"console-editors\""
  )

  private static let admin = Role(
    name: "cluster-admin",
    rules: [Rule(verbs: ["*"], groups: ["*"], resources: ["*"]), Rule(verbs: ["*"], paths: ["*"])],
    subjects: ["system:masters"])

  private let roles = [everyone, publicInformation, viewer, editor, admin]

  private func roles(of user: APIUser) -> [Role] {
    roles.filter { role in role.subjects.contains { user.groups.contains($0) } }
  }

  /// Why a user may do something to a resource (empty where nothing is said); `nil` where he may not.
  func permission(
    of user: APIUser, verb: String, group: String, resource: String, namespace: String?
  ) -> String? {
    func holds(_ list: [String], _ value: String) -> Bool { list.contains("*") || list.contains(value) }
    let role = roles(of: user).last { role in
      (role.namespace == nil || role.namespace == namespace)
        && role.rules.contains { holds($0.verbs, verb) && holds($0.groups, group) && holds($0.resources, resource) }
    }
    return role.map { $0.reason ?? "" }
  }

  func permission(of user: APIUser, verb: String, path: String) -> String? {
    let role = roles(of: user).last { role in
      role.rules.contains { rule in
        (rule.verbs.contains("*") || rule.verbs.contains(verb))
          && rule.paths.contains { $0 == path || $0.hasSuffix("*") && path.hasPrefix($0.dropLast()) }
      }
    }
    return role.map { $0.reason ?? "" }
  }

  /// Throws the refusal that the API answers with.
  func check(_ user: APIUser, _ target: APITarget, method: String) throws(APIFailure) {
    switch target {
    case .path(let path):
      let verb = ["GET": "get", "HEAD": "head", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"][
        method]
      guard permission(of: user, verb: verb ?? method.lowercased(), path: path) == nil else { return }
      throw APIFailure(
        403, "Forbidden", "forbidden: User \"\(user.name)\" cannot \(verb ?? method.lowercased()) path \"\(path)\"",
        details: [:])
    case .resource(let target):
      let verb = target.verb?.rawValue ?? method.lowercased()
      let resource = target.plural + (target.subresource.map { "/\($0)" } ?? "")
      let permission = permission(
        of: user, verb: verb, group: target.group, resource: resource, namespace: target.namespace)
      guard permission == nil else { return }
      let qualified = target.group.isEmpty ? target.plural : "\(target.plural).\(target.group)"
      let subject = target.name.map { "\(qualified) \"\($0)\"" } ?? qualified
      let place =
        target.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
      throw APIFailure(
        403, "Forbidden",
        "\(subject) is forbidden: User \"\(user.name)\" cannot \(verb) resource \"\(resource)\" in API group "
          + "\"\(target.group)\" \(place)",
        details: APIFailure.details(target.name, target.group, target.plural))
    }
  }

  /// All rules of a user, as `SelfSubjectRulesReview` lists them.
  func rules(of user: APIUser, in namespace: String) -> JSONValue {
    func strings(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
    let rules = roles(of: user).filter { $0.namespace == nil || $0.namespace == namespace }.flatMap(\.rules)
    return [
      "resourceRules": .array(
        rules.filter { !$0.resources.isEmpty }.map {
          ["verbs": strings($0.verbs), "apiGroups": strings($0.groups), "resources": strings($0.resources)]
        }),
      "nonResourceRules": .array(
        rules.filter { !$0.paths.isEmpty }.map { ["verbs": strings($0.verbs), "nonResourceURLs": strings($0.paths)] }),
      "incomplete": false,
    ]
  }
}
