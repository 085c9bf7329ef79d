import Glibc
import JSON
import Transport

@testable import KubernetesAPI

let server = ClusterAccess(
  context: "test", endpoint: Endpoint(scheme: .https, host: "api.test"), namespace: "bookinfo",
  credential: .token("secret"))

/// A client that never really waits.
func client(over http: any HTTPClient, _ access: ClusterAccess = server, gate: WriteGate = .open) -> KubernetesClient {
  KubernetesClient(access, over: http, gate: gate, credentials: CredentialSource(access.credential)) {
    _ throws(CancellationError) in
    if Task.isCancelled { throw CancellationError() }
    await Task.yield()
  }
}

func pod(_ name: String, version: Int, value: Int? = nil) -> Pod {
  let text =
    #"{"metadata":{"name":"\#(name)","namespace":"n","resourceVersion":"\#(version)"},"spec":{"value":\#(value ?? version)}}"#
  guard let json = try? JSON(parsing: text), let object = KubernetesObject(json) else {
    preconditionFailure("the fixture is an object")
  }
  return Pod(object)
}

func podText(_ name: String, version: Int) -> String { pod(name, version: version).json.text() }

func podList(_ pods: [(String, Int)], version: Int, next: String = "") -> String {
  let items = pods.map { podText($0.0, version: $0.1) }.joined(separator: ",")
  return #"{"kind":"PodList","metadata":{"resourceVersion":"\#(version)","continue":"\#(next)"},"items":[\#(items)]}"#
}

func status(_ code: Int, _ reason: String, _ message: String = "said so", more: String = "") -> String {
  #"{"kind":"Status","status":"Failure","message":"\#(message)","reason":"\#(reason)","code":\#(code)\#(more)}"#
}

/// Answers of real servers; `nil` where they are not at hand.
let recordings = getenv("MESHDECK_RECORDINGS").map { String(cString: $0) }

func recording(_ name: String) throws -> [UInt8]? {
  guard let recordings else {
    print("not run: the case over \(name), since MESHDECK_RECORDINGS is not set")
    return nil
  }
  return try readFile("\(recordings)/\(name)", upTo: 64 << 20)
}

/// A recorded answer: its status, fields and body.
struct RecordedAnswer {
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  init?(_ name: String) throws {
    guard let body = try recording(name), let dot = name.lastIndex(of: "."),
      let head = try recording(name[..<dot] + ".head")
    else { return nil }
    self.body = body
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("< ") }
    status = lines.first.flatMap { Int($0.split(separator: " ")[2]) } ?? 0
    var headers = HTTPHeaders()
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers.add(String(line[..<colon].dropFirst(2)), String(line[line.index(colon, offsetBy: 2)...]))
    }
    self.headers = headers
  }
}
