internal import JSON

/// What the API says about itself: its groups, versions and types.
enum Discovery {
  /// Stored types, and the questions that can be asked.
  static let types = ResourceType.all + AccessReviews.types

  private static var groups: [(name: String, versions: [String])] {
    var groups: [(name: String, versions: [String])] = []
    for type in types where !type.group.isEmpty && !groups.contains(where: { $0.name == type.group }) {
      groups.append((type.group, type.versions))
    }
    return groups
  }

  private static func verbs(_ type: ResourceType) -> JSONValue {
    if AccessReviews.types.contains(type) { return ["create"] }
    return ["create", "delete", "get", "list", "patch", "update", "watch"]
  }

  private static func strings(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }

  /// `/api`
  static func coreVersions(host: String) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(host)]],
    ]
  }

  /// `/apis`
  static var groupList: JSONValue {
    ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map { group($0.name, $0.versions) })]
  }

  /// `/apis/G`; `nil` where there is no such group.
  static func group(_ name: String) -> JSONValue? {
    guard let found = groups.first(where: { $0.name == name }) else { return nil }
    var json: JSONValue = ["kind": "APIGroup", "apiVersion": "v1"]
    for (key, value) in group(found.name, found.versions).object ?? [:] { json[key] = value }
    return json
  }

  private static func group(_ name: String, _ versions: [String]) -> JSONValue {
    let list = versions.map { version -> JSONValue in
      ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    }
    return ["name": .string(name), "versions": .array(list), "preferredVersion": list[0]]
  }

  /// `/api/v1`, `/apis/G/V`; `nil` where there is no such version.
  static func resources(group: String, version: String) -> JSONValue? {
    let found = types.filter { $0.group == group && $0.versions.contains(version) }
    guard let first = found.first else { return nil }
    var list: [JSONValue] = []
    for type in found {
      var resource: JSONValue = [
        "name": .string(type.plural), "singularName": .string(type.singular), "namespaced": .bool(type.isNamespaced),
        "kind": .string(type.kind), "verbs": verbs(type),
      ]
      if !type.shortNames.isEmpty { resource["shortNames"] = strings(type.shortNames) }
      if !type.categories.isEmpty { resource["categories"] = strings(type.categories) }
      list.append(resource)
      for subresource in type.subresources {
        list.append([
          "name": .string("\(type.plural)/\(subresource)"), "singularName": "", "namespaced": .bool(type.isNamespaced),
          "kind": .string(type.kind), "verbs": subresource == "log" ? ["get"] : ["get", "patch", "update"],
        ])
      }
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(first.apiVersion(of: version)),
      "resources": .array(list),
    ]
  }

  static let aggregatedMediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

  /// `/api` and `/apis` for clients that ask for everything at once.
  static func aggregated(core: Bool) -> JSONValue {
    let shown = core ? [("", ["v1"])] : groups.map { ($0.name, $0.versions) }
    let items = shown.map { name, versions -> JSONValue in
      let list = versions.map { version -> JSONValue in
        let resources = types.filter { $0.group == name && $0.versions.contains(version) }
        return [
          "version": .string(version), "resources": .array(resources.map { aggregated($0, version) }),
          "freshness": "Current",
        ]
      }
      return ["metadata": name.isEmpty ? [:] : ["name": .string(name)], "versions": .array(list)]
    }
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:], "items": .array(items),
    ]
  }

  private static func aggregated(_ type: ResourceType, _ version: String) -> JSONValue {
    let kind: JSONValue = ["group": .string(type.group), "version": .string(version), "kind": .string(type.kind)]
    var resource: JSONValue = [
      "resource": .string(type.plural), "responseKind": kind, "scope": type.isNamespaced ? "Namespaced" : "Cluster",
      "singularResource": .string(type.singular), "verbs": verbs(type),
    ]
    if !type.shortNames.isEmpty { resource["shortNames"] = strings(type.shortNames) }
    if !type.categories.isEmpty { resource["categories"] = strings(type.categories) }
    if !type.subresources.isEmpty {
      resource["subresources"] = .array(
        type.subresources.map { name in
          [
            "subresource": .string(name), "responseKind": kind,
            "verbs": name == "log" ? ["get"] : ["get", "patch", "update"],
          ]
        })
    }
    return resource
  }

  /// `/version`
  static let version: JSONValue = [
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2+meshdeck", "gitCommit": "sandbox", "gitTreeState": "clean",
    "buildDate": "2026-08-21T11:29:11Z", "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
  ]
}
