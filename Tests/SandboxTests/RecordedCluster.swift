internal import Glibc
internal import JSON
internal import Transport

@testable import Sandbox

/// The recordings of a real kube-apiserver, where the environment says where they are.
enum Recordings {
  static let folder: String? = getenv("MESHDECK_RECORDINGS").map { String(cString: $0) + "/kube" }

  static func text(_ name: String) -> String? {
    guard let folder, let file = fopen("\(folder)/\(name)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The request that was recorded, its answer's status, and its body.
  static func exchange(_ name: String) throws -> (
    request: HTTPServer.Request, status: Int, warning: String?, body: String
  )? {
    guard let head = text(name + ".head"), let body = text(name + ".json") ?? text(name + ".txt") else { return nil }
    var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
    let first = lines.removeFirst().split(separator: " ")
    var headers = HTTPHeaders()
    while let line = lines.first, line.hasPrefix("> "), let colon = line.firstIndex(of: ":") {
      headers.add(String(line[..<colon].dropFirst(2)), String(line[line.index(colon, offsetBy: 2)...]))
      lines.removeFirst()
    }
    var sent = ""
    if lines.first == ">" {
      lines.removeFirst()
      sent = lines.prefix { $0.hasPrefix("> ") }.map { $0.dropFirst(2) }.joined(separator: "\n")
    }
    let status = head.split(separator: "\n").first { $0.hasPrefix("< HTTP ") }?.split(separator: " ")[2]
    let warning = head.split(separator: "\n").first { $0.hasPrefix("< Warning: ") }?.dropFirst("< Warning: ".count)
    let request = HTTPServer.Request(
      method: String(first[1]), target: String(first[2]), headers: headers, body: Array(sent.utf8))
    return (request, status.flatMap { Int($0) } ?? 0, warning.map(String.init), body)
  }
}

/// The sandbox's API with objects of its own making in it, like those in the recordings.
struct TestCluster {
  let store: ObjectStore
  let handler: APIHandler

  init(historyLimit: Int = 1000, as user: APIUser = .admin, logs: any LogSource = NoLogs()) throws {
    store = ObjectStore(historyLimit: historyLimit, firstVersion: 2000)
    var settings = APIServer.Settings(
      authenticator: Authenticator(
        tokens: ["good": user], trustsForwardedCertificates: true, withoutCredentials: user), logs: logs)
    settings.freshnessWait = .milliseconds(1)
    settings.watchTimes.bookmarkInterval = .milliseconds(20)
    handler = APIHandler(store: store, settings: settings)
    for name in ["bookinfo", "istio-system"] {
      try put(.namespaces, ["metadata": ["name": .string(name)], "status": ["phase": "Active"]])
    }
    try put(
      .virtualServices,
      [
        "metadata": ["name": "reviews", "namespace": "bookinfo"],
        "spec": [
          "hosts": ["reviews"],
          "http": [
            [
              "name": "primary", "timeout": "10s",
              "route": [
                ["destination": ["host": "reviews", "subset": "v1"], "weight": 80],
                ["destination": ["host": "reviews", "subset": "v2"], "weight": 15],
                ["destination": ["host": "reviews", "subset": "v3"], "weight": 5],
              ],
            ]
          ],
        ],
      ], manager: "console")
  }

  func put(_ type: ResourceType, _ object: JSONValue, manager: String = "sandbox") throws {
    let author = ManagedFields.Author(manager: manager, apiVersion: type.apiVersion, time: .now)
    _ = try ObjectWriter(store: store, type: type, author: author).create(APIObject(object), isTrusted: true)
  }

  func send(
    _ method: String, _ target: String, _ body: String = "", as contentType: String = "application/json",
    headers: HTTPHeaders = [:]
  ) async throws -> (status: Int, headers: HTTPHeaders, body: JSONValue) {
    var headers = headers
    headers["Content-Type"] = contentType
    return try await send(.init(method: method, target: target, headers: headers, body: Array(body.utf8)))
  }

  func send(_ request: HTTPServer.Request) async throws -> (status: Int, headers: HTTPHeaders, body: JSONValue) {
    let response = await handler.answer(request)
    guard case .whole(let bytes) = response.body else { return (response.status, response.headers, .null) }
    let isJSON = response.headers["Content-Type"]?.hasPrefix("application/json") == true
    let body = isJSON ? try JSONValue(parsing: bytes) : .string(String(decoding: bytes, as: UTF8.self))
    return (response.status, response.headers, body)
  }

  /// The documents of a watch, to its end.
  func watch(_ target: String, headers: HTTPHeaders = [:]) async throws -> [JSONValue] {
    let response = await handler.answer(.init(method: "GET", target: target, headers: headers))
    guard case .stream(let produce) = response.body else { return [] }
    let (chunks, sink) = AsyncStream<[UInt8]>.makeStream()
    try await produce { sink.yield($0) }
    sink.finish()
    var bytes: [UInt8] = []
    for await chunk in chunks { bytes += chunk }
    return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
  }
}

let reviews = "/apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices/reviews"
