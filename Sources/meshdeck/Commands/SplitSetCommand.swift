internal import ArgumentParser
internal import MeshModel

/// `meshdeck split set reviews v1=100 v3=0`.
struct SplitSetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set the weights of a rule, or of every rule of a resource.",
    discussion: """
      ROUTE is the resource's name, with its kind before it where that is needed: reviews, VirtualService/reviews. \
      A destination is a subset (v3), a host (reviews), or both (reviews/v3), as short as is unambiguous. \
      With weights (v3=10), destinations that are not named keep theirs, and the shares follow from all of them; \
      with percentages (v3=25%) they give or take in proportion to what they have.
      """)

  @OptionGroup var rule: RuleOptions

  @Argument(help: ArgumentHelp("New weights (v1=90 v3=10) or percentages (v3=25%).", valueName: "dest=weight"))
  var weights: [String]

  @Flag(help: "In every rule of the resource that sends to these destinations: all of them are written, or none.")
  var everyRule = false

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let arguments = try WeightArguments(weights)
    let targets =
      everyRule
      ? try await rule.targets(sendingTo: arguments.names, in: session) : [try await rule.target(in: session)]
    let edits = try targets.map { target in
      RuleEdit(
        route: target.id, match: target.match, before: target.split, after: try arguments.applied(to: target))
    }
    let along = Array(edits.dropFirst())
    let draft = ChangeDraft(
      of: targets[0], .weights(before: edits[0].before, after: edits[0].after, along: along))
    try await ChangeRoad(session: session, options: road).walk(draft)
  }
}

/// `meshdeck split undo [13]`.
struct SplitUndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Undo a change of the journal, the last one if none is named.",
    discussion: """
      Only while the rule still says what the change wrote. Where somebody has changed it since, it says what the change \
      wrote, what they wrote and what undoing would write, and ends with 4; --over-theirs writes that.
      """)

  @Argument(help: ArgumentHelp("The change's number, as the journal has it.", valueName: "change"))
  var change: Int?

  @Flag(help: "Turn it back although somebody has changed the rule since.")
  var overTheirs = false

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let records: [ChangeRecord]
    do { records = try await session.mesh.history() } catch { throw CommandFailure(error) }
    let routes = try await session.routes()
    let undo: Undo
    do { undo = try Undo(change, from: records, routes: routes, overTheirs: overTheirs) } catch {
      throw CommandFailure(error)
    }
    try await ChangeRoad(session: session, options: road).walk(undo.draft)
  }
}
