import JSON
import Transport

/// What somebody wants to do, to ask whether they may.
public struct AccessQuestion: Hashable, Sendable {
  public var verb: String
  public var type: ResourceType
  public var subresource: String?
  /// `nil` asks for all namespaces.
  public var namespace: String?
  public var name: String?

  public init(
    _ verb: String, _ type: ResourceType, subresource: String? = nil, in namespace: String?, name: String? = nil
  ) {
    self.verb = verb
    self.type = type
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
  }
}

public enum AccessAnswer: Equatable, Sendable {
  case allowed
  /// With the server's reason, often none.
  case denied(reason: String?)
}

extension KubernetesClient {
  /// Asks the server by a `SelfSubjectAccessReview`, which anyone may do and which changes nothing.
  public func mayI(_ question: AccessQuestion) async throws(KubernetesError) -> AccessAnswer {
    var attributes: JSONValue = [
      "verb": .string(question.verb), "group": .string(question.type.group), "resource": .string(question.type.plural),
      "version": .string(question.type.version),
    ]
    if let subresource = question.subresource { attributes["subresource"] = .string(subresource) }
    if let namespace = question.namespace { attributes["namespace"] = .string(namespace) }
    if let name = question.name { attributes["name"] = .string(name) }
    let review: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
      "spec": ["resourceAttributes": attributes],
    ]
    let answer = try parsed(
      await body(
        APIRequest(
          method: .post, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
          contentType: "application/json",
          body: review.bytes())))
    guard let allowed = answer["status"]?["allowed"]?.bool else {
      throw .unreadable(reason: "a review without an answer")
    }
    return allowed ? .allowed : .denied(reason: answer["status"]?["reason"]?.string.map { plain($0) })
  }
}
