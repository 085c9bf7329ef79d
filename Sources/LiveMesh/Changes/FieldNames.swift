import JSON
import MeshModel

extension Difference {
  /// Fields that are told; more are counted.
  static let mostFields = 20

  /// The differences as a person calls them, the most telling first; the names are as short as they can be and still
  /// be told apart.
  static func fields(_ differences: [Difference]) -> (told: [ObservedChange.Field], more: Int) {
    let ordered = differences.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
    var names = ordered.prefix(mostFields).map { FieldName($0.element.path) }
    while true {
      let groups = Dictionary(grouping: names.indices) { names[$0].text }
      let alike = groups.values.filter { $0.count > 1 }.flatMap { $0 }
      var isLonger = false
      for place in alike where names[place].grow() { isLonger = true }
      if !isLonger { break }
    }
    let told = zip(ordered, names).map { $0.element.field(named: $1.text) }
    return (told, max(0, differences.count - told.count))
  }

  private var rank: Int {
    if path.contains(.member("metadata")) || path.first.map({ Self.ofMetadata.contains($0) }) == true { return 2 }
    switch path.last {
    case .member("image"), .member("weight"), .member("replicas"): return 0
    case .element where isDestination: return 0
    default: return 1
    }
  }

  private static let ofMetadata: [Step] = [.member("labels"), .member("annotations")]

  /// Whether it is a destination of a rule that came or went.
  private var isDestination: Bool {
    guard case .member(let list)? = path.dropLast().last else { return false }
    return list == "route" || list == "backendRefs"
  }

  private func field(named name: String) -> ObservedChange.Field {
    if isSecret { return .init(name: name, before: nil, after: nil) }
    if case .member("image")? = path.last, let one = before?.string, let other = after?.string {
      let (before, after) = ImageName.short(one, other)
      return .init(name: name, before: before, after: after)
    }
    func shown(_ value: JSONValue?) -> String? {
      guard let value else { return nil }
      // Of an element that came or went its name says most; this is the rest.
      if case .element? = path.last {
        if isDestination, let weight = value["weight"] { return ShownValue.text(weight) }
        if isEnvironment { return value["value"].map(ShownValue.text) ?? ShownValue.text(value) }
      }
      return ShownValue.text(value)
    }
    let (one, other) = (shown(before), shown(after))
    // What differs only in what is hidden, or far from the beginning.
    return one == other ? .init(name: name, before: nil, after: nil) : .init(name: name, before: one, after: other)
  }

  private var isEnvironment: Bool { path.dropLast().last == .member("env") }

  /// Whether its values could be a secret: what it is, or is in, is called so; or it is the value of something that is.
  private var isSecret: Bool {
    let isValue = path.last == .member("value") || isEnvironment
    return path.contains { step in
      switch step {
      case .member(let name): ShownValue.isSecretName(name)
      case .element(let name, _): isValue && ShownValue.isSecretName(name)
      }
    }
  }
}

/// Which steps of a path make up a field's name.
private struct FieldName {
  private let path: [Difference.Step]
  private var shown: Set<Int>

  /// Members that say little without what they are in.
  private static let vague: Set<String> = [
    "value", "exact", "prefix", "regex", "number", "percentage", "percent", "httpStatus", "fixedDelay", "seconds",
    "min", "max", "name", "host", "port", "mode", "simple", "enabled", "type", "cpu", "memory", "order", "path",
  ]
  /// Lists whose elements are known by their names alone.
  private static let silent: Set<Difference.Step> = [.member("route"), .member("backendRefs"), .member("containers")]

  init(_ path: [Difference.Step]) {
    self.path = path
    shown = []
    for (place, step) in path.enumerated() {
      if case .element(_, isOneOfMany: true) = step { shown.insert(place) }
    }
    guard let last = path.indices.last else { return }
    shown.insert(last)
    switch path[last] {
    case .element: if last > 0, !Self.silent.contains(path[last - 1]) { shown.insert(last - 1) }
    case .member("weight") where last > 1 && Self.silent.contains(path[last - 2]):
      shown.remove(last)
      shown.insert(last - 1)
    case .member("value") where last > 1 && path[last - 2] == .member("env"):
      shown.remove(last)
      shown.formUnion([last - 1, last - 2])
    case .member: explain(last)
    }
  }

  /// Shows what a member is in where its own name says little; `value` says nothing and is not shown itself.
  private mutating func explain(_ place: Int) {
    guard case .member(let name) = path[place], Self.vague.contains(name),
      let outer = path[..<place].lastIndex(where: { if case .member = $0 { true } else { false } })
    else { return }
    shown.insert(outer)
    if name == "value" {
      shown.remove(place)
      explain(outer)
    }
  }

  /// Takes one more step into the name, from the end; false where all are.
  mutating func grow() -> Bool {
    guard let place = path.indices.last(where: { !shown.contains($0) }) else { return false }
    shown.insert(place)
    return true
  }

  var text: String {
    let parts = shown.sorted().map { place in
      switch path[place] {
      case .member(let name), .element(let name, _): ShownValue.cut(name)
      }
    }
    return ShownValue.cut(parts.joined(separator: " "), to: 120)
  }
}

/// A container's image: `docker.io/istio/reviews:1.19`, or with a digest.
private struct ImageName {
  let repository: String
  let tag: String?
  let digest: String?

  init(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1)
    digest = parts.count == 2 ? String(parts[1]) : nil
    let named = parts.first.map(String.init) ?? text
    let start = named.lastIndex(of: "/") ?? named.startIndex
    if let colon = named[start...].lastIndex(of: ":") {
      repository = String(named[..<colon])
      tag = String(named[named.index(after: colon)...])
    } else {
      repository = named
      tag = nil
    }
  }

  /// Two images by what differs between them: their tags, else the beginning of their digests, where they are of one
  /// repository.
  static func short(_ before: String, _ after: String) -> (String, String) {
    let (one, other) = (ImageName(before), ImageName(after))
    if one.repository == other.repository {
      if one.tag != other.tag { return (one.version, other.version) }
      if let first = one.digest, let second = other.digest {
        return (ShownValue.cut(first, to: 20), ShownValue.cut(second, to: 20))
      }
    }
    return (ShownValue.cut(before), ShownValue.cut(after))
  }

  private var version: String { ShownValue.cut(tag ?? digest ?? "latest") }
}
