import JSON
import Transport

extension KubernetesClient {
  /// One object.
  public func get<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String? = nil, name: String
  ) async throws(KubernetesError) -> Resource {
    let body = try await body(APIRequest(path: type.path(in: namespace, name: name)))
    return try object(parsed(body))
  }

  /// All objects of a kind, of one namespace or of all, page by page, by namespace and name.
  public func list<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String? = nil, labels: String? = nil
  ) async throws(KubernetesError) -> [Resource] {
    let query = ListQuery(type: type, namespace: namespace, labels: labels, keepsFieldOwners: true)
    var resources: [Resource] = []
    var next: String?
    repeat {
      let page: ListPage<Resource> = try await self.page(query, continuing: next, limit: ListQuery.pageSize)
      resources += page.resources
      next = page.next
    } while next != nil
    return resources.sorted { $0.object.key < $1.object.key }
  }

  /// The version of Kubernetes, as `v1.36.2`. Open to anyone, so it tells nothing about the credentials.
  public func serverVersion() async throws(KubernetesError) -> String {
    let version = try parsed(await body(APIRequest(path: "/version")))
    guard let text = version["gitVersion"]?.string else { throw .unreadable(reason: "/version names no version") }
    return plain(text)
  }

  /// The versions of an API group that the server serves, the one that it prefers first; empty where the group is not
  /// installed. One small request.
  public func servedVersions(of group: String) async throws(KubernetesError) -> [String] {
    let body: [UInt8]
    do throws(KubernetesError) {
      body = try await self.body(APIRequest(path: "/apis/\(percentEncoded(group))"))
    } catch {
      if case .notServed = error { return [] }
      throw error
    }
    let json = try parsed(body)
    let versions = json["versions"]?.elements.compactMap { $0["version"]?.string } ?? []
    guard let preferred = json["preferredVersion"]?["version"]?.string else { return versions }
    return [preferred] + versions.filter { $0 != preferred }
  }

  /// Any path of the API, such as a service's proxy (`/api/v1/namespaces/N/services/http:prometheus:9090/proxy/…`).
  public func read(_ path: String, query: [(String, String?)] = []) async throws(KubernetesError) -> [UInt8] {
    try await body(APIRequest(path: path, query: query))
  }

  func object<Resource: KubernetesResource>(_ json: JSON) throws(KubernetesError) -> Resource {
    guard let object = KubernetesObject(json) else { throw .unreadable(reason: "an object without a name") }
    return Resource(object)
  }
}

/// Which objects to list and to watch.
struct ListQuery: Sendable {
  static let pageSize = 500

  let type: ResourceType
  let namespace: String?
  let labels: String?
  let keepsFieldOwners: Bool
}

/// A part of a list.
struct ListPage<Resource: KubernetesResource>: Sendable {
  var resources: [Resource]
  var resourceVersion: String
  /// Where the list goes on; `nil` on its last page.
  var next: String?
}

extension KubernetesClient {
  func page<Resource: KubernetesResource>(
    _ query: ListQuery, continuing next: String?, limit: Int?
  ) async throws(KubernetesError) -> ListPage<Resource> {
    var items: [(String, String?)] = []
    if let limit { items.append(("limit", String(limit))) }
    if let next { items.append(("continue", next)) }
    if let labels = query.labels { items.append(("labelSelector", labels)) }
    let request = APIRequest(path: query.type.path(in: query.namespace), query: items, deadline: .seconds(60))
    let json = try parsed(await body(request))
    guard let metadata = json["metadata"], json["kind"]?.string?.hasSuffix("List") ?? false else {
      throw .unreadable(reason: "a list was expected")
    }
    var resources: [Resource] = []
    for item in json["items"].map({ Array($0.elements) }) ?? [] {
      guard let object = KubernetesObject(item, keepingFields: query.keepsFieldOwners, dropping: Resource.bulk) else {
        throw .unreadable(reason: "a list with an object without a name")
      }
      resources.append(Resource(object))
    }
    let token = metadata["continue"]?.string ?? ""
    return ListPage(
      resources: resources, resourceVersion: metadata["resourceVersion"]?.string ?? "",
      next: token.isEmpty ? nil : token)
  }
}
