internal import JSON
internal import KubernetesAPI
internal import Transport

/// A request that changes objects: reads its options and its body, and has it done.
struct WriteRequest {
  let store: ObjectStore
  let type: ResourceType
  let target: ResourceTarget
  let request: HTTPServer.Request

  private static let optionKinds: [ResourceTarget.Verb: String] = [
    .create: "CreateOptions", .update: "UpdateOptions", .patch: "PatchOptions", .delete: "DeleteOptions",
  ]

  func outcome(of verb: ResourceTarget.Verb) throws(APIFailure) -> ObjectWriter.Outcome {
    let media = (request.headers["Content-Type"] ?? "application/json").prefix { $0 != ";" }
    let writer = try writer(verb)
    switch verb {
    case .create: return try writer.create(try object(nameIsNeeded: false))
    case .update: return try update(writer)
    case .patch where media == "application/apply-patch+yaml":
      guard request.query["fieldManager"]?.isEmpty == false else {
        throw .invalid(
          "", "PatchOptions.meta.k8s.io", APIFailure.details(nil, "meta.k8s.io", "PatchOptions"),
          [
            .init(
              reason: "FieldValueRequired", message: "Required value: is required for apply patch",
              field: "fieldManager")
          ])
      }
      return try writer.apply(try object(nameIsNeeded: true))
    case .patch: return try patch(writer, media: String(media))
    default: throw .methodNotAllowed
    }
  }

