internal import ArgumentParser
internal import JSON
internal import MeshModel

/// How a change is walked without a screen.
struct RoadOptions: ParsableArguments {
  @OptionGroup var asking: AskingOptions

  @Option(help: ArgumentHelp("How long every proxy may take to have the change: 60s, 2m.", valueName: "time"))
  var wait: Span = Span(.seconds(60))

  @Flag(help: "Wait also until requests go where the change asks, within the same time.")
  var seen = false
}

/// The road of a change on the command line: dry run, diff, question, write, applied, seen.
struct ChangeRoad {
  let session: Session
  let options: RoadOptions

  func walk(_ draft: ChangeDraft) async throws(CommandFailure) {
    var draft = draft
    draft.note = options.asking.note.map { String($0.prefix(ChangeDraft.longestNote)) }
    guard try await ChangeQuestion(session: session, options: options.asking).isMeant(draft) else { return }

    let written: AppliedChange
    do { written = try await session.mesh.apply(draft) } catch { throw CommandFailure(error) }
    StandardError.say("#\(written.id) written: \(draft.edit)")
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
    switch options.asking.output {
    case .table: print(printable("#\(written.id) \(written.change.edit)"))
    case .json: print((["change": .int(written.id)] as JSONValue).text(indent: 2))
    }
  }

  private func report(_ change: AppliedChange, _ last: Propagation?) {
    let applied = last?.applied
    switch options.asking.output {
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
