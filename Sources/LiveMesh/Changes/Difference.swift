import JSON

/// One place in which two states of an object differ.
struct Difference: Equatable {
  enum Step: Hashable {
    case member(String)
    /// An element of a list, by what it is known by: a container's name, a destination, `#1` where nothing tells them
    /// apart. `isOneOfMany` says whether a person needs it to know which is meant.
    case element(String, isOneOfMany: Bool)
  }

  var path: [Step]
  /// `nil` where there was nothing.
  var before: JSONValue?
  var after: JSONValue?

  /// What lies deeper than this is compared as a whole.
  static let deepest = 24
  /// Nobody reads more; what comes after these is not looked for.
  static let most = 400

  /// All places in which `after` is not what `before` was, in the order of the members; none where they are equal.
  static func all(from before: JSONValue?, to after: JSONValue?) -> [Difference] {
    var search = Search()
    search.compare(before, after, [])
    return search.found
  }
}

private struct Search {
  var found: [Difference] = []

  mutating func compare(_ before: JSONValue?, _ after: JSONValue?, _ path: [Difference.Step]) {
    // A null says as much as nothing.
    let (before, after) = (before?.isNull == true ? nil : before, after?.isNull == true ? nil : after)
    guard before != after, found.count < Difference.most else { return }
    // A list that came or went is told element by element.
    let hasElements = [before, after].contains { $0?.array?.contains { !$0.isScalar } ?? false }
    switch (before ?? (hasElements ? [] : nil), after ?? (hasElements ? [] : nil)) {
    case (.object(let one)?, .object(let other)?) where path.count < Difference.deepest:
      compare(one, other, path)
    case (.array(let one)?, .array(let other)?) where path.count < Difference.deepest:
      if (one + other).allSatisfy(\.isScalar) {
        compareScalars(one, other, path)
      } else {
        compare(one, other, path)
      }
    default:
      // 1 and 1.0 are the same number.
      if let one = before?.double, let other = after?.double, one == other { return }
      found.append(Difference(path: path, before: before, after: after))
    }
  }

  private mutating func compare(_ before: JSONObject, _ after: JSONObject, _ path: [Difference.Step]) {
    let later = Dictionary(after.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    var seen = Set<String>()
    for (key, value) in before {
      seen.insert(key)
      compare(value, later[key], path + [.member(key)])
    }
    for (key, value) in after where !seen.contains(key) { compare(nil, value, path + [.member(key)]) }
  }

  /// What was taken from a list of words and what was added; both lists where only the order is another.
  private mutating func compareScalars(_ before: [JSONValue], _ after: [JSONValue], _ path: [Difference.Step]) {
    let texts = (ShownValue.words(before), ShownValue.words(after))
    func counts(_ values: [JSONValue]) -> [String: Int] {
      values.reduce(into: [:]) { $0[$1.text(), default: 0] += 1 }
    }
    func rest(_ values: [JSONValue], _ words: [String], without others: [JSONValue]) -> [JSONValue] {
      var known = counts(others)
      return zip(values, words).compactMap { value, word in
        let left = known[value.text()] ?? 0
        known[value.text()] = left - 1
        return left > 0 ? nil : .string(word)
      }
    }
    var gone = rest(before, texts.0, without: after)
    var new = rest(after, texts.1, without: before)
    if gone.isEmpty, new.isEmpty { (gone, new) = (texts.0.map { .string($0) }, texts.1.map { .string($0) }) }
    func whole(_ values: [JSONValue]) -> JSONValue? {
      values.count > 1 ? .array(values) : values.first
    }
    found.append(Difference(path: path, before: whole(gone), after: whole(new)))
  }

  private mutating func compare(_ before: [JSONValue], _ after: [JSONValue], _ path: [Difference.Step]) {
    let list = ListIdentity(of: path.last)
    let isOneOfMany = max(before.count, after.count) > 1
    guard let known = list.names(before, after) else { return compareInOrder(before, after, path, isOneOfMany) }
    let places = Dictionary(zip(known.before, before.indices), uniquingKeysWith: { $1 })
    let later = Dictionary(zip(known.after, after.indices), uniquingKeysWith: { $1 })
    func step(_ name: String, _ place: Int) -> Difference.Step {
      .element(list.isOfRules ? "#\(place)" : known.labels[name] ?? name, isOneOfMany: isOneOfMany)
    }
    for (name, place) in zip(known.before, before.indices) {
      let now = later[name]
      compare(before[place], now.map { after[$0] }, path + [step(name, now ?? place)])
    }
    for (name, place) in zip(known.after, after.indices) where places[name] == nil {
      compare(nil, after[place], path + [step(name, place)])
    }
    // Of rules the first that fits is taken: their order is part of what they say.
    if list.isOfRules {
      let stayed = (known.before.filter { later[$0] != nil }, known.after.filter { places[$0] != nil })
      if stayed.0 != stayed.1 {
        found.append(
          Difference(
            path: path + [.member("order")], before: .array(stayed.0.map { .string($0) }),
            after: .array(stayed.1.map { .string($0) })))
      }
    }
  }

  /// Elements that nothing tells apart: those at the ends that are equal stayed, the rest is compared in order.
  private mutating func compareInOrder(
    _ before: [JSONValue], _ after: [JSONValue], _ path: [Difference.Step], _ isOneOfMany: Bool
  ) {
    let shorter = min(before.count, after.count)
    let start = (0..<shorter).first { before[$0] != after[$0] } ?? shorter
    let end = (0..<shorter - start).first { before[before.count - 1 - $0] != after[after.count - 1 - $0] }
    let kept = end ?? shorter - start
    let (old, new) = (before[start..<before.count - kept], after[start..<after.count - kept])
    for place in 0..<max(old.count, new.count) {
      compare(
        place < old.count ? old[start + place] : nil, place < new.count ? new[start + place] : nil,
        path + [.element("#\(start + place)", isOneOfMany: isOneOfMany)])
    }
  }
}

/// What tells the elements of a list apart.
private struct ListIdentity {
  let isOfRules: Bool
  private let isOfDestinations: Bool

