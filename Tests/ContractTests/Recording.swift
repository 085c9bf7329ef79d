import FoundationEssentials
import JSON
import Transport

/// One recorded exchange with a real server: `NAME.head` has the request, its body, and the answer's head; the body
/// stands beside it.
struct Recording: Sendable, CustomTestStringConvertible {
  let name: String
  let method: HTTPRequest.Method
  let target: String
  let requestHeaders: HTTPHeaders
  let requestBody: [UInt8]?
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  var testDescription: String { name }

  /// The folder of recordings, where there is one.
  static let folder = ProcessInfo.processInfo.environment["MESHDECK_RECORDINGS"].flatMap { $0.isEmpty ? nil : $0 }

  /// All recordings of a folder, by name; none where there are no recordings.
  static func all(in subfolder: String) -> [Recording] {
    guard let folder else { return [] }
    let path = folder + "/" + subfolder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".head") }.sorted().compactMap { Recording(folder: path, head: $0) }
  }

  /// `nil` for what is no request that can be sent again.
  init?(folder: String, head: String) {
    name = String(head.dropLast(".head".count))
    guard let text = try? String(contentsOfFile: "\(folder)/\(head)", encoding: .utf8),
      let body = ["json", "txt"].lazy.compactMap({ FileManager.default.contents(atPath: "\(folder)/\(head.dropLast(5)).\($0)") }).first
    else { return nil }
    self.body = Array(body)

    var sent = text.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix(">") }
      .map { $0.dropFirst($0.hasPrefix("> ") ? 2 : 1) }
    let first = sent.removeFirst().split(separator: " ")
    guard first.count == 2, let method = HTTPRequest.Method(rawValue: String(first[0])) else { return nil }
    self.method = method
    target = String(first[1])
    let blank = sent.firstIndex(of: "") ?? sent.endIndex
    requestHeaders = HTTPHeaders(sent[..<blank].compactMap(Self.field))
    let text1 = sent[blank...].dropFirst().joined(separator: "\n")
    requestBody = text1.isEmpty ? nil : Array(text1.utf8)

    let received = text.split(separator: "\n").filter { $0.hasPrefix("< ") }.map { $0.dropFirst(2) }
    guard let words = received.first?.split(separator: " "), words.count >= 2, let status = Int(words[1]) else {
      return nil
    }
    self.status = status
    headers = HTTPHeaders(received.dropFirst().compactMap(Self.field))
  }

  private static func field(_ line: Substring) -> (String, String)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
  }
}

extension HTTPHeaders {
  /// The media type without its parameters.
  var mediaType: String? { self["Content-Type"]?.split(separator: ";").first.map(String.init) }
}
