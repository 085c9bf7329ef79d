internal import JSON
public import Transport

/// Why a store gave no usable answer. Descriptions are sentences for a person, without a full stop: what happened, and
/// what to try. Words of the store are cut to one printable line.
public enum PrometheusError: Error, Equatable, Sendable {
  /// No answer, or no whole one; larger than is read is `tooLarge`.
  case transport(TransportError)
  /// 400: it does not understand the query.
  case badQuery(reason: String)
  /// 422: it understands the query and cannot compute it: too many samples, for one.
  case notComputable(reason: String)
  /// 503 or 504, or the error `timeout`: it gave up.
  case gaveUp(reason: String)
  /// 401.
  case unauthenticated
  /// 403.
  case forbidden(reason: String)
  /// 429.
  case throttled
  /// 404: nothing there has the query API.
  case notFound(path: String)
  /// Any other status that is no success.
  case refused(status: Int, reason: String)
  /// Something answers, but not the query API: HTML of a login page, a redirection, nothing.
  case notPrometheus(reason: String)
}

extension PrometheusError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(.tooLarge(let limit)):
      "its answer is larger than \(limit >> 20) MB; look at one namespace instead of all"
    case .transport(let error): error.description
    case .badQuery(let reason): "it does not understand the query (400): \(reason)"
    case .notComputable(let reason): "it cannot compute the query (422): \(reason)"
    case .gaveUp(let reason): "it gave up: \(reason); try a shorter window or one namespace"
    case .unauthenticated: "it wants a login (401); put user:password@ before the host, or reach it past the login"
    case .forbidden(let reason): "it does not let you in (403): \(reason)"
    case .throttled: "it asks for fewer queries (429)"
    case .notFound(let path): "there is no \(path) (404); does the URL lack a path, as /prometheus?"
    case .refused(let status, let reason): "it refuses with status \(status): \(reason)"
    case .notPrometheus(let reason): "what answers there is no Prometheus: \(reason); check the URL"
    }
  }
}

extension PrometheusError {
  /// The error that an answer with this status stands for, in the API's own form or in another.
  init(status: Int, path: String, body: [UInt8]) {
    let json = try? JSON(parsing: body)
    // A Kubernetes Status has its words elsewhere.
    let words = json?["error"]?.string ?? json?["message"]?.string
    let reason = Self.sentence(words.map { Array($0.utf8) } ?? (Self.isHTML(body) ? Array("HTML".utf8) : body))
    switch (status, json?["errorType"]?.string) {
    case (_, "timeout"), (_, "canceled"), (503, _), (504, _): self = .gaveUp(reason: reason)
    case (400, _), (200, "bad_data"): self = .badQuery(reason: reason)
    case (422, _), (200, "execution"): self = .notComputable(reason: reason)
    case (401, _): self = .unauthenticated
    case (403, _): self = .forbidden(reason: reason)
    case (404, _): self = .notFound(path: path)
    case (429, _): self = .throttled
    case (300..<400, _): self = .notPrometheus(reason: "it redirects elsewhere (\(status)), as to a login page")
    default: self = .refused(status: status, reason: reason)
    }
  }

  static func isHTML(_ body: [UInt8]) -> Bool { body.first { $0 > 0x20 } == UInt8(ascii: "<") }

  /// The first line of a text, without what is not printable ASCII, at most 200 characters.
  static func sentence(_ text: some Sequence<UInt8>) -> String {
    let line = text.prefix(4096).drop { $0 <= 0x20 }.prefix { $0 != 0x0A && $0 != 0x0D }
    let words = String(decoding: line.filter { (0x20..<0x7F).contains($0) }.prefix(200), as: UTF8.self)
    return words.isEmpty ? "no reason given" : words
  }
}
