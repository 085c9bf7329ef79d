import JSON
import Testing
import Transport

/// One thing that servers do, as a question and what every answer to it has. The same questions are put to the
/// recordings of real servers and to the sandbox.
struct Contract: Sendable, CustomTestStringConvertible {
  /// Whom is asked, and as whom.
  enum Server: Sendable {
    case kubernetes(as: User)
    case istiod
    case proxy

    enum User: Sendable { case admin, viewer, nobody, anonymous, unknownToken }
  }

  /// The recording's name, with its folder: `kube/anonymous_403`.
  let name: String
  let server: Server
  var method = HTTPRequest.Method.get
  let target: String
  var headers: HTTPHeaders = [:]
  var body: String?
  /// What the sandbox plays when it is asked.
  var scenario = "calm"
  /// What is wrong with an answer; empty when nothing is.
  let complaints: @Sendable (Answer) -> [String]

  var testDescription: String { name }
}

struct Answer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  /// Null where the body is no JSON.
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

  init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }
}

/// Gathers what does not hold.
struct Check {
  private(set) var complaints: [String] = []

  mutating func holds(_ condition: Bool, _ what: String) { if !condition { complaints.append(what) } }

  static func of(_ answer: Answer, status: Int, _ more: (inout Check) -> Void = { _ in }) -> [String] {
    var check = Check()
    check.holds(answer.status == status, "status \(answer.status) in place of \(status)")
    more(&check)
    return check.complaints.isEmpty ? [] : check.complaints + [String(answer.text.prefix(300))]
  }
}
