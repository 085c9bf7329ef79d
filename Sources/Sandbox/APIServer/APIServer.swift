internal import JSON
internal import Transport

/// A stand-in for a Kubernetes API server: the kinds that a mesh console needs, in memory, with the behaviour and the
/// words of a real kube-apiserver.
///
/// It speaks plain HTTP; an Envoy in front of it terminates TLS and passes on client certificates. That front is the
/// only one that may reach it where it trusts those: give it a Unix socket.
final class APIServer: Sendable {
  struct Settings: Sendable {
    var authenticator: Authenticator
    var logs: any LogSource = NoLogs()
    var watchTimes = Watch.Times()
    /// How long a read of a version that is not there yet waits for it.
    var freshnessWait: Duration = .seconds(3)
  }

  let objects: ObjectStore
  let address: HTTPServer.Address
  private let server: HTTPServer

  private init(objects: ObjectStore, server: HTTPServer) {
    self.objects = objects
    self.server = server
    address = server.address
  }

  static func start(
    on address: HTTPServer.Address, objects: ObjectStore, settings: Settings
  ) async throws(HTTPServerError) -> APIServer {
    var limits = HTTPServer.Limits()
    limits.bodyBytes = 3 << 20  // etcd's limit, which real servers have
    let handler = APIHandler(store: objects, settings: settings)
    let server = try await HTTPServer.start(on: address, limits: limits) { await handler.answer($0) }
    return APIServer(objects: objects, server: server)
  }

  func stop() async { await server.stop() }
}

/// Answers one request after the other: who asks, may he, and what he gets.
struct APIHandler: Sendable {
  let store: ObjectStore
  let settings: APIServer.Settings
  private let authorizer = Authorizer()

  init(store: ObjectStore, settings: APIServer.Settings) { (self.store, self.settings) = (store, settings) }

  func answer(_ request: HTTPServer.Request) async -> HTTPServer.Response {
    var response: HTTPServer.Response
    do {
      let user = try settings.authenticator.user(of: request)
      let target = APITarget(request)
      try authorizer.check(user, target, method: request.method)
      response =
        switch target {
        case .path(let path): try answer(path: path, request)
        case .resource(let target): try await answer(target, request, user)
        }
    } catch {
      response = .json(error.status, status: error.code)
    }
    response.headers["Cache-Control"] = response.headers["Cache-Control"] ?? "no-cache, private"
    return response
  }

  private static let nowhere = HTTPServer.Response.text("404 page not found\n", status: 404)

  // MARK: Paths

  private func answer(path: String, _ request: HTTPServer.Request) throws(APIFailure) -> HTTPServer.Response {
    guard request.method == "GET" || request.method == "HEAD" else { throw .methodNotAllowed }
    let wantsAll =
      request.headers["Accept"]?.contains("as=APIGroupDiscoveryList") == true
      && request.headers["Accept"]?.contains("v=v2") == true
    if wantsAll, path == "/api" || path == "/apis" {
      var response = HTTPServer.Response.json(Discovery.aggregated(core: path == "/api"))
      response.headers = ["Content-Type": Discovery.aggregatedMediaType, "Vary": "Accept"]
      return response
    }
    let parts = path.split(separator: "/").map(String.init)
    let found: JSONValue? =
      switch (parts.first, parts.count) {
      case ("version", 1): Discovery.version
      case ("api", 1): Discovery.coreVersions(host: request.headers["Host"] ?? "")
      case ("api", 2): Discovery.resources(group: "", version: parts[1])
      case ("apis", 1): Discovery.groupList
      case ("apis", 2): Discovery.group(parts[1])
      case ("apis", 3): Discovery.resources(group: parts[1], version: parts[2])
      case ("openapi", 2) where parts[1] == "v3": OpenAPI.index
      case ("openapi", 4) where parts[2] == "api": OpenAPI.document(group: "", version: parts[3])
      case ("openapi", 5) where parts[2] == "apis": OpenAPI.document(group: parts[3], version: parts[4])
      default: nil
      }
    if let found { return .json(found, indent: path == "/version" ? 2 : nil) }
    return ["/healthz", "/livez", "/readyz"].contains(path) ? .text("ok") : Self.nowhere
  }

