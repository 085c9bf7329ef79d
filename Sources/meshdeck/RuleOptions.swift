internal import ArgumentParser
internal import MeshModel

/// Which of a resource's rules, where it has several.
struct RulePlaceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which rule of the resource, from 0; tcp/0 or tls/0 in another section.", valueName: "[section/]n"))
  var rule: RulePlace?
}

/// Which rule a command is about.
struct RuleOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The resource: [KIND/]NAME.", valueName: "route"))
  var route: String

  @OptionGroup var place: RulePlaceOption

  /// All rules of the resource that send to these destinations, as they are now.
  func targets(sendingTo names: [String], in session: Session) async throws -> [Route] {
    guard place.rule == nil else { throw CommandFailure(.usage, "give --rule or --every-rule, not both") }
    let routes = try await session.routes()
    return try RouteSelector(route, rule: nil).all(among: routes, sendingTo: names)
  }

  /// The rule as it is now.
  func target(in session: Session, with need: RouteSelector.Need = .split) async throws -> Route {
    let routes = try await session.routes()
    return try RouteSelector(route, rule: place.rule).choose(among: routes, with: need)
  }
}
