public import JSON
public import MeshModel

/// The time line as text for others: Markdown for a post-mortem, JSON for programs. docs/commands.md has the shapes.
public enum TimelineExport {
  /// Oldest first, as a story is told.
  public static func markdown(_ entries: [TimelineEntry], of identity: MeshIdentity, at now: Timestamp) -> String {
    var text = "# Changes in \(cell(identity.context)), \(cell(identity.scope.name))\n\n"
    text += "As of \(second(now)). Times are UTC. Errors and P99 are of requests to what a change touched, over the "
    text += "minute before it and the minute from it on; – is not known.\n\n"
    text += "| time | object | what | by | errors | P99 | applied | began after it |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    for entry in entries.reversed() {
      let cells = [
        second(entry.time), "\(entry.object.kind) \(entry.object.namespace)/\(entry.object.name)",
        (entry.number.map { "#\($0) " } ?? "") + entry.what + remarks(entry), entry.author,
        entry.errorsText ?? "–", entry.p99Text ?? "–", entry.appliedText ?? (entry.isOurs ? "–" : ""),
        entry.effect.map { $0.troubles.map(\.sentence).joined(separator: "; ") } ?? "–",
      ]
      text += "| " + cells.map(cell).joined(separator: " | ") + " |\n"
    }
    return text
  }

  /// An object a line, oldest first.
  public static func jsonLines(_ entries: [TimelineEntry]) -> String {
    entries.reversed().map { $0.json.text() + "\n" }.joined()
  }

  private static func remarks(_ entry: TimelineEntry) -> String {
    var remarks: [String] = []
    if let undoes = entry.record?.change.undoes { remarks.append("undoes #\(undoes)") }
    if let undone = entry.undoneBy { remarks.append("undone by #\(undone)") }
    if let problem = entry.problem { remarks.append(problem) }
    return remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
  }

  private static func second(_ moment: Timestamp) -> String { moment.rfc3339.prefix(19) + "Z" }

  /// Text from outside that stays in its cell, and is no markup.
  private static func cell(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "\\", "`", "*", "_", "<", ">", "[", "]", "#": safe += "\\\(scalar)"
      default: safe.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
      }
    }
    return safe
  }
}

extension TimelineEntry {
  /// What is unknown is null.
  public var json: JSONValue {
    var line: JSONValue = [
      "time": .string(time.rfc3339), "by": by.map { .string($0) } ?? .null,
      "action": action.map { .string($0.rawValue) } ?? .null,
      "object": [
        "kind": .string(object.kind), "namespace": .string(object.namespace), "name": .string(object.name),
      ],
      "fields": .array(
        fields.map { field in
          [
            "name": .string(field.name), "before": field.before.map { .string($0) } ?? .null,
            "after": field.after.map { .string($0) } ?? .null,
          ]
        }),
      "moreFields": .int(moreFields), "what": .string(what),
      "reach": observed.map { .string($0.reach.name) } ?? .null,
      "services": .array((observed?.services ?? []).map { .string($0.description) }),
      "version": observed?.version.map { .string($0) } ?? .null,
      "change": record.map { .int($0.id) } ?? .null, "health": effect?.json ?? .null,
    ]
    if let ramp {
      line["user"] = .string(ramp.ramp.user)
      line["problem"] = problem.map { .string($0) } ?? .null
      line["ramp"] = ramp.json
    }
    guard let record else { return line }
    line["user"] = .string(record.user)
    line["outcome"] = .string(record.outcome.word)
    line["problem"] = problem.map { .string($0) } ?? .null
    line["undoes"] = record.change.undoes.map { .int($0) } ?? .null
    line["undoneBy"] = undoneBy.map { .int($0) } ?? .null
    line["applied"] =
      progress.map { progress in
        [
          "taken": .int(progress.applied.taken.count), "of": .int(progress.applied.of),
          "seconds": progress.appliedAfter.map { .double($0.seconds) } ?? .null,
        ]
      } ?? .null
    return line
  }
}

extension RampMoment {
  fileprivate var json: JSONValue {
    let plan = ramp.plan
    var outcome: Ramp.End?
    if case .ended(let end)? = event { outcome = end }
    return [
      "id": .int(ramp.id), "event": .string(name), "outcome": outcome.map { .string($0.outcome) } ?? .null,
      "reason": outcome?.reason.map { .string($0) } ?? .null, "destination": .string(plan.destination.description),
      "stable": .string(plan.stable.description), "steps": .array(plan.steps.map { .int($0) }),
      "holdSeconds": .double(plan.hold.seconds), "note": ramp.note.map { .string($0) } ?? .null,
    ]
  }
}

extension ChangeEffect {
  fileprivate var json: JSONValue {
    [
      "before": before?.json ?? .null, "after": after?.json ?? .null,
      "findings": .array(
        troubles.map {
          [
            "title": .string($0.title), "figure": .string($0.figure), "severity": .string($0.severity.name),
            "secondsLater": .double($0.later.seconds),
          ]
        }),
    ]
  }
}

extension ChangeEffect.Figures {
  fileprivate var json: JSONValue {
    [
      "seconds": .double(span.seconds), "requests": .double(requests),
      "errorRate": errorRate.map { .double($0) } ?? .null, "p99": p99.map { .double($0.seconds) } ?? .null,
    ]
  }
}

extension ChangeRecord.Outcome {
  fileprivate var word: String {
    switch self {
    case .started: "started"
    case .made: "made"
    case .failed: "failed"
    case .unknown: "unknown"
    case .overwritten: "overwritten"
    }
  }
}

extension ObservedChange.Reach {
  fileprivate var name: String {
    switch self {
    case .services: "services"
    case .namespace: "namespace"
    case .mesh: "mesh"
    }
  }
}
