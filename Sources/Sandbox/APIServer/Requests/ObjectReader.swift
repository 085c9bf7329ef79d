internal import JSON

/// Lists objects and writes them in the form that was asked for.
struct ObjectReader {
  let store: ObjectStore
  let query: ListQuery
  let form: AnswerForm

  private var type: ResourceType { query.type }

  func object(_ object: APIObject) -> JSONValue {
    let object = object.version(query.apiVersion)
    return switch form {
    case .whole: object.json
    case .metadata: Self.metadata(of: object)
    case .table: Table(type: type).json([object], version: object.resourceVersion ?? "")
    }
  }

  static func metadata(of object: APIObject) -> JSONValue {
    ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.json["metadata"] ?? [:]]
  }

  /// One page. `resourceVersion`, `resourceVersionMatch`, `limit` and `continue` come from the request.
  func list(_ items: HTTPServer.Query) throws(APIFailure) -> JSONValue {
    let limit = try Self.number(items["limit"], of: "limit") ?? 0
    var (objects, version) = store.objects(type, in: query.namespace)
    if let text = items["continue"], !text.isEmpty {
      let token = try ContinueToken(text)
      if token.version >= 0 {
        guard let then = store.objects(type, in: query.namespace, at: token.version) else {
          throw Self.expired(continuingAfter: token.after)
        }
        (objects, version) = (then, token.version)
      }
      objects.removeAll { $0.key <= token.after }
    } else if items["resourceVersionMatch"] == "Exact", let exact = try Self.version(items["resourceVersion"]) {
      guard let then = store.objects(type, in: query.namespace, at: exact) else {
        throw APIFailure(410, "Expired", "The resourceVersion for the provided list is too old.")
      }
      (objects, version) = (then, exact)
    }
    objects = objects.filter(query.matches)

    var continueText: String?
    var remaining: Int?
    if limit > 0, objects.count > limit {
      if !query.isSelective { remaining = objects.count - limit }
      objects = Array(objects[..<limit])
      continueText = objects.last.map { ContinueToken(version: version, after: $0.key).text }
    }
    return list(objects, version: version, continueText: continueText, remaining: remaining)
  }

  private func list(_ objects: [APIObject], version: Int, continueText: String?, remaining: Int?) -> JSONValue {
    var metadata: JSONValue = ["resourceVersion": .string("\(version)")]
    if let continueText { metadata["continue"] = .string(continueText) }
    if let remaining { metadata["remainingItemCount"] = .int(remaining) }
    let objects = objects.map { $0.version(query.apiVersion) }
    switch form {
    case .table: return Table(type: type).json(objects, metadata: metadata)
    case .metadata:
      return [
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "items": .array(objects.map(Self.metadata)),
      ]
    case .whole where type.isCustom:
      metadata["continue"] = metadata["continue"] ?? ""
      return [
        "apiVersion": .string(query.apiVersion), "items": .array(objects.map(\.json)),
        "kind": .string(type.kind + "List"), "metadata": metadata.sortedByKey,
      ]
    case .whole:
      let items = objects.map { object in
        var item = object.json
        item["kind"] = nil
        item["apiVersion"] = nil
        return item
      }
      return [
        "kind": .string(type.kind + "List"), "apiVersion": .string(query.apiVersion), "metadata": metadata,
        "items": .array(items),
      ]
    }
  }

  /// A resource version in a request; `nil` where there is none.
  static func version(_ text: String?) throws(APIFailure) -> Int? {
    guard let text, !text.isEmpty else { return nil }
    guard let version = UInt64(text).flatMap({ Int(exactly: $0) }) else {
      throw .badRequest(
        "invalid resource version: resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: "
          + "parsing \"\(text)\": invalid syntax")
    }
    return version
  }

  static func number(_ text: String?, of name: String) throws(APIFailure) -> Int? {
    guard let text, !text.isEmpty else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw .badRequest("\(name): Invalid value: \"\(text)\": must be a number of at least 0")
    }
    return number
  }

  private static func expired(continuingAfter key: APIObject.Key) -> APIFailure {
    APIFailure(
      410, "Expired",
      "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
        + "created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
      continueToken: ContinueToken(version: -1, after: key).text)
  }
}
