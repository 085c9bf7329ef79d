import JSON
import KubernetesAPI
import Synchronization
import Transport

/// An HTTP client that answers from a script and keeps what it was asked.
final class ScriptedClient: HTTPClient {
  enum Answer: Sendable {
    case status(Int, String, HTTPHeaders = [:])
    case failure(TransportError)
    /// A stream that stays open and says nothing until its reader lets go.
    case open
  }

  let answer: @Sendable (HTTPRequest) -> Answer
  private let sent = Mutex<[HTTPRequest]>([])

  init(_ answer: @escaping @Sendable (HTTPRequest) -> Answer) { self.answer = answer }

  var requests: [HTTPRequest] { sent.withLock { $0 } }
  var writes: [HTTPRequest] { requests.filter { $0.method != .get } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    sent.withLock { $0.append(request) }
    switch answer(request) {
    case .failure(let error): throw error
    case .open:
      let silence = AsyncStream<[UInt8]> { _ in }
      return HTTPResponse(
        status: 200, headers: [:],
        body: HTTPBody { () async throws(TransportError) -> [UInt8]? in
          for await chunk in silence { return chunk }
          throw .cancelled
        })
    case .status(let status, let body, let headers):
      let rest = Mutex<[UInt8]?>(Array(body.utf8))
      return HTTPResponse(
        status: status, headers: headers,
        body: HTTPBody { () async throws(TransportError) -> [UInt8]? in
          rest.withLock { rest in
            defer { rest = nil }
            return rest
          }
        })
    }
  }
}

/// A VirtualService in memory that takes JSON patches as an API server does.
final class PatchedService: Sendable {
  struct State {
    var object: JSONValue
    var version: Int
  }
  let state: Mutex<State>

  init(_ weights: [(String, Int?)], version: Int = 1043) {
    let routes: [JSONValue] = weights.map { subset, weight in
      var route: JSONValue = ["destination": ["host": "reviews", "subset": .string(subset)]]
      if let weight { route["weight"] = .int(weight) }
      return route
    }
    let object: JSONValue = [
      "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
      "metadata": ["name": "reviews", "namespace": "bookinfo", "resourceVersion": .string(String(version))],
      "spec": ["hosts": ["reviews"], "http": [["name": "primary", "route": .array(routes)]]],
    ]
    state = Mutex(State(object: object, version: version))
  }

  /// Somebody else's edit.
  func edit(_ change: (inout JSONValue) -> Void) {
    state.withLock { state in
      change(&state.object)
      state.bump()
    }
  }

  func setWeights(_ weights: [Int]) {
    edit { object in
      for (place, weight) in weights.enumerated() {
        let patch = JSONPatch([
          .add(JSONPointer(["spec", "http", "0", "route", String(place), "weight"]), .int(weight))
        ])
        object = (try? patch.applied(to: object)) ?? object
      }
    }
  }

  var weights: [Int?] {
    state.withLock { $0.object[JSONPointer(["spec", "http", "0", "route"])]?.array?.map { $0["weight"]?.int } ?? [] }
  }

  func get() -> ScriptedClient.Answer { .status(200, state.withLock { $0.object.text() }) }

  func patch(_ request: HTTPRequest) -> ScriptedClient.Answer {
    let invalid =
      #"{"kind":"Status","message":"the server rejected our request due to an error in our request","reason":"Invalid","details":{},"code":422}"#
    return state.withLock { state in
      guard let body = request.body, let json = try? JSONValue(parsing: body),
        let patch = try? JSONPatch(reading: json),
        let after = try? patch.applied(to: state.object)
      else { return .status(422, invalid) }
      if request.target.contains("dryRun=All") { return .status(200, after.text()) }
      state.object = after
      state.bump()
      return .status(200, state.object.text())
    }
  }
}

extension PatchedService.State {
  fileprivate mutating func bump() {
    version += 1
    let patch = JSONPatch([.add(JSONPointer(["metadata", "resourceVersion"]), .string(String(version)))])
    object = (try? patch.applied(to: object)) ?? object
  }
}
