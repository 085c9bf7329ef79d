internal import JSON

/// What happens to an object between a client's request and the store: unknown fields, defaults, types and names, and
/// the webhook's word.
struct Admission {
  /// What to do about fields that the schema does not know.
  enum FieldValidation: String { case strict = "Strict", warn = "Warn", ignore = "Ignore" }

  let type: ResourceType
  let fieldValidation: FieldValidation

  /// The object as it may be stored, and the warnings to answer with.
  func admit(_ object: APIObject) throws(APIFailure) -> (object: APIObject, warnings: [String]) {
    var object = object
    var findings = Schema.Findings()
    if type.isCustom, let object = object.json.object {
      for key in object.keys where !["apiVersion", "kind", "metadata", "spec", "status"].contains(key) {
        findings.unknown.append(key)
      }
    }
    if let schema, let spec = object.json["spec"] {
      object.json["spec"] = schema.pruned(spec, at: "spec", &findings)
    }
    if type.isCustom { for key in findings.unknown where !key.contains(".") { object.json[key] = nil } }
    var warnings: [String] = []
    if !findings.unknown.isEmpty {
      let fields = findings.unknown.sorted().map { "unknown field \"\($0)\"" }
      switch fieldValidation {
      case .strict:
        let version = object.apiVersion.split(separator: "/").last.map(String.init) ?? ""
        throw .badRequest(
          "\(type.kind) in version \"\(version)\" cannot be handled as a \(type.kind): strict decoding error: "
            + fields.joined(separator: ", "))
      case .warn: warnings += fields
      case .ignore: break
      }
    }
    try checkName(object.name)
    if !findings.causes.isEmpty {
      if findings.causes.contains(where: { $0.reason == "FieldValueTypeInvalid" }) {
        findings.causes.append(
          .invalid(
            "<nil>", "null",
            "some validation rules were not checked because the object was invalid; "
              + "correct the existing errors to complete validation"))
      }
      throw .invalid(object.name, type, findings.causes)
    }
    if type == .httpRoutes || type == .grpcRoutes, let spec = object.json["spec"] {
      object.json["spec"] = defaults(ofGatewayRoute: spec)
    }
    warnings += try IstioValidation.check(object, type)
    return (object, warnings)
  }

  private var schema: Schema? {
    switch type {
    case .virtualServices: IstioSchemas.virtualService
    case .destinationRules: IstioSchemas.destinationRule
    case .httpRoutes, .grpcRoutes:
      .open(["rules": .list(.open(["backendRefs": .list(.open(["weight": .integer(0...1_000_000)]))]))])
    default: nil
    }
  }

  private func checkName(_ name: String) throws(APIFailure) {
    let isDNSName =
      name.utf8.count <= 253
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
      }
    guard !isDNSName else { return }
    throw .invalid(
      name, type,
      [
        .invalid(
          "metadata.name", "\"\(name)\"",
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            + #"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#)
      ])
  }

  /// The defaults of the Gateway API's definitions.
  private func defaults(ofGatewayRoute spec: JSONValue) -> JSONValue {
    func each(_ list: JSONValue?, _ change: (inout JSONValue) -> Void) -> JSONValue? {
      list?.array.map { elements in
        .array(
          elements.map { element in
            guard element.object != nil else { return element }
            var element = element
            change(&element)
            return element
          })
      }
    }
    var spec = spec
    spec["parentRefs"] = each(spec["parentRefs"]) { parent in
      parent["group"] = parent["group"] ?? "gateway.networking.k8s.io"
      parent["kind"] = parent["kind"] ?? "Gateway"
    }
    spec["rules"] = each(spec["rules"]) { rule in
      if type == .httpRoutes {
        rule["matches"] = rule["matches"] ?? [["path": ["type": "PathPrefix", "value": "/"]]]
      }
      rule["backendRefs"] = each(rule["backendRefs"]) { backend in
        backend["group"] = backend["group"] ?? ""
        backend["kind"] = backend["kind"] ?? "Service"
        backend["weight"] = backend["weight"] ?? 1
      }
    }
    return spec
  }
}
