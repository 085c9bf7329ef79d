import JSON
import KubernetesAPI

/// Values of an object as they may be shown: on one line, short, and nothing that could be a secret.
enum ShownValue {
  /// Characters of a value, at most.
  static let longest = 60
  static let hidden = "(hidden)"
  /// Of a longer text the rest is not read: none of it would be seen.
  private static let farthest = 2000

  /// A scalar as it is, the rest as YAML's flow style writes it: `{abort: {httpStatus: 503}}`.
  static func text(_ value: JSONValue) -> String {
    var line = ""
    write(value, to: &line, depth: 0)
    return cut(line)
  }

  /// A list's words, each as it may be shown: what follows a flag that names a secret is hidden with it.
  static func words(_ values: [JSONValue]) -> [String] {
    var isSecret = false
    return values.map { value in
      guard case .string(let text) = value else {
        isSecret = false
        return self.text(value)
      }
      defer { isSecret = text.hasPrefix("-") && !text.contains("=") && isSecretName(text) }
      return isSecret ? hidden : cut(masked(text))
    }
  }

  static func cut(_ text: String, to length: Int = longest) -> String {
    let line = plain(text.prefix(length + 1))
    return line.count > length ? line.prefix(length - 1) + "…" : line
  }

  private static func write(_ value: JSONValue, to line: inout String, depth: Int) {
    // Of what is cut off nothing needs to be written.
    guard line.count <= longest else { return }
    switch value {
    case .string(let text): line += masked(text)
    case .array(let elements) where depth < Difference.deepest:
      line += "["
      if elements.allSatisfy({ $0.string != nil }) {
        line += words(Array(elements.prefix(longest))).joined(separator: ", ")
      } else {
        for (place, element) in elements.enumerated() where line.count <= longest {
          if place > 0 { line += ", " }
          write(element, to: &line, depth: depth + 1)
        }
      }
      line += "]"
    case .object(let members) where depth < Difference.deepest:
      let isSecret = members["name"]?.string.map(isSecretName) ?? false
      line += "{"
      for (place, member) in members.enumerated() where line.count <= longest {
        line += (place > 0 ? ", " : "") + member.key.prefix(longest) + ": "
        if isSecretName(member.key) || isSecret && member.key == "value" {
          line += hidden
        } else {
          write(member.value, to: &line, depth: depth + 1)
        }
      }
      line += "}"
    case .array, .object: line += "…"
    case .double(let number) where number == number.rounded() && abs(number) < 1e15: line += String(Int64(number))
    default: line += value.text()
    }
  }
}

// MARK: Secrets

extension ShownValue {
  /// Whether what has this name could be a secret.
  static func isSecretName(_ name: some StringProtocol) -> Bool {
    let name = name.lowercased()
    return secretWords.contains { name.contains($0) }
  }

  private static let secretWords = ["token", "secret", "pass", "pwd", "key", "credential", "authorization", "bearer"]

  /// A text without the secrets that can stand in one: `--token=…`, `password: …`, `postgres://user:…@host`.
  static func masked(_ text: String) -> String {
    let bytes = Array(text.utf8.prefix(farthest))
    var kept: [UInt8] = []
    var place = 0
    var name = 0
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":"), name < place {
        let word = String(decoding: bytes[max(name, place - 256)..<place], as: UTF8.self)
        let isPair = byte == UInt8(ascii: "=") || place + 1 < bytes.count && " \"'".utf8.contains(bytes[place + 1])
        // What follows may hold anything, separators among it.
        if isPair, isSecretName(word) { return String(decoding: kept, as: UTF8.self) + text.mark(byte) + hidden }
      }
      if bytes[place...].starts(with: "://".utf8) {
        let rest = bytes[(place + 3)...]
        let end = rest.firstIndex { "/ \"'".utf8.contains($0) } ?? bytes.count
        kept += "://".utf8
        place += 3
        if let at = bytes[place..<end].lastIndex(of: UInt8(ascii: "@")) {
          kept += hidden.utf8
          place = at
        }
        name = place
        continue
      }
      kept.append(byte)
      place += 1
      if " ,;&?{(".utf8.contains(byte) || byte == 10 { name = place }
    }
    return String(decoding: kept, as: UTF8.self)
  }
}

extension String {
  fileprivate func mark(_ byte: UInt8) -> String { byte == UInt8(ascii: "=") ? "=" : ": " }
}
