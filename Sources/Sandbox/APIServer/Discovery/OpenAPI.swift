internal import JSON

/// As much of `/openapi/v3` as kubectl asks for: that writes take `dryRun` and `fieldValidation`, so that it leaves
/// validation to the server.
enum OpenAPI {
  /// `/openapi/v3`: where each version's document is.
  static var index: JSONValue {
    var paths = JSONObject()
    for type in Discovery.types {
      for version in type.versions {
        let path = type.group.isEmpty ? "api/\(version)" : "apis/\(type.group)/\(version)"
        paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=1")]
      }
    }
    return ["paths": .object(paths)]
  }

  /// `/openapi/v3/apis/G/V`; `nil` where there is no such version.
  static func document(group: String, version: String) -> JSONValue? {
    let types = Discovery.types.filter { $0.group == group && $0.versions.contains(version) }
    guard !types.isEmpty else { return nil }
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    var paths = JSONObject()
    var schemas = JSONObject()
    for type in types {
      let kind: JSONValue = ["group": .string(group), "version": .string(version), "kind": .string(type.kind)]
      let prefix = root + (type.isNamespaced ? "/namespaces/{namespace}/" : "/") + type.plural
      paths[prefix] = ["post": operation("post", kind)]
      paths[prefix + "/{name}"] = ["put": operation("put", kind), "patch": operation("patch", kind)]
      schemas[schemaName(type, version)] = [
        "type": "object", "x-kubernetes-group-version-kind": [kind], "x-kubernetes-preserve-unknown-fields": true,
      ]
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": .object(paths),
      "components": ["schemas": .object(schemas)],
    ]
  }

  private static func schemaName(_ type: ResourceType, _ version: String) -> String {
    let group = type.group.split(separator: ".").reversed().joined(separator: ".")
    return group.isEmpty ? "io.k8s.api.core.\(version).\(type.kind)" : "\(group).\(version).\(type.kind)"
  }

  private static func operation(_ action: String, _ kind: JSONValue) -> JSONValue {
    let parameters = ["dryRun", "fieldManager", "fieldValidation"].map { name -> JSONValue in
      ["name": .string(name), "in": "query", "schema": ["type": "string", "uniqueItems": true]]
    }
    return [
      "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": kind,
      "parameters": .array(parameters), "responses": ["200": ["description": "OK"]],
    ]
  }
}
