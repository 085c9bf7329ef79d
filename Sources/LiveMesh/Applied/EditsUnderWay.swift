import MeshModel

/// Notices that somebody, with whatever tool, has changed a resource, and has the proxies asked often until all of them
/// have it.
struct EditsUnderWay {
  /// Proxies that have not taken an edit after this are asked at the usual pace again.
  static let patience: Duration = .seconds(10)

  private let pace: PollPace
  private var rules: [ResourceID: [AskedRule]]?
  private var until: [ResourceID: Timestamp] = [:]

  init(pace: PollPace) { self.pace = pace }

  /// Whether an edit came to light. A resource that is new, or gone, is none: no proxy is known that carries it.
  mutating func begin(with asked: Asked, at moment: Timestamp) -> Bool {
    let new = asked.byResource.filter { $0.key.kind != .service }
    defer { rules = new }
    guard let rules, rules != new else { return false }
    var isAny = false
    for (resource, before) in rules {
      guard let after = new[resource], !Self.isSame(before, after) else { continue }
      if until.updateValue(moment + Self.patience, forKey: resource) == nil { pace.hurry(for: resource) }
      isAny = true
    }
    return isAny
  }

  /// Lets go of what every proxy has, and of what takes too long.
  mutating func end(by report: ProxyReport, at moment: Timestamp) {
    for (resource, limit) in until {
      let isEverywhere = (rules?[resource] ?? []).allSatisfy { report.applied[$0.route.id]?.isComplete ?? true }
      if isEverywhere || moment >= limit { end(resource) }
    }
  }

  mutating func endAll() { for resource in until.keys { end(resource) } }

  private mutating func end(_ resource: ResourceID) {
    until[resource] = nil
    pace.relax(for: resource)
  }

  /// Whether proxies get the same of both.
  private static func isSame(_ before: [AskedRule], _ after: [AskedRule]) -> Bool {
    before.count == after.count
      && zip(before, after).allSatisfy { $0.matches == $1.matches && $0.route.split == $1.route.split }
  }
}