  init(of step: Difference.Step?) {
    guard case .member(let name)? = step else {
      (isOfRules, isOfDestinations) = (false, false)
      return
    }
    isOfRules = ["http", "tls", "tcp", "rules"].contains(name)
    isOfDestinations = ["route", "backendRefs"].contains(name)
  }

  /// The elements' names, where all have one and none has another's.
  func names(
    _ before: [JSONValue], _ after: [JSONValue]
  ) -> (before: [String], after: [String], labels: [String: String])? {
    for way in ways {
      let (one, other) = (before.compactMap(way), after.compactMap(way))
      guard one.count == before.count, other.count == after.count, Set(one).count == one.count,
        Set(other).count == other.count
      else { continue }
      return (one, other, isOfDestinations ? DestinationName.labels(one + other) : [:])
    }
    return nil
  }

  private var ways: [(JSONValue) -> String?] {
    if isOfDestinations { return [{ DestinationName($0)?.text }] }
    let members = isOfRules ? ["name"] : ["name", "key", "mountPath", "containerPort", "number", "port", "issuer"]
    return members.map { member in
      { element in
        switch element[member] {
        case .string(let text)?: text.isEmpty ? nil : text
        case .int(let number)?: String(number)
        case .object(let port)?: port["name"]?.string ?? port["number"]?.int.map { String($0) }
        default: nil
        }
      }
    }
  }
}

/// A destination of a VirtualService's rule or of a Gateway API route's, as a person calls it.
struct DestinationName: Hashable {
  let host: String
  let subset: String?
  let port: String?

  init?(_ entry: JSONValue) {
    if let destination = entry["destination"], let host = destination["host"]?.string {
      self.host = host
      subset = destination["subset"]?.string
      port = destination["port"]?["number"]?.int.map { String($0) }
    } else if let name = entry["name"]?.string {
      host = entry["namespace"]?.string.map { "\(name).\($0)" } ?? name
      subset = nil
      port = entry["port"]?.int.map { String($0) }
    } else {
      return nil
    }
  }

  var text: String { "\(host)/\(subset ?? "")/\(port ?? "")" }

  /// The shortest way to write each that tells them apart: `v3`, `reviews`, `reviews/v3`, or all there is.
  static func labels(_ texts: [String]) -> [String: String] {
    let all = Set(texts).map { ($0, $0.split(separator: "/", omittingEmptySubsequences: false).map(String.init)) }
    let ways: [([String]) -> String?] = [
      { $0[1].isEmpty ? $0[0].firstLabel : $0[1] },
      { $0[1].isEmpty ? $0[0].firstLabel : "\($0[0].firstLabel)/\($0[1])" },
    ]
    for way in ways {
      let labels = all.compactMap { text, parts in parts.count == 3 ? way(parts).map { (text, $0) } : nil }
      if labels.count == all.count, Set(labels.map(\.1)).count == all.count {
        return Dictionary(labels, uniquingKeysWith: { $1 })
      }
    }
    return [:]
  }
}

extension String {
  fileprivate var firstLabel: String { String(prefix { $0 != "." }) }
}

extension JSONValue {
  fileprivate var isScalar: Bool {
    switch self {
    case .object, .array: false
    default: true
    }
  }
}
