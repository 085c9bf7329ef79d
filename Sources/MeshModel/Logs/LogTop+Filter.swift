extension LogTop.Subject {
  /// What a filter asks to find the lines that are counted under a name. Of callers it may find some more: those that
  /// have the name besides another one. `nil` where no filter can tell.
  public func filter(for name: String) -> String? {
    switch self {
    case .paths: name == "-" ? "path = -" : Self.pattern(name).map { "path ~ /^\($0)\(Self.pathEnd(name))/" }
    case .callers: name == "-" ? nil : Self.quoted(name).map { "src = \($0)" }
    case .flags: Self.quoted(name).map { "flags = \($0)" }
    case .codes: Int(name).map { "code = \($0)" }
    case .upstreams: Self.upstream(name)
    case .pods: name == "-" ? nil : Self.quoted(name).map { "pod = \($0)" }
    }
  }

  /// The query is not counted; of a name that was cut, neither is what stood behind it.
  private static func pathEnd(_ name: String) -> String { name.count < LogTop.longestName ? "($|[?#])" : "" }

  /// From `reviews/v3:9080` back to the cluster; what is no label of a cluster of Istio's is one's name or an address.
  private static func upstream(_ name: String) -> String? {
    if name == "-" { return "cluster = - and upstream = -" }
    let sides = name.split(separator: ":", omittingEmptySubsequences: false)
    if sides.count == 2, let port = UInt16(sides[1]), !sides[0].contains(".") {
      if sides[0] == "here" { return "cluster = \"inbound|\(port)||\"" }
      let parts = sides[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let service = pattern(parts[0]), let subset = pattern(parts.count > 1 ? parts[1] : "") else { return nil }
      return "cluster ~ /^[a-z]+[|]\(port)[|]\(subset)[|]\(service)([.]|$)/"
    }
    return quoted(name).map { "(cluster = \($0) or cluster = - and dst = \($0))" }
  }

  /// `nil` for a text with both kinds of quotation marks.
  private static func quoted(_ text: String) -> String? {
    if !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 || 65...90 ~= $0 || 97...122 ~= $0 || $0 == 45 }),
      !["and", "or", "not"].contains(text.lowercased())
    {
      return text
    }
    if !text.contains("\"") { return "\"\(text)\"" }
    return text.contains("'") ? nil : "'\(text)'"
  }

  /// A text as a part of a pattern. `nil` for one with a blank that is not of ASCII.
  private static func pattern(_ text: String) -> String? {
    guard text.allSatisfy({ !$0.isWhitespace || $0.isASCII }) else { return nil }
    return text.unicodeScalars.reduce(into: "") { pattern, scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ":", ",", "=", "&", "%", "@", "~":
        pattern.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x21: pattern += "\\x{\(String(scalar.value, radix: 16))}"
      case _ where scalar.isASCII: pattern += "\\\(scalar)"
      default: pattern.unicodeScalars.append(scalar)
      }
    }
  }
}

extension LogFilter {
  /// This filter and another one, as one text.
  public static func narrowed(_ text: String?, by term: String) -> String {
    guard let text else { return term }
    let isJoined = text.contains("|") || text.lowercased().contains("or")
    return "\(isJoined ? "(\(text))" : text) and \(term)"
  }

  /// Either of two, as one text.
  public static func widened(_ text: String?, by term: String) -> String { text.map { "\($0) or \(term)" } ?? term }
}
