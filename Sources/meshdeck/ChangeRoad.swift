internal import ArgumentParser
internal import Glibc
internal import JSON
internal import MeshModel

/// How a change is walked without a screen.
struct RoadOptions: ParsableArguments {
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

  @Option(help: ArgumentHelp("How long every proxy may take to have the change: 60s, 2m.", valueName: "time"))
  var wait: Span = Span(.seconds(60))

  @Flag(help: "Wait also until requests go where the change asks, within the same time.")
  var seen = false

  @Option(name: .shortAndLong, help: "table or json.")
  var output: OutputFormat = .table
}

/// The road of a change on the command line: dry run, diff, question, write, applied, seen.
struct ChangeRoad {
  let session: Session
  let options: RoadOptions

  func walk(_ draft: ChangeDraft) async throws(CommandFailure) {
    var draft = draft
    draft.note = options.note.map { String($0.prefix(ChangeDraft.longestNote)) }
    let preview: ChangePreview
    do { preview = try await session.mesh.preview(draft) } catch { throw CommandFailure(error) }
    tell(preview, of: draft)
    if let refusal = preview.checks.refusal {
      if options.output == .json { print(draft.json(preview).text(indent: 2)) }
      throw CommandFailure(.refused, "refused: \(refusal)")
    }
    if preview.lines.isEmpty || options.dryRun {
      if options.output == .json { print(draft.json(preview).text(indent: 2)) }
      return
    }
    try confirm(draft, preview)

    let written: AppliedChange
    do { written = try await session.mesh.apply(draft) } catch { throw CommandFailure(error) }
    say("#\(written.id) written: \(draft.edit)")
    // No proxy takes it: the controller does, in its own time.
    if case .controller = draft.edit { return tellControllerOnly(written) }
    let last = await follow(written)
    report(written, last)
    if let superseded = last?.superseded {
      let writer = superseded.by ?? "somebody else"
      let now = superseded.split.map { "it now says \($0)" } ?? "it is gone"
      throw CommandFailure(
        .conflict,
        "written, but \(writer) wrote over this rule \(milliseconds(superseded.after)) later; \(now)")
    }
    guard let last, last.appliedAfter != nil else {
      throw CommandFailure(.notApplied, Self.missing(last, within: options.wait.duration))
    }
    if options.seen, !last.seen.hasArrived {
      throw CommandFailure(.notApplied, Self.unseen(last.seen, within: options.wait.duration))
    }
  }

