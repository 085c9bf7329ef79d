internal import JSON

/// The questions about oneself: what may I do, and who am I.
struct AccessReviews {
  static let types = [
    ResourceType(
      "SelfSubjectAccessReview", "selfsubjectaccessreviews", group: "authorization.k8s.io", isNamespaced: false,
      subresources: []),
    ResourceType(
      "SelfSubjectRulesReview", "selfsubjectrulesreviews", group: "authorization.k8s.io", isNamespaced: false,
      subresources: []),
    ResourceType(
      "SelfSubjectReview", "selfsubjectreviews", group: "authentication.k8s.io", isNamespaced: false, subresources: []),
  ]

  let authorizer: Authorizer
  let user: APIUser

  /// The answer to a question; `nil` for what is no question about oneself.
  func answer(_ target: ResourceTarget, _ body: JSONValue, by manager: String) throws(APIFailure) -> JSONValue? {
    guard let type = Self.types.first(where: { $0.plural == target.plural && $0.group == target.group }) else {
      return nil
    }
    guard target.verb == .create, target.version == "v1" else { throw .methodNotAllowed }
    var answer: JSONValue = ["kind": .string(type.kind), "apiVersion": .string(type.apiVersion)]
    switch type.plural {
    case "selfsubjectaccessreviews":
      let spec = body["spec"] ?? [:]
      var owners = ManagedFields(of: nil)
      let question = APIObject(["spec": spec])
      let author = ManagedFields.Author(manager: manager, apiVersion: type.apiVersion, time: .now)
      owners.update(FieldComparison(from: nil, to: question, type: type), by: author)
      answer["metadata"] = ["managedFields": owners.json]
      answer["spec"] = spec
      answer["status"] = try status(of: spec)
    case "selfsubjectrulesreviews":
      answer["metadata"] = [:]
      answer["spec"] = [:]
      answer["status"] = authorizer.rules(of: user, in: body.at("spec", "namespace")?.string ?? "")
    default:
      answer["metadata"] = ["creationTimestamp": .string(WallTime.now.text)]
      answer["status"] = ["userInfo": user.json]
    }
    return answer
  }

  private func status(of spec: JSONValue) throws(APIFailure) -> JSONValue {
    let permission: String?
    if let resource = spec["resourceAttributes"] {
      let name = resource["resource"]?.string ?? ""
      let subresource = resource["subresource"]?.string.flatMap { $0.isEmpty ? nil : "/" + $0 } ?? ""
      permission = authorizer.permission(
        of: user, verb: resource["verb"]?.string ?? "", group: resource["group"]?.string ?? "",
        resource: name + subresource, namespace: resource["namespace"]?.string)
    } else if let path = spec["nonResourceAttributes"] {
      permission = authorizer.permission(of: user, verb: path["verb"]?.string ?? "", path: path["path"]?.string ?? "")
    } else {
      let problem = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
      throw .invalid(
        "", "SelfSubjectAccessReview.authorization.k8s.io",
        APIFailure.details(nil, "authorization.k8s.io", "SelfSubjectAccessReview"),
        [.invalid("spec.resourceAttributes", "null", problem)])
    }
    var status: JSONValue = ["allowed": .bool(permission != nil)]
    if let permission, !permission.isEmpty { status["reason"] = .string(permission) }
    return status
  }
}
