internal import ArgumentParser
internal import MeshModel

/// Which rule a command is about.
struct RuleOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The resource: [KIND/]NAME.", valueName: "route"))
  var route: String

  @Option(
    help: ArgumentHelp(
      "Which rule of the resource, from 0; tcp/0 or tls/0 in another section.", valueName: "[section/]n"))
  var rule: RulePlace?

  /// All rules of the resource that send to these destinations, as they are now.
  func targets(sendingTo names: [String], in session: Session) async throws -> [Route] {
    guard rule == nil else { throw CommandFailure(.usage, "give --rule or --every-rule, not both") }
    let routes = try await firstValue(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
    return try RouteSelector(route, rule: nil).all(among: routes, sendingTo: names)
  }

  /// The rule as it is now.
  func target(in session: Session, with need: RouteSelector.Need = .split) async throws -> Route {
    let routes = try await firstValue(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
    return try RouteSelector(route, rule: rule).choose(among: routes, with: need)
  }
}
