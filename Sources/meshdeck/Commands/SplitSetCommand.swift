internal import ArgumentParser
internal import MeshModel

/// `meshdeck split set reviews v1=100 v3=0`.
struct SplitSetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set the weights of one rule.",
    discussion: """
      ROUTE is the resource's name, with its kind before it where that is needed: reviews, VirtualService/reviews. \
      A destination is a subset (v3), a host (reviews), or both (reviews/v3), as short as is unambiguous. \
      Destinations that are not named keep their weights.
      """)

  @Argument(help: ArgumentHelp("The resource: [KIND/]NAME.", valueName: "route"))
  var route: String

  @Argument(help: ArgumentHelp("New weights: v1=90 v3=10.", valueName: "dest=weight"))
  var weights: [String]

  @Option(help: ArgumentHelp("Which rule of the resource, from 0.", valueName: "n"))
  var rule: Int?

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    let routes = try await firstValue(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
    let target = try RouteSelector(route, rule: rule).choose(among: routes)
    let split = try WeightArguments(weights).applied(to: target)
    let draft = ChangeDraft(
      route: target.id, match: target.match, resourceVersion: target.resourceVersion, before: target.split,
      after: split)
    try await ChangeRoad(session: session, options: road).walk(draft)
  }
}

/// `meshdeck split undo [13]`.
struct SplitUndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Undo a change of the journal, the last one if none is named.",
    discussion: "Only while the rule still says what the change wrote: what somebody else did since is never undone.")

  @Argument(help: ArgumentHelp("The change's number, as the journal has it.", valueName: "change"))
  var change: Int?

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    let records: [ChangeRecord]
    do { records = try await session.mesh.history() } catch { throw CommandFailure(error) }
    let routes = try await firstValue(of: session.mesh.routes(in: session.identity.scope), within: .seconds(10))
    func isOfObjectThere(_ record: ChangeRecord) -> Bool {
      routes.first { $0.id == record.change.route }.map(record.change.isOfSameObject) ?? true
    }
    let found = records.first {
      change == nil ? $0.canBeUndone(given: records) && isOfObjectThere($0) : $0.id == change
    }
    guard let record = found else {
      let which = change.map { "no change #\($0)" } ?? "no change that can be undone"
      throw CommandFailure(.usage, "the journal of context \(session.identity.context) has \(which)")
    }
    guard isOfObjectThere(record) else {
      throw CommandFailure(
        .conflict,
        "#\(record.id) was made to another \(record.change.route.resource.name): in another cluster, or before it was made anew"
      )
    }
    guard let target = routes.first(where: { $0.id == record.change.route }) else {
      throw CommandFailure(
        .conflict, "\(record.change.route.resource) has no rule #\(record.change.route.rule) any more")
    }
    guard record.change.match.map({ $0 == target.match }) ?? true else {
      throw CommandFailure(
        .conflict, "rule #\(target.id.rule) of \(target.id.resource) takes other requests now (\(target.match))")
    }
    guard target.split.sendsSameShares(as: record.change.after) else {
      throw CommandFailure(.conflict(theirs: target.split))
    }
    let draft = ChangeDraft(
      route: target.id, match: target.match, resourceVersion: target.resourceVersion, before: target.split,
      after: record.change.before, undoes: record.id)
    try await ChangeRoad(session: session, options: road).walk(draft)
  }
}

extension ChangeRecord {
  /// Made, not an undo itself, and not undone yet.
  fileprivate func canBeUndone(given records: [ChangeRecord]) -> Bool {
    guard case .made = outcome, change.undoes == nil else { return false }
    return !records.contains { other in
      guard case .made = other.outcome else { return false }
      return other.change.undoes == id
    }
  }
}
