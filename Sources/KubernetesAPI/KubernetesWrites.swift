public import JSON
import Transport

/// Whether a write counts.
public enum WriteMode: Equatable, Sendable {
  case forReal
  /// The server does everything but keep it, admission included. Its answer keeps the old resourceVersion.
  case dryRun
}

/// What a write left, and what the server warned of meanwhile.
public struct Written<Resource: Sendable>: Sendable {
  public let resource: Resource
  /// Sentences of the `Warning` headers (RFC 9111's 299), in order.
  public let warnings: [String]
}

extension KubernetesClient {
  /// Changes an object. A failed `test` is `.invalid`, as is an invalid outcome: read the object again to tell which.
  public func patch<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String?, name: String,
    subresource: String? = nil, with patch: JSONPatch, mode: WriteMode
  ) async throws(KubernetesError) -> Written<Resource> {
    try await write(
      .patch, type.path(in: namespace, name: name, subresource: subresource), "application/json-patch+json", patch.json,
      mode: mode)
  }

  /// Changes an object by RFC 7396: arrays are replaced whole. Put `metadata.resourceVersion` into the patch to have a
  /// change by somebody else refused as `.conflict`.
  public func merge<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String?, name: String,
    patch: JSONValue, mode: WriteMode
  ) async throws(KubernetesError) -> Written<Resource> {
    try await write(.patch, type.path(in: namespace, name: name), "application/merge-patch+json", patch, mode: mode)
  }

  /// Creates an object.
  public func create<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String?, _ object: JSONValue, mode: WriteMode
  ) async throws(KubernetesError) -> Written<Resource> {
    try await write(.post, type.path(in: namespace), "application/json", object, mode: mode)
  }

  /// Deletes an object; with an identity or a resourceVersion only as long as it is that one.
  public func delete(
    _ type: ResourceType, in namespace: String?, name: String, uid: String? = nil, resourceVersion: String? = nil,
    mode: WriteMode
  ) async throws(KubernetesError) -> Written<Void> {
    var options: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
    var preconditions = JSONObject()
    preconditions["uid"] = uid.map { .string($0) }
    preconditions["resourceVersion"] = resourceVersion.map { .string($0) }
    if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
    if mode == .dryRun { options["dryRun"] = ["All"] }
    let response = try await send(
      APIRequest(
        method: .delete, path: type.path(in: namespace, name: name), contentType: "application/json",
        body: options.bytes()))
    _ = try await collect(response, upTo: 16 << 20)
    return Written(resource: (), warnings: response.headers.values(of: "Warning").flatMap(warningTexts))
  }

  private func write<Resource: KubernetesResource>(
    _ method: HTTPRequest.Method, _ path: String, _ contentType: String, _ body: JSONValue, mode: WriteMode
  ) async throws(KubernetesError) -> Written<Resource> {
    var query: [(String, String?)] = [("fieldManager", Self.fieldManager), ("fieldValidation", "Strict")]
    if mode == .dryRun { query.append(("dryRun", "All")) }
    let response = try await send(
      APIRequest(method: method, path: path, query: query, contentType: contentType, body: body.bytes()))
    let resource: Resource = try object(parsed(await collect(response, upTo: 16 << 20)))
    return Written(resource: resource, warnings: response.headers.values(of: "Warning").flatMap(warningTexts))
  }
}

/// The texts of a `Warning` field: `299 - "one", 299 - "two" "a date"`.
func warningTexts(_ field: String) -> [String] {
  var texts: [String] = []
  var rest = field[...]
  while let open = rest.firstIndex(of: "\"") {
    rest = rest[open...]
    guard let text = takeQuoted(&rest) else { break }
    texts.append(plain(text))
    while rest.first == " " { rest.removeFirst() }
    if rest.first == "\"" { _ = takeQuoted(&rest) }
    rest = rest.drop { $0 != "," }
  }
  return texts
}

/// Takes a quoted string (RFC 9110, 5.6.4) off the front; to the end where it is not closed.
private func takeQuoted(_ rest: inout Substring) -> String? {
  guard rest.popFirst() == "\"" else { return nil }
  var text = ""
  while let character = rest.popFirst(), character != "\"" {
    text.append(character == "\\" ? rest.popFirst() ?? character : character)
  }
  return text
}
