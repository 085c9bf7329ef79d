import Transport

/// Status and header fields of an answer.
struct Head: Equatable, Sendable {
  var status: Int
  var headers: HTTPHeaders
}

/// Reads an answer's head line by line, as libcurl hands it over. Interim answers (1xx; RFC 9110, 15.2) are passed
/// over; lines after the head, which are trailers, are ignored.
struct HeadReader {
  static let maximumBytes = 256 << 10
  static let maximumFields = 1_000

  private var status: Int?
  private var fields: [(String, String)] = []
  private var bytes = 0
  private var isDone = false

  /// The head, when `line` ends it.
  mutating func read(_ line: UnsafeRawBufferPointer) throws(TransportError) -> Head? {
    if isDone { return nil }
    bytes += line.count
    guard bytes <= Self.maximumBytes else {
      throw .malformed(reason: "its head is larger than \(Self.maximumBytes >> 10) kB")
    }
    let text = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    if text.isEmpty { return try finish() }
    if text.starts(with: "HTTP/".utf8) {
      try begin(String(decoding: text, as: UTF8.self))
    } else {
      try addField(text)
    }
    return nil
  }

  private mutating func begin(_ line: String) throws(TransportError) {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[1].utf8.count == 3, let number = Int(words[1]), number >= 100 else {
      throw .malformed(reason: "its status line has no status")
    }
    status = number
    fields = []
  }

  private mutating func addField(_ text: Slice<UnsafeRawBufferPointer>) throws(TransportError) {
    guard fields.count < Self.maximumFields else {
      throw .malformed(reason: "its head has more than \(Self.maximumFields) fields")
    }
    if let first = text.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
      // A folded line goes on with the field before it (RFC 9112, 5.2).
      guard !fields.isEmpty else { throw .malformed(reason: "its head begins with a folded line") }
      fields[fields.count - 1].1 += " " + trimmed(text)
      return
    }
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex else {
      throw .malformed(reason: "a header field has no name")
    }
    fields.append((String(decoding: text[..<colon], as: UTF8.self), trimmed(text[(colon + 1)...])))
  }

  private mutating func finish() throws(TransportError) -> Head? {
    guard let status else { throw .malformed(reason: "it has no status line") }
    if (100..<200).contains(status), status != 101 {
      self.status = nil
      return nil
    }
    isDone = true
    return Head(status: status, headers: HTTPHeaders(fields))
  }

  private func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> String {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: text[first...last], as: UTF8.self)
  }
}