  // MARK: Resources

  private func answer(
    _ target: ResourceTarget, _ request: HTTPServer.Request, _ user: APIUser
  ) async throws(APIFailure) -> HTTPServer.Response {
    let reviews = AccessReviews(authorizer: authorizer, user: user)
    let type = ResourceType.named(group: target.group, version: target.version, plural: target.plural)
    guard let type, target.subresource.map(type.subresources.contains) ?? true else {
      guard AccessReviews.types.contains(where: { $0.group == target.group && $0.plural == target.plural }) else {
        return Self.nowhere
      }
      let body = try WriteRequest.body(of: request, expecting: "Review")
      let answer = try reviews.answer(target, body, by: WriteRequest.manager(of: request))
      return answer.map { .json($0, status: 201) } ?? Self.nowhere
    }
    guard let verb = target.verb else { throw .methodNotAllowed }
    if target.subresource == "log" { return try await log(target, request) }
    let form = try AnswerForm(accept: request.headers["Accept"])
    let query = try ListQuery(type, target, request.query)
    switch verb {
    case .get, .list, .watch: return try await read(verb, query, form, request)
    case .create, .update, .patch:
      let outcome = try WriteRequest(store: store, type: type, target: target, request: request).outcome(of: verb)
      let reader = ObjectReader(store: store, query: query, form: form)
      var response = HTTPServer.Response.json(reader.object(outcome.object), status: outcome.isNew ? 201 : 200)
      for warning in outcome.warnings { response.headers.add("Warning", "299 - \(JSONValue.string(warning).text())") }
      return response
    case .delete:
      return .json(try WriteRequest(store: store, type: type, target: target, request: request).deletion())
    case .deletecollection: throw .methodNotAllowed
    }
  }

  private func read(
    _ verb: ResourceTarget.Verb, _ query: ListQuery, _ form: AnswerForm, _ request: HTTPServer.Request
  ) async throws(APIFailure) -> HTTPServer.Response {
    let reader = ObjectReader(store: store, query: query, form: form)
    if verb != .get, let version = try ObjectReader.version(request.query["resourceVersion"]) {
      try await waitUntilThere(version)
    }
    switch verb {
    case .watch:
      let watch = try Watch(store, query, form, request.query, times: settings.watchTimes)
      return HTTPServer.Response(
        headers: ["Content-Type": "application/json"], body: .stream { try await watch.run($0) })
    case .list: return .json(try reader.list(request.query))
    default:
      let target = APITarget(request)
      guard case .resource(let target) = target, let name = target.name else { return Self.nowhere }
      let key = APIObject.Key(name, in: query.type.isNamespaced ? target.namespace ?? "" : "")
      guard let object = store.object(query.type, key) else { throw .notFound(name, query.type) }
      return .json(reader.object(object))
    }
  }

  private func waitUntilThere(_ version: Int) async throws(APIFailure) {
    guard version > store.version else { return }
    let deadline = ContinuousClock.now + settings.freshnessWait
    while version > store.version {
      guard ContinuousClock.now < deadline, !Task.isCancelled else {
        throw APIFailure(
          504, "Timeout", "Timeout: Too large resource version: \(version), current: \(store.version)",
          details: [
            "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
            "retryAfterSeconds": 1,
          ])
      }
      try? await Task.sleep(for: .milliseconds(20))  // cancelled: the loop's guard ends it
    }
  }

  private func log(_ target: ResourceTarget, _ request: HTTPServer.Request) async throws(APIFailure)
    -> HTTPServer.Response
  {
    guard target.verb == .get || target.verb == .watch else { throw .methodNotAllowed }
    let key = APIObject.Key(target.name ?? "", in: target.namespace ?? "")
    guard let pod = store.object(.pods, key) else { throw .notFound(key.name, .pods) }
    let log = try await PodLog(of: pod, request.query, from: settings.logs)
    return HTTPServer.Response(
      headers: ["Content-Type": "text/plain"],
      body: .stream { write in try await log.run(isThere: { store.object(.pods, key)?.uid == pod.uid }, write) })
  }
}
