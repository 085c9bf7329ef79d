internal import JSON

/// How a list in an object is owned and merged (`x-kubernetes-list-type` and the strategic merge keys of the types in
/// k8s.io/api). In custom resources every list below `spec` is one value.
enum ListShape: Equatable {
  case atomic
  /// Elements are told apart by these members; a strategic merge looks at the first alone.
  case keyed([String])
  case set

  static func of(_ field: String, in type: ResourceType) -> ListShape {
    switch field {
    case "ownerReferences": return .keyed(["uid"])
    case "finalizers": return .set
    default: break
    }
    guard !type.isCustom else { return .atomic }
    switch (field, type) {
    case ("ports", .services): return .keyed(["port", "protocol"])
    case ("ports", .pods), ("ports", .deployments), ("ports", .replicaSets):
      return .keyed(["containerPort", "protocol"])
    case ("containers", _), ("initContainers", _), ("ephemeralContainers", _), ("env", _), ("volumes", _),
      ("imagePullSecrets", _), ("secrets", _):
      return .keyed(["name"])
    case ("volumeMounts", _): return .keyed(["mountPath"])
    case ("conditions", _): return .keyed(["type"])
    case ("podIPs", _), ("hostAliases", _): return .keyed(["ip"])
    default: return .atomic
    }
  }

  /// Maps that are owned as one value.
  static func isAtomicMap(_ field: String, in type: ResourceType) -> Bool {
    !type.isCustom && ["selector", "nodeSelector", "fieldRef", "resourceFieldRef", "involvedObject"].contains(field)
  }

  /// The step that leads to an element: `k:{"name":"http"}`, `v:"x"`.
  func step(to element: JSONValue) -> String? {
    switch self {
    case .atomic: return nil
    case .set: return "v:" + element.text()
    case .keyed(let keys):
      guard element.object != nil else { return nil }
      let members = keys.compactMap { key in
        element[key].map { (key, $0) } ?? (key == "protocol" ? (key, "TCP") : Optional.none)
      }
      return members.isEmpty ? nil : "k:" + JSONValue.object(JSONObject(members)).text()
    }
  }
}
