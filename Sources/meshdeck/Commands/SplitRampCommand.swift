internal import ArgumentParser
internal import MeshModel
internal import Settings

/// `meshdeck split ramp reviews v3`.
struct SplitRampCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ramp", abstract: "Shift a rule's requests to one destination, step by step, under guards.",
    discussion: """
      Each step is a change of its own, held until every proxy has had it for a while and the guards could tell. When \
      the destination is surely worse than the stable one, the start's weights are written back at once. Ctrl-C stops \
      it where it is, and says so; --resume goes on from there, --revert goes back to the start.

      Exit codes: 0 completed; 7 a guard was broken, and the start's weights are back; 8 stopped on its way: somebody \
      else wrote the rule, it was interrupted, or nothing could be decided; the others as for every command.
      """)

  @Argument(help: ArgumentHelp("The resource: [KIND/]NAME.", valueName: "route"))
  var route: String?

  @Argument(help: ArgumentHelp("The destination that gets more.", valueName: "dest"))
  var destination: String?

  @OptionGroup var place: RulePlaceOption

  @OptionGroup var plan: RampOptions

  @Flag(help: "Go on with a ramp that ended in the middle or was stopped, the newest one (of ROUTE).")
  var resume = false

  @Flag(help: "Take such a ramp back to its start.")
  var revert = false

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var asking: AskingOptions

  func validate() throws {
    if resume && revert { throw ValidationError("Give --resume or --revert, not both.") }
    if resume || revert {
      if destination != nil { throw ValidationError("The ramp that is taken up has its destination and its steps.") }
    } else if route == nil || destination == nil {
      throw ValidationError("Give a route and a destination: split ramp reviews v3.")
    }
  }

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let routes = try await session.routes()
    let road = RampRoad(session: session, options: asking)
    if resume || revert {
      return try await road.resume(record(in: session, routes), among: routes, isGoingBack: revert)
    }
    guard let route, let destination else { return }
    let target = try RouteSelector(route, rule: place.rule).choose(among: routes)
    let chosen = try target.split.destinations.named(destination, in: target.id)
    let stable = try plan.against.map { text throws(CommandFailure) in
      try target.split.destinations.named(text, in: target.id)
    }
    let made: RampPlan
    do {
      made = try RampPlan(
        of: target, to: chosen, against: stable, steps: plan.steps?.percents, hold: plan.hold.duration,
        guards: plan.guards(for: target.id, session.settings.health.thresholds(for: chosen.node.service)),
        patience: plan.patience.duration)
    } catch { throw CommandFailure(.refused, "\(error)") }
    try await road.walk(made, of: target)
  }

  /// The newest ramp that can be taken up; one that ended untold comes first.
  private func record(in session: Session, _ routes: [Route]) async throws -> RampRecord {
    let records: [RampRecord]
    do { records = try await session.mesh.rampHistory() } catch { throw CommandFailure(error) }
    let resource = try route.map { text throws(CommandFailure) in
      try RouteSelector(text, rule: place.rule).choose(among: routes).id
    }
    let meant = records.filter { $0.canBeResumed && (resource == nil || $0.plan.route == resource) }
    guard let record = meant.first(where: \.isLost) ?? meant.first else {
      throw CommandFailure(.usage, "no ramp in the journal of this context is left on its way")
    }
    return record
  }
}
