public import Transport
internal import JSON

/// Why the admin API gave no usable answer. Descriptions are sentences for a person: what happened, and what to try.
/// Words of the peer are cut to one printable line.
public enum EnvoyAdminError: Error, Equatable, Sendable {
  /// No answer, or no whole one.
  case transport(TransportError)
  /// 404: the proxy knows no such endpoint, or its configuration has no such section.
  case notFound(target: String, reason: String)
  /// 405: the endpoint changes state and wants POST.
  case methodRefused(target: String, reason: String)
  /// 400: the proxy did not understand what was asked: a bad regular expression, an unknown logger.
  case badRequest(target: String, reason: String)
  /// Any other status that is no success.
  case refused(target: String, status: Int, reason: String)
  /// Something answers, but not Envoy's admin API: HTML, or text where JSON was due.
  case notEnvoy(target: String, reason: String)
  /// The answer is JSON and lacks what it must have.
  case incomplete(target: String, missing: String)
}

extension EnvoyAdminError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(let error): "\(error)"
    case .notFound(let target, let reason):
      "the proxy's admin API has no \(target): \(reason)"
    case .methodRefused(let target, let reason):
      "the proxy's admin API refused the method for \(target): \(reason)"
    case .badRequest(let target, let reason):
      "the proxy's admin API did not understand \(target): \(reason)"
    case .refused(let target, let status, let reason):
      "the proxy's admin API answered \(target) with status \(status): \(reason)"
    case .notEnvoy(let target, let reason):
      "what answers \(target) is not Envoy's admin API (\(reason)); is this the admin port, 15000 under Istio?"
    case .incomplete(let target, let missing):
      "the proxy's answer to \(target) has no \(missing); is it a version of Envoy that this program does not know?"
    }
  }
}

extension EnvoyAdminError {
  /// The error that an answer with this status stands for.
  init(status: Int, target: String, body: [UInt8]) {
    let reason = Self.sentence(body)
    self =
      switch status {
      case 400: .badRequest(target: target, reason: reason)
      case 404: .notFound(target: target, reason: reason)
      case 405: .methodRefused(target: target, reason: reason)
      default: .refused(target: target, status: status, reason: reason)
      }
  }

  /// The first line that a peer wrote, without what is not printable ASCII, at most 160 characters.
  static func sentence(_ body: [UInt8]) -> String {
    let line = body.prefix(4096).drop { $0 <= 0x20 }.prefix { $0 != 0x0A && $0 != 0x0D }
    let printable = line.lazy.filter { (0x20..<0x7F).contains($0) }.prefix(160)
    let text = String(decoding: Array(printable), as: UTF8.self)
    return text.isEmpty ? "no reason given" : text
  }
}

extension JSON {
  /// The body of a proxy's answer.
  init(answer body: [UInt8], of target: String) throws(EnvoyAdminError) {
    do throws(JSONError) {
      try self.init(parsing: body)
    } catch {
      let isHTML = body.first { $0 > 0x20 } == UInt8(ascii: "<")
      throw .notEnvoy(target: target, reason: isHTML ? "it sent HTML" : error.description)
    }
  }
}