  /// What the server would do, and what was looked at: all of it for a dry run, else what one should know.
  private func tell(_ preview: ChangePreview, of draft: ChangeDraft) {
    for check in preview.checks where options.dryRun || check.verdict != .ok {
      say("\(check.verdict.word): \(check.evidence)")
    }
    for reconciler in preview.reconcilers {
      say("warning: \(reconciler)")
      for offer in reconciler.offers {
        say("  instead: meshdeck split controller \(offer.verb.rawValue) \(draft.route.resource.name)")
      }
    }
    for warning in preview.warnings { say("the server warns: \(warning)") }
    if preview.lines.isEmpty {
      if preview.checks.refusal == nil { say("\(draft.route) already says so: nothing to write") }
      return
    }
    for line in preview.lines { say("\(line.path): \(line.before) → \(line.after)") }
    for line in draft.shareLines { say(line) }
    if case .controller = draft.edit { return }
    if let radius = preview.radius { say("\(radius)") }
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

  /// Reads the propagation until there is nothing more to wait for, or the time is up.
  private func follow(_ change: AppliedChange) async -> Propagation? {
    let feed = session.mesh.propagation(of: change)
    let waitsForSeen = options.seen
    let latest = Latest()
    return await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await event in feed {
          guard case .value(let propagation) = event else { continue }
          await latest.set(propagation)
          if propagation.superseded != nil { return }
          // A source that cannot tell may be followed by one that can: a log is written some seconds late.
          if propagation.appliedAfter != nil && (propagation.seen.hasArrived || !waitsForSeen) { return }
        }
      }
      group.addTask {
        // Cancelled as soon as the change is through.
        try? await Task.sleep(for: options.wait.duration)
      }
      await group.next()
      group.cancelAll()
      return await latest.propagation
    }
  }

  private actor Latest {
    var propagation: Propagation?
    func set(_ propagation: Propagation) { self.propagation = propagation }
  }

  private func tellControllerOnly(_ written: AppliedChange) {
    switch options.output {
    case .table: print(printable("#\(written.id) \(written.change.edit)"))
    case .json: print((["change": .int(written.id)] as JSONValue).text(indent: 2))
    }
  }

  private func report(_ change: AppliedChange, _ last: Propagation?) {
    let applied = last?.applied
    switch options.output {
    case .table:
      let after = last?.appliedAfter.map { " in \(milliseconds($0))" } ?? ""
      print("#\(change.id) applied \(applied?.taken.count ?? 0)/\(applied?.of ?? 0)\(after)")
      for rejection in applied?.rejected ?? [] {
        print(printable("  \(rejection.proxy) refused: \(rejection.reason)"))
      }
      for (destination, seen) in (last?.seen.shares ?? [:]).sorted(by: { $0.key.description < $1.key.description }) {
        print("  \(printable(destination.description)) seen \(seenShare(seen)) of \(seen.requests) requests")
      }
    case .json:
      var carried = (applied ?? Applied()).json
      carried["seconds"] = last?.appliedAfter.map { .double($0.seconds) } ?? .null
      let result: JSONValue = [
        "change": .int(change.id), "applied": carried,
        "seen": last?.seen.json ?? .null,
        "superseded": last?.superseded?.json ?? .null,
      ]
      print(result.text(indent: 2))
    }
  }

  private static func missing(_ last: Propagation?, within limit: Duration) -> String {
    guard let last, last.applied.of > 0 else {
      return "written, but no proxy is known that carries this route; name proxies with --proxy"
    }
    let names = last.applied.behind + last.applied.rejected.map(\.proxy)
    let listed =
      names.prefix(5).map(\.name).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    return "written, but after \(limit.components.seconds) s only \(last.applied.taken.count) of \(last.applied.of) "
      + "proxies have it; without it: \(listed)"
  }

  private static func unseen(_ seen: SeenProgress, within limit: Duration) -> String {
    let start = "written, and every proxy has it, but "
    switch seen.verdict {
    case .unknown:
      let source = seen.source.map { "the \($0.name) do not tell this rule's requests apart" } ?? "no source tells"
      return start + "nothing can tell whether requests follow: \(source)"
    case .arrived, .notApplied, .gathering:
      let found = seen.requests == 0 ? "no request of the rule was seen" : "\(seen.requests) requests are no proof yet"
      return start + "after \(limit.components.seconds) s \(found)"
    }
  }

  private func say(_ text: String) { StandardError.write(text + "\n") }
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

extension Propagation.Superseded {
  fileprivate var json: JSONValue {
    [
      "by": by.map { .string($0) } ?? .null, "seconds": .double(after.seconds),
      "weights": .array(
        (split?.shares ?? []).map {
          ["destination": .string($0.destination.shortName), "weight": .int($0.weight.value)]
        }),
    ]
  }
}

extension SeenProgress {
  fileprivate var hasArrived: Bool {
    if case .arrived = verdict { true } else { false }
  }

  fileprivate var json: JSONValue {
    [
      "requests": .int(requests), "source": source.map { .string($0.name) } ?? .null,
      "arrivedAfter": { if case .arrived(let after) = verdict { .double(after.seconds) } else { .null } }(),
      "destinations": .array(
        shares.sorted { $0.key.description < $1.key.description }.map { destination, seen in
          [
            "destination": .string(destination.shortName), "share": .double(seen.share), "low": .double(seen.low),
            "high": .double(seen.high),
          ]
        }),
    ]
  }
}
