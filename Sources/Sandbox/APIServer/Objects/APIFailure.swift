internal import JSON

/// A refusal, as the `Status` object that the API answers with.
struct APIFailure: Error, Equatable, Sendable {
  var code: Int
  var reason: String?
  var message: String
  var details: JSONObject?
  /// Where a list was cut and its token is too old: how to go on all the same.
  var continueToken: String?

  init(_ code: Int, _ reason: String?, _ message: String, details: JSONObject? = nil, continueToken: String? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
    self.continueToken = continueToken
  }

  var status: JSONValue {
    let metadata: JSONObject = continueToken.map { ["continue": .string($0)] } ?? [:]
    var status: JSONObject = [
      "kind": "Status", "apiVersion": "v1", "metadata": .object(metadata), "status": "Failure",
      "message": .string(message),
    ]
    if let reason { status["reason"] = .string(reason) }
    if let details { status["details"] = .object(details) }
    status["code"] = .int(code)
    return .object(status)
  }
}

extension APIFailure {
  /// What is wrong with one field.
  struct Cause: Sendable {
    let reason: String
    let message: String
    let field: String

    static func invalid(_ field: String, _ value: String, _ problem: String) -> Cause {
      Cause(reason: "FieldValueInvalid", message: "Invalid value: \(value): \(problem)", field: field)
    }
  }

  private static func details(_ name: String?, _ type: ResourceType, _ causes: [Cause] = []) -> JSONObject {
    details(name, type.group, type.plural, causes)
  }

  static func details(_ name: String?, _ group: String, _ kind: String, _ causes: [Cause] = []) -> JSONObject {
    var details = JSONObject()
    if let name, !name.isEmpty { details["name"] = .string(name) }
    if !group.isEmpty { details["group"] = .string(group) }
    details["kind"] = .string(kind)
    if !causes.isEmpty {
      details["causes"] = .array(
        causes.map { ["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)] })
    }
    return details
  }

  static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }
  static let unauthorized = APIFailure(401, "Unauthorized", "Unauthorized")

  static func notFound(_ name: String, _ type: ResourceType) -> APIFailure {
    APIFailure(404, "NotFound", "\(type.qualifiedPlural) \"\(name)\" not found", details: details(name, type))
  }

  static let methodNotAllowed = APIFailure(
    405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])

  static let notAcceptable = APIFailure(
    406, "NotAcceptable",
    "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"
  )

  static func alreadyExists(_ name: String, _ type: ResourceType) -> APIFailure {
    APIFailure(409, "AlreadyExists", "\(type.qualifiedPlural) \"\(name)\" already exists", details: details(name, type))
  }

  static func conflict(_ name: String, _ type: ResourceType, _ problem: String? = nil) -> APIFailure {
    let problem =
      problem ?? "the object has been modified; please apply your changes to the latest version and try again"
    return APIFailure(
      409, "Conflict", "Operation cannot be fulfilled on \(type.qualifiedPlural) \"\(name)\": \(problem)",
      details: details(name, type))
  }

  static func unsupportedMediaType(accepted: [String]) -> APIFailure {
    APIFailure(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  static let unprocessable = APIFailure(
    422, "Invalid", "the server rejected our request due to an error in our request", details: [:])

  static func invalid(_ name: String, _ type: ResourceType, _ causes: [Cause]) -> APIFailure {
    invalid(name, type.qualifiedKind, details(name, type.group, type.kind, causes), causes)
  }

  static func invalid(_ name: String, _ subject: String, _ details: JSONObject, _ causes: [Cause]) -> APIFailure {
    let list = causes.map { "\($0.field): \($0.message)" }
    let text = list.count == 1 ? list[0] : "[" + list.joined(separator: ", ") + "]"
    return APIFailure(422, "Invalid", "\(subject) \"\(name)\" is invalid: \(text)", details: details)
  }

  static func deniedByIstio(_ problem: String) -> APIFailure {
    APIFailure(
      400, nil, "admission webhook \"validation.istio.io\" denied the request: configuration is invalid: \(problem)")
  }

  static func tooOld(_ version: Int, oldest: Int) -> APIFailure {
    APIFailure(410, "Expired", "too old resource version: \(version) (\(oldest))")
  }
}
