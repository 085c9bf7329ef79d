/// What a request is about, as authorization and routing see it.
enum APITarget: Equatable {
  /// A path that names no resource: `/version`, `/apis`.
  case path(String)
  case resource(ResourceTarget)

  /// Reads a request's method and path. Whether such a resource exists is not asked here: who may not see it gets a
  /// 403 and does not learn it.
  init(_ request: HTTPServer.Request) {
    let path = request.path
    let plain = "/" + path.joined(separator: "/")
    var rest: ArraySlice<String>
    var target = ResourceTarget(group: "", version: "", plural: "")
    switch path.first {
    case "api" where path.count > 2:
      target.version = path[1]
      rest = path[2...]
    case "apis" where path.count > 3:
      (target.group, target.version) = (path[1], path[2])
      rest = path[3...]
    default:
      self = .path(plain)
      return
    }
    if rest.first == "namespaces", rest.count > 1 {
      let isNamespaceItself = rest.count == 2 || (rest.count == 3 && ["status", "finalize"].contains(rest.last))
      target.namespace = rest[rest.startIndex + 1]
      if !isNamespaceItself { rest = rest.dropFirst(2) }
    }
    let parts = Array(rest)
    target.plural = parts[0]
    target.name = parts.count > 1 ? parts[1] : nil
    target.subresource = parts.count > 2 ? parts[2] : nil
    guard parts.count <= 3 else {
      self = .path(plain)
      return
    }
    target.verb =
      switch request.method {
      case "GET", "HEAD": request.query.has("watch") ? .watch : target.name == nil ? .list : .get
      case "POST": .create
      case "PUT": .update
      case "PATCH": .patch
      case "DELETE": target.name == nil ? .deletecollection : .delete
      default: nil
      }
    self = .resource(target)
  }
}

struct ResourceTarget: Equatable {
  enum Verb: String { case get, list, watch, create, update, patch, delete, deletecollection }

  var group: String
  var version: String
  var plural: String
  /// `nil` across all namespaces, or for what has none.
  var namespace: String?
  var name: String?
  var subresource: String?
  /// `nil` for a method that is none of the API's.
  var verb: Verb?
}
