import KubernetesAPI
import PrometheusAPI
public import Transport

/// Which metrics store to ask.
public enum MetricsStore: Equatable, Sendable {
  /// The one among the cluster's Services that is called as stores usually are.
  case wellKnown
  case address(Endpoint, Login?)
  /// None, whatever there is.
  case off

  /// The value of the header field `Authorization`. Never printed.
  public struct Login: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let authorization: String

    public var description: String { "a login" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// Reads `none`, or `http[s]://[user:password@]host[:port][/path]`; `nil` for anything else. User and password are
  /// percent-encoded where they hold what an address cannot.
  public init?(_ text: String) {
    if text == "none" {
      self = .off
      return
    }
    var address = text
    var login: Login?
    let start = Self.authority(of: text)
    // A password may hold an at sign, a host never does.
    let authority = text[start...].prefix { $0 != "/" }
    if let mark = authority.lastIndex(of: "@") {
      guard let words = Self.percentDecoded(text[start..<mark]), words.contains(UInt8(ascii: ":")) else { return nil }
      login = Login(authorization: "Basic " + base64(words))
      address = String(text[..<start] + text[text.index(after: mark)...])
    }
    guard let endpoint = Endpoint(address), endpoint.unixSocket == nil || login == nil else { return nil }
    self = .address(endpoint, login)
  }

  /// Where the host, or who asks it, begins.
  private static func authority(of text: String) -> String.Index {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return text.startIndex }
    return text.index(colon, offsetBy: 3)
  }

  private static func percentDecoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(decoded)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
