public import ArgumentParser
public import MeshModel

/// `meshdeck split controller pause reviews`.
struct SplitControllerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controller", abstract: "Tell the controller that keeps a route's weights what it understands.",
    discussion: """
      VERB is what `split set --dry-run` offers: pause, resume, promote or abort a Rollout, suspend or resume a \
      Kustomization, a HelmRelease or a Canary. It is written to the controller's own object, by the road of every \
      change: checked, asked about, in the journal, and undone by split undo where there is a way back.
      """)

  @Argument(help: "pause, resume, promote, abort or suspend.")
  var verb: ControllerAction.Verb

  @OptionGroup var rule: RuleOptions

  @Option(help: ArgumentHelp("The kind of the controller's object, where several understand it.", valueName: "kind"))
  var of: String?

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let target = try await rule.target(in: session)
    // A change of nothing tells who keeps the route.
    let nothing = ChangeDraft(of: target, .weights(before: target.split, after: target.split))
    let preview: ChangePreview
    do { preview = try await session.mesh.preview(nothing) } catch { throw CommandFailure(error) }
    let action = try chosen(among: preview.reconcilers.flatMap(\.offers), of: target)
    let draft = ChangeDraft(of: target, .controller(action))
    try await ChangeRoad(session: session, options: road).walk(draft)
  }

  private func isOfKind(_ offer: ControllerAction) -> Bool {
    of.map { $0.lowercased() == offer.object.kind.lowercased() } ?? true
  }

  private func chosen(among offers: [ControllerAction], of route: Route) throws(CommandFailure) -> ControllerAction {
    let meant = offers.filter { $0.verb == verb && isOfKind($0) }
    guard let action = meant.first else {
      let known = offers.isEmpty ? "no controller keeps it" : offers.map(\.description).joined(separator: ", ")
      throw CommandFailure(.refused, "\(route.id.resource): nothing can be told to \(verb.rawValue); \(known)")
    }
    guard meant.count == 1 else {
      throw CommandFailure(
        .usage, "\(verb.rawValue) is ambiguous: \(meant.map(\.description).joined(separator: ", ")); choose with --of")
    }
    return action
  }
}

extension ControllerAction.Verb: ExpressibleByArgument {}
