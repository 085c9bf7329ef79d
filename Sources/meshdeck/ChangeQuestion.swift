internal import ArgumentParser
internal import Glibc
internal import JSON
internal import MeshModel

/// What a person says of a change before it is written.
struct AskingOptions: ParsableArguments {
  @Flag(help: "Ask the server what it would do, print that, and write nothing.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "Do not ask before writing.")
  var yes = false

  @Option(
    help: ArgumentHelp(
      "With --yes: the route's name, to say that it is meant. Needed where the configuration asks for it.",
      valueName: "name"))
  var confirm: String?

  @Option(help: ArgumentHelp("Why: a note for the journal.", valueName: "text"))
  var note: String?

  @Option(name: .shortAndLong, help: "table or json.")
  var output: OutputFormat = .table
}

/// The first half of the road of a change on the command line: dry run, checks, diff, question.
struct ChangeQuestion {
  let session: Session
  let options: AskingOptions

  /// Tells what the change would do, and asks. False where there is nothing to write, or nothing is to be written.
  func isMeant(_ draft: ChangeDraft) async throws(CommandFailure) -> Bool {
    let preview: ChangePreview
    do { preview = try await session.mesh.preview(draft) } catch { throw CommandFailure(error) }
    tell(preview, of: draft)
    if let refusal = preview.checks.refusal {
      if options.output == .json { print(draft.json(preview).text(indent: 2)) }
      throw CommandFailure(.refused, "refused: \(refusal)")
    }
    if preview.lines.isEmpty || options.dryRun {
      if options.output == .json { print(draft.json(preview).text(indent: 2)) }
      return false
    }
    try confirm(draft, preview)
    return true
  }

  /// What the server would do, and what was looked at: all of it for a dry run, else what one should know.
  private func tell(_ preview: ChangePreview, of draft: ChangeDraft) {
    for check in preview.checks where options.dryRun || check.verdict != .ok {
      StandardError.say("\(check.verdict.word): \(check.evidence)")
    }
    for reconciler in preview.reconcilers {
      StandardError.say("warning: \(reconciler)")
      for offer in reconciler.offers {
        StandardError.say("  instead: meshdeck split controller \(offer.verb.rawValue) \(draft.route.resource.name)")
      }
    }
    for warning in preview.warnings { StandardError.say("the server warns: \(warning)") }
    if preview.lines.isEmpty {
      if preview.checks.refusal == nil { StandardError.say("\(draft.route) already says so: nothing to write") }
      return
    }
    for line in preview.lines { StandardError.say("\(line.path): \(line.before) → \(line.after)") }
    for line in draft.shareLines { StandardError.say(line) }
    if case .controller = draft.edit { return }
    if let radius = preview.radius { StandardError.say("\(radius)") }
  }

  private func confirm(_ draft: ChangeDraft, _ preview: ChangePreview) throws(CommandFailure) {
    let confirmation = Confirmation(of: draft.route, preview.radius, in: session.identity.protection)
    if options.yes {
      guard case .name(let name, let reason) = confirmation, options.confirm != name else { return }
      throw CommandFailure(
        .refused,
        "not written: \(reason), so \(options.confirm == nil ? "--yes needs" : "this needs") --confirm \(name)")
    }
    guard isatty(STDIN_FILENO) == 1 else {
      throw CommandFailure(.usage, "nobody can be asked here: give --yes to write, or --dry-run")
    }
    let place = "\(draft.route.resource) in context \(session.identity.context)"
    switch confirmation {
    case .key:
      StandardError.write("Write this to \(place)? [y/N] ")
      guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
        throw CommandFailure(.refused, "not written")
      }
    case .name(let name, let reason):
      StandardError.write("Write this to \(place)? Type \(name) to say that it is meant (\(reason)): ")
      guard let answer = readLine(), confirmation.isGiven(by: answer) else {
        throw CommandFailure(.refused, "not written")
      }
    }
  }
}

extension ChangeDraft {
  /// What the weights mean: `v3: 90 → 101  (was 10 %, will be 52.9 %)`. One that stays may still take another share.
  var shareLines: [String] {
    after.shares.map { share in
      let old = before[share.destination]
      let weights = old.map { $0 == share.weight ? "\($0)" : "\($0) → \(share.weight)" } ?? "\(share.weight)"
      return
        "\(share.destination.shortName): \(weights)  (was \(percent(before.fraction(of: share.destination), suffix: " %")), "
        + "will be \(percent(after.fraction(of: share.destination), suffix: " %")))"
    }
  }
}
