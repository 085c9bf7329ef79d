import JSON
import Transport

/// The longest message that is passed on from a server.
private let longestMessage = 2000

extension KubernetesError {
  /// Reads an answer that is no success. `body` may be a `Status`, plain text, HTML or nothing.
  init(status: Int, headers: HTTPHeaders, body: [UInt8], path: String) {
    let retryAfter = headers["Retry-After"].flatMap { Int($0) }.flatMap {
      $0 >= 0 ? Duration.seconds(min($0, 3600)) : nil
    }
    guard let json = try? JSON(parsing: body), json["kind"]?.string == "Status" else {
      self.init(status: status, text: summary(of: body), path: path, retryAfter: retryAfter)
      return
    }
    self.init(Status(json, httpStatus: status), path: path, retryAfter: retryAfter)
  }

  /// Reads the object of an `ERROR` event of a watch.
  init(event object: JSON?, path: String) {
    guard let object else {
      self = .unreadable(reason: "an ERROR event without an object")
      return
    }
    self.init(Status(object, httpStatus: 500), path: path, retryAfter: nil)
  }

  private init(_ status: Status, path: String, retryAfter: Duration?) {
    let message = status.message
    let retryAfter = retryAfter ?? status.retryAfter
    switch status.code {
    case 400:
      let mark = "admission webhook \""
      if message.hasPrefix(mark), let end = message.dropFirst(mark.count).firstIndex(of: "\"") {
        let webhook = message[message.index(message.startIndex, offsetBy: mark.count)..<end]
        let rest = message[message.index(after: end)...]
        let lead = " denied the request: "
        self = .denied(
          webhook: String(webhook), message: String(rest.hasPrefix(lead) ? rest.dropFirst(lead.count) : rest))
      } else {
        self = .badRequest(message: message)
      }
    case 401: self = .unauthorized(message: message)
    case 403: self = .forbidden(message: message)
    case 404: self = status.isAboutAnObject ? .notFound(message: message) : .notServed(path: plain(path))
    case 409:
      self =
        status.reason == "AlreadyExists"
        ? .alreadyExists(message: message) : .conflict(message: message, causes: status.causes)
    case 410: self = .expired(message: message)
    case 422: self = .invalid(message: message, causes: status.causes)
    case 429: self = .tooManyRequests(retryAfter: retryAfter)
    case 504 where status.causes.contains { $0.reason == "ResourceVersionTooLarge" }:
      self = .resourceVersionTooLarge(retryAfter: retryAfter)
    case 500...: self = .serverFailed(status: status.code, message: message, retryAfter: retryAfter)
    default: self = .unsupported(status: status.code, message: message)
    }
  }

  private init(status: Int, text: String, path: String, retryAfter: Duration?) {
    switch status {
    case 401: self = .unauthorized(message: text)
    case 403 where !text.hasPrefix("<"): self = .forbidden(message: text.isEmpty ? "the server does not say why" : text)
    case 404 where text.isEmpty || text == "404 page not found": self = .notServed(path: plain(path))
    case 410: self = .expired(message: text)
    case 429: self = .tooManyRequests(retryAfter: retryAfter)
    case 500... where !text.hasPrefix("<"):
      self = .serverFailed(status: status, message: text.isEmpty ? "without a word" : text, retryAfter: retryAfter)
    default: self = .notKubernetes(status: status, summary: text.isEmpty ? "an empty answer" : text)
    }
  }
}

/// `meta/v1 Status`.
private struct Status {
  let code: Int
  let reason: String
  let message: String
  let causes: [KubernetesError.Cause]
  let retryAfter: Duration?
  let isAboutAnObject: Bool

  init(_ json: JSON, httpStatus: Int) {
    code = json["code"]?.int ?? httpStatus
    reason = plain(json["reason"]?.string ?? "")
    let text = plain(json["message"]?.string ?? "")
    message = text.isEmpty ? (reason.isEmpty ? "the server does not say why" : reason) : text
    let details = json["details"]
    causes = (details?["causes"]?.elements.map { $0 } ?? []).prefix(20).map { cause in
      KubernetesError.Cause(
        reason: plain(cause["reason"]?.string ?? ""), message: plain(cause["message"]?.string ?? ""),
        field: cause["field"]?.string.map { plain($0) })
    }
    retryAfter = details?["retryAfterSeconds"]?.int.flatMap { $0 > 0 ? .seconds(min($0, 3600)) : nil }
    isAboutAnObject = details?["name"] != nil
  }
}

/// The first line of a text, or what an HTML page is called.
private func summary(of body: [UInt8]) -> String {
  let text = String(decoding: body.prefix(4096), as: UTF8.self)
  let start = text.drop { $0.isWhitespace }
  guard start.hasPrefix("<") else { return plain(String(start.prefix { !$0.isNewline })) }
  let lower = start.lowercased()
  guard let open = lower.range(of: "<title>"), let close = lower.range(of: "</title>", from: open.upperBound) else {
    return "<an HTML page>"
  }
  return "<an HTML page, \"\(plain(String(lower[open.upperBound..<close.lowerBound])))\">"
}

/// A server's text made fit for a line on a screen: control characters become spaces, and it is cut at 2,000.
package func plain(_ text: some StringProtocol) -> String {
  // Nearly all that is read is a short name.
  if text.utf8.count <= longestMessage, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return String(text) }
  var line = String.UnicodeScalarView()
  for scalar in text.unicodeScalars.prefix(longestMessage) {
    let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
    line.append(isControl || scalar.value == 0x2028 || scalar.value == 0x2029 ? " " : scalar)
  }
  return String(line)
}

extension String {
  fileprivate func range(of mark: String, from start: Index? = nil) -> Range<Index>? {
    var place = start ?? startIndex
    while place < endIndex {
      if self[place...].hasPrefix(mark) { return place..<index(place, offsetBy: mark.count) }
      place = index(after: place)
    }
    return nil
  }
}
