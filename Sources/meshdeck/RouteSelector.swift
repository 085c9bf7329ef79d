internal import ArgumentParser
internal import MeshModel

/// Finds the one rule that a person means.
struct RouteSelector {
  private let kind: String?
  private let name: String
  private let rule: RulePlace?

  /// `reviews` or `VirtualService/reviews`; the kind's case does not matter.
  init(_ text: String, rule: RulePlace?) {
    let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
    kind = parts.count == 2 ? parts[0].lowercased() : nil
    name = parts.last ?? text
    self.rule = rule
  }

  /// What a command needs of a rule, and what it says of resources without such a one.
  struct Need: Sendable {
    let isMet: @Sendable (Route) -> Bool
    /// As in `RESOURCE has no rule …` and `it has no …`.
    let words: String

    static let split = Need(isMet: \.isSplit, words: "with several destinations")
    static let destination = Need(
      isMet: { $0.id.resource.kind != .service && !$0.split.shares.isEmpty }, words: "that sends requests on")
    static let mirror = Need(isMet: { !$0.mirrors.isEmpty }, words: "that copies requests")
  }

  func choose(among routes: [Route], with need: Need = .split) throws(CommandFailure) -> Route {
    let (named, meeting, resource) = try rules(among: routes, with: need)
    guard let rule else {
      if meeting.count == 1 { return meeting[0] }
      throw CommandFailure(
        .usage, "\(resource) has several rules \(need.words): \(listed(meeting)); choose with --rule")
    }
    let meant = named.filter { $0.id.resource == resource && rule.isOf($0.id) }
    guard let chosen = meant.first else { throw CommandFailure(.usage, "\(resource) has no rule \(rule)") }
    guard meant.count == 1 else {
      throw CommandFailure(.usage, "--rule \(rule) is ambiguous in \(resource): \(listed(meant))")
    }
    guard need.isMet(chosen) else {
      throw CommandFailure(.refused, "rule \(rule) of \(resource) is none \(need.words)")
    }
    return chosen
  }

  /// All rules of the resource that divide requests among destinations of which these are some, at least one.
  func all(among routes: [Route], sendingTo names: [String]) throws(CommandFailure) -> [Route] {
    let splits = try rules(among: routes, with: .split).meeting
    let meant = splits.filter { route in
      names.allSatisfy { name in route.split.destinations.contains { $0.isNamed(name) } }
    }
    guard meant.isEmpty else { return meant }
    throw CommandFailure(
      .refused, "\(splits[0].id.resource) has no rule that sends to \(names.joined(separator: " and "))")
  }

  /// The rules of the name, those of them that meet the need, and the one resource of these.
  private func rules(
    among routes: [Route], with need: Need
  ) throws(CommandFailure) -> (named: [Route], meeting: [Route], resource: ResourceID) {
    let named = routes.filter {
      $0.id.resource.name == name
        && (kind.map { $0 } ?? $0.id.resource.kind.rawValue.lowercased())
          == $0.id.resource.kind.rawValue.lowercased()
    }
    let meeting = named.filter(need.isMet)
    guard !named.isEmpty else {
      let known = Set(routes.filter(need.isMet).map(\.id.resource.name)).sorted().joined(separator: ", ")
      throw CommandFailure(
        .usage, "no route is called \(name)\(known.isEmpty ? "" : "; those \(need.words): \(known)")")
    }
    guard Set(meeting.map(\.id.resource)).count <= 1 else {
      let which = Set(meeting.map { "\($0.id.resource)" }).sorted().joined(separator: ", ")
      throw CommandFailure(.usage, "\(name) is ambiguous: \(which); give a namespace or a kind")
    }
    guard let resource = meeting.first?.id.resource else {
      throw CommandFailure(.refused, "\(named[0].id.resource) has no rule \(need.words)")
    }
    return (named, meeting, resource)
  }

  private func listed(_ rules: [Route]) -> String {
    rules.map { "\(RulePlace($0.id)) (\($0.match))" }.joined(separator: ", ")
  }
}

/// Which rule of a resource, as a person writes it: `0`, or `tcp/0` where several sections have rules.
struct RulePlace: Equatable, CustomStringConvertible {
  private let section: RouteID.Section?
  private let rule: Int

  init(_ id: RouteID) { (section, rule) = (id.section, id.rule) }

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let last = parts.last, let rule = Int(last), rule >= 0 else { return nil }
    section = parts.count == 2 ? RouteID.Section(rawValue: parts[0].lowercased()) : nil
    if parts.count == 2 && section == nil { return nil }
    self.rule = rule
  }

  func isOf(_ id: RouteID) -> Bool { id.rule == rule && (section ?? id.section) == id.section }

  var description: String { section.map { "\($0)/\(rule)" } ?? "\(rule)" }
}

extension RulePlace: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}

extension Destination {
  /// Whether a person's text means this one: `v3`, `reviews`, `reviews/v3`, or with the full host.
  func isNamed(_ text: String) -> Bool {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2 { return (parts[0] == host || parts[0] == service) && parts[1] == subset }
    return text == subset || text == host || text == service
  }
}

extension [Destination] {
  /// The one that a person means, of a rule's.
  func named(_ text: String, in route: RouteID) throws(CommandFailure) -> Destination {
    let meant = filter { $0.isNamed(text) }
    guard let destination = meant.first, meant.count == 1 else {
      let known = map(\.description).joined(separator: ", ")
      let problem = meant.isEmpty ? "is no destination of" : "is ambiguous in"
      throw CommandFailure(.refused, "\(text) \(problem) \(route); it has \(known)")
    }
    return destination
  }
}
