internal import JSON

/// `labelSelector=app=reviews,version in (v1,v2),!canary`: all requirements must hold.
struct LabelSelector: Sendable {
  private enum Requirement: Sendable {
    case present(String)
    case absent(String)
    case among(String, [String])
    /// Holds also where the label is absent.
    case notAmong(String, [String])
  }

  private let requirements: [Requirement]

  init(_ text: String) throws(APIFailure) {
    var parser = Parser(text)
    requirements = try parser.requirements()
  }

  func matches(_ object: APIObject) -> Bool {
    let labels = object.labels
    return requirements.allSatisfy { requirement in
      switch requirement {
      case .present(let key): labels[key] != nil
      case .absent(let key): labels[key] == nil
      case .among(let key, let values): labels[key]?.string.map(values.contains) ?? false
      case .notAmong(let key, let values): labels[key]?.string.map { !values.contains($0) } ?? true
      }
    }
  }

  private struct Parser {
    private var tokens: [String] = []
    private var place = 0
    private static let marks: Set<String> = ["=", "==", "!=", "!", ",", "(", ")"]

    init(_ text: String) {
      var word = ""
      func isMark(_ character: Character) -> Bool { "=!,()".contains(character) }
      for character in text {
        if character.isWhitespace || isMark(character) {
          if !word.isEmpty { tokens.append(word) }
          word = ""
          guard !character.isWhitespace else { continue }
          if character == "=", let last = tokens.last, last == "=" || last == "!" {
            tokens[tokens.count - 1] += "="
          } else {
            tokens.append(String(character))
          }
        } else {
          word.append(character)
        }
      }
      if !word.isEmpty { tokens.append(word) }
    }

    mutating func requirements() throws(APIFailure) -> [Requirement] {
      var all: [Requirement] = []
      while place < tokens.count {
        all.append(try requirement())
        guard place < tokens.count else { break }
        guard next() == "," else { throw failure(found: tokens[place - 1], expected: "',' or 'end of string'") }
      }
      return all
    }

    private mutating func requirement() throws(APIFailure) -> Requirement {
      if peek == "!" {
        place += 1
        return .absent(try identifier())
      }
      let key = try identifier()
      switch peek {
      case nil, ",": return .present(key)
      case "=", "==":
        place += 1
        return .among(key, [try value()])
      case "!=":
        place += 1
        return .notAmong(key, [try value()])
      case "in":
        place += 1
        return .among(key, try values())
      case "notin":
        place += 1
        return .notAmong(key, try values())
      case let other?:
        throw failure(found: other, expected: "in, notin, =, ==, !=, gt, lt")
      }
    }

    private mutating func identifier() throws(APIFailure) -> String {
      guard let token = next(), !Self.marks.contains(token) else {
        throw failure(found: place > 0 && place <= tokens.count ? tokens[place - 1] : "", expected: "identifier")
      }
      return token
    }

    private mutating func value() throws(APIFailure) -> String {
      if peek == nil || peek == "," { return "" }
      return try identifier()
    }

    private mutating func values() throws(APIFailure) -> [String] {
      guard next() == "(" else { throw failure(found: peek ?? "", expected: "'('") }
      var values: [String] = []
      while true {
        values.append(try identifier())
        switch next() {
        case ",": continue
        case ")": return values
        default: throw failure(found: peek ?? "", expected: "',' or ')'")
        }
      }
    }

    private var peek: String? { place < tokens.count ? tokens[place] : nil }

    private mutating func next() -> String? {
      defer { place += 1 }
      return peek
    }

    private func failure(found: String, expected: String) -> APIFailure {
      .badRequest("unable to parse requirement: found '\(found)', expected: \(expected)")
    }
  }
}

/// `fieldSelector=metadata.name=reviews,status.phase!=Running`.
struct FieldSelector: Sendable {
  private let terms: [(path: [String], value: String, isEqual: Bool)]

  init(_ text: String, type: ResourceType) throws(APIFailure) {
    var terms: [(path: [String], value: String, isEqual: Bool)] = []
    for term in text.split(separator: ",") {
      guard let mark = term.firstIndex(of: "=") else {
        throw .badRequest("invalid selector: '\(text)'; can't understand '\(term)'")
      }
      let isEqual = !term[..<mark].hasSuffix("!")
      let field = String(isEqual ? term[..<mark] : term[..<mark].dropLast())
      var value = term[term.index(after: mark)...]
      if value.hasPrefix("=") { value = value.dropFirst() }
      guard Self.fields(of: type).contains(field) else { throw .badRequest("field label not supported: \(field)") }
      terms.append((field.split(separator: ".").map(String.init), String(value), isEqual))
    }
    self.terms = terms
  }

  private static func fields(of type: ResourceType) -> [String] {
    let everywhere = ["metadata.name", "metadata.namespace"]
    return switch type {
    case .pods:
      everywhere + ["spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"]
    case .events:
      everywhere + [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "reason",
        "type",
      ]
    case .namespaces: everywhere + ["status.phase"]
    case .services: everywhere + ["spec.clusterIP", "spec.type"]
    default: everywhere
    }
  }

  func matches(_ object: APIObject) -> Bool {
    terms.allSatisfy { term in
      let found = term.path.reduce(object.json as JSONValue?) { $0?[$1] }?.string ?? ""
      return (found == term.value) == term.isEqual
    }
  }
}