  /// Deletes one object, and gives the status that says so.
  func deletion() throws(APIFailure) -> JSONValue {
    var writer = try writer(.delete)
    let body: JSONValue
    do { body = request.body.isEmpty ? [:] : try JSONValue(parsing: request.body) } catch {
      throw .badRequest("the body is \(error)")
    }
    if body["dryRun"]?.array?.contains("All") == true { writer.options.isDryRun = true }
    let gone = try writer.delete(
      key, uid: body.at("preconditions", "uid")?.string,
      resourceVersion: body.at("preconditions", "resourceVersion")?.string)
    var details = APIFailure.details(gone.name, type.group, type.plural)
    details["uid"] = .string(gone.uid)
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": .object(details),
    ]
  }

  private var key: APIObject.Key {
    APIObject.Key(target.name ?? "", in: type.isNamespaced ? target.namespace ?? "" : "")
  }

  private func writer(_ verb: ResourceTarget.Verb) throws(APIFailure) -> ObjectWriter {
    var options = ObjectWriter.Options()
    let query = request.query
    for value in query.values(of: "dryRun") {
      guard value == "All" else {
        let kind = Self.optionKinds[verb] ?? "ListOptions"
        throw .invalid(
          "", "\(kind).meta.k8s.io",
          APIFailure.details(nil, "meta.k8s.io", kind, [Self.unsupported("dryRun", value, ["All"])]),
          [Self.unsupported("dryRun", value, ["All"])])
      }
      options.isDryRun = true
    }
    if let text = query["fieldValidation"], !text.isEmpty {
      guard let validation = Admission.FieldValidation(rawValue: text) else {
        let cause = Self.unsupported("fieldValidation", text, ["Ignore", "Strict", "Warn"])
        let kind = Self.optionKinds[verb] ?? "ListOptions"
        throw .invalid(
          "", "\(kind).meta.k8s.io", APIFailure.details(nil, "meta.k8s.io", kind, [cause]), [cause])
      }
      options.fieldValidation = validation
    }
    options.isForced = query.has("force")
    let author = ManagedFields.Author(
      manager: Self.manager(of: request), apiVersion: type.apiVersion(of: target.version),
      time: .now, subresource: target.subresource)
    return ObjectWriter(store: store, type: type, author: author, options: options)
  }

  private static func unsupported(_ field: String, _ value: String, _ supported: [String]) -> APIFailure.Cause {
    let list = supported.map { "\"\($0)\"" }.joined(separator: ", ")
    let shown = field == "dryRun" ? "[\"\(value)\"]" : "\"\(value)\""
    return APIFailure.Cause(
      reason: "FieldValueNotSupported", message: "Unsupported value: \(shown): supported values: \(list)", field: field)
  }

  /// Who writes, where the request does not say: the program that its `User-Agent` begins with.
  static func manager(of request: HTTPServer.Request) -> String {
    if let manager = request.query["fieldManager"], !manager.isEmpty { return manager }
    let agent = (request.headers["User-Agent"] ?? "").prefix { $0 != "/" }
    return agent.isEmpty ? "unknown" : String(agent)
  }

  /// The object in the body, with the namespace of the URL.
  private func object(nameIsNeeded: Bool) throws(APIFailure) -> APIObject {
    var object = APIObject(try Self.body(of: request, expecting: type.kind))
    guard object.json.object != nil, object.json["metadata"]?.object != nil || object.json["metadata"] == nil else {
      throw .badRequest("the object provided is unrecognized (must be of type \(type.kind)): it is no object")
    }
    guard object.kind == type.kind, object.apiVersion == type.apiVersion(of: target.version) else {
      if object.kind.isEmpty {
        throw .badRequest("Object 'Kind' is missing in '\(String(decoding: request.body.prefix(200), as: UTF8.self))'")
      }
      throw .badRequest(
        "the API version in the data (\(object.apiVersion), Kind=\(object.kind)) does not match the expected API "
          + "version (\(type.apiVersion(of: target.version)), Kind=\(type.kind))")
    }
    if type.isNamespaced {
      let namespace = target.namespace ?? ""
      guard object.namespace.isEmpty || object.namespace == namespace else {
        throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
      }
      object[metadata: "namespace"] = .string(namespace)
    }
    if nameIsNeeded {
      if object.name.isEmpty { object[metadata: "name"] = .string(target.name ?? "") }
      guard object.name == target.name else {
        throw .badRequest(
          "the name of the object (\(object.name)) does not match the name on the URL (\(target.name ?? ""))")
      }
    }
    return object
  }

  static func body(of request: HTTPServer.Request, expecting kind: String) throws(APIFailure) -> JSONValue {
    if request.headers["Content-Type"]?.hasPrefix(ProtobufReview.mediaType) == true {
      guard kind == "Review", let review = ProtobufReview.json(request.body) else {
        throw .unsupportedMediaType(accepted: ["application/json", "application/yaml"])
      }
      return review
    }
    do { return try JSONValue(parsing: request.body) } catch {
      let text = String(decoding: request.body, as: UTF8.self)
      if request.headers["Content-Type"]?.contains("yaml") == true, let value = JSONValue(yaml: text) {
        return value
      }
      let shown = String(text.unicodeScalars.filter { $0.value >= 32 }.prefix(200).map(Character.init))
      throw .badRequest(
        "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse error: "
          + "\(error.reason) (\(shown))")
    }
  }

  private func update(_ writer: ObjectWriter) throws(APIFailure) -> ObjectWriter.Outcome {
    let wanted = try object(nameIsNeeded: true)
    return try writer.update(key) { old throws(APIFailure) in
      guard wanted.resourceVersion != nil || !type.isCustom else {
        let cause = APIFailure.Cause.invalid("metadata.resourceVersion", "0", "must be specified for an update")
        throw .invalid(
          wanted.name, type.qualifiedPlural, APIFailure.details(wanted.name, type.group, type.plural, [cause]), [cause])
      }
      return splitStatus(old, wanted)
    }
  }

  private func patch(_ writer: ObjectWriter, media: String) throws(APIFailure) -> ObjectWriter.Outcome {
    var accepted = ["application/json-patch+json", "application/merge-patch+json"]
    if !type.isCustom { accepted.append("application/strategic-merge-patch+json") }
    accepted.append("application/apply-patch+yaml")
    guard accepted.contains(media) else { throw .unsupportedMediaType(accepted: accepted) }
    let patch: JSONValue
    do { patch = try JSONValue(parsing: request.body) } catch { throw .badRequest("error decoding patch: \(error)") }
    return try writer.update(key) { old throws(APIFailure) in
      var new = old
      switch media {
      case "application/json-patch+json": new.json = try Self.applying(patch, to: old.json)
      case "application/merge-patch+json": new.json = old.json.merging(patch: patch)
      default: new.json = StrategicMerge(type: type).merging(old.json, patch: patch)
      }
      guard new.json.object != nil, new.json["metadata"]?.object != nil else { throw .unprocessable }
      return splitStatus(old, new)
    }
  }

  private static func applying(_ patch: JSONValue, to object: JSONValue) throws(APIFailure) -> JSONValue {
    do throws(JSONPatchError) {
      return try JSONPatch(reading: patch).applied(to: object)
    } catch {
      guard case .malformed(_, let reason) = error else { throw .unprocessable }
      throw .badRequest("error decoding patch: \(reason)")
    }
  }

  /// Status is written through its own subresource, and nothing else through that.
  private func splitStatus(_ old: APIObject, _ wanted: APIObject) -> APIObject {
    guard type.subresources.contains("status") else { return wanted }
    guard target.subresource == "status" else {
      var kept = wanted
      kept.json["status"] = old.json["status"]
      return kept
    }
    var changed = old
    changed.json["status"] = wanted.json["status"]
    changed[metadata: "resourceVersion"] = wanted[metadata: "resourceVersion"]
    return changed
  }
}
