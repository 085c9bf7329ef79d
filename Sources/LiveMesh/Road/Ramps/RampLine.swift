import JSON
import MeshModel

/// One line of the journal about a ramp.
struct RampLine: Equatable, Sendable {
  enum Event: Equatable, Sendable {
    case begun(RampPlan, context: String, user: String, note: String?)
    /// Somebody took it up again.
    case resumed
    case ended(Ramp.End)
  }

  let id: Change.ID
  let time: Timestamp
  let event: Event
}

extension RampLine {
  var json: JSONValue {
    var line: JSONValue = ["id": .int(id), "time": .string(time.rfc3339)]
    switch event {
    case .begun(let plan, let context, let user, let note):
      line["event"] = "rampBegun"
      line["context"] = .string(context)
      line["user"] = .string(user)
      for (key, value) in plan.journalMembers { line[key] = value }
      if let note { line["note"] = .string(note) }
    case .resumed: line["event"] = "rampResumed"
    case .ended(let end):
      line["event"] = "rampEnded"
      line["outcome"] = .string(end.outcome)
      if let reason = end.reason { line["reason"] = .string(reason) }
      if case .stopped(let stop) = end {
        line["step"] = .int(stop.step)
        line["overwritten"] = .bool(stop.isOverwritten)
      }
    }
    return line
  }

  /// `nil` for a line that is none of a ramp, or that a newer version wrote.
  init?(journal line: JSON, id: Change.ID, time: Timestamp) {
    self.id = id
    self.time = time
    let reason = line["reason"]?.string
    switch (line["event"]?.string, line["outcome"]?.string) {
    case ("rampBegun", _):
      guard let plan = RampPlan(journal: line) else { return nil }
      event = .begun(
        plan, context: line["context"]?.string ?? "", user: line["user"]?.string ?? "", note: line["note"]?.string)
    case ("rampResumed", _): event = .resumed
    case ("rampEnded", "completed"): event = .ended(.completed)
    case ("rampEnded", "reverted"): event = .ended(.reverted(reason.map { .guarded($0) } ?? .asked))
    case ("rampEnded", "stopped"):
      event = .ended(
        .stopped(
          Ramp.Stop(
            step: line["step"]?.int ?? 0, why: reason ?? "", isOverwritten: line["overwritten"]?.bool ?? false)))
    default: return nil
    }
  }
}

extension RampPlan {
  fileprivate var journalMembers: [(String, JSONValue)] {
    [
      ("kind", .string(route.resource.kind.rawValue)), ("namespace", .string(route.resource.namespace)),
      ("name", .string(route.resource.name)), ("section", .string(route.section.rawValue)),
      ("rule", .int(route.rule)), ("match", .string(match)), ("start", start.json),
      ("destination", destination.json), ("stable", stable.json), ("steps", .array(steps.map { .int($0) })),
      ("hold", .double(hold.seconds)), ("patience", .double(patience.seconds)),
      ("errors", guards.errors.map { .double($0) } ?? .null),
      ("slowFactor", guards.slowFactor.map { .double($0) } ?? .null),
      ("slowIncrease", .double(guards.slowIncrease.seconds)), ("leastRequests", .int(guards.leastRequests)),
    ]
  }

  /// `nil` for what would be no ramp, too.
  fileprivate init?(journal line: JSON) {
    func span(_ name: String) -> Duration? {
      line[name]?.double.flatMap { (0...1_000_000).contains($0) ? .seconds($0) : nil }
    }
    guard let resource = ResourceID(journal: line), let route = RouteID(journal: line, in: resource),
      let match = line["match"]?.string, let start = line["start"].flatMap(TrafficSplit.init(journal:)),
      let destination = line["destination"].flatMap(Destination.init(journal:)),
      let stable = line["stable"].flatMap(Destination.init(journal:)), let hold = span("hold"),
      let patience = span("patience"), let slowIncrease = span("slowIncrease"),
      let leastRequests = line["leastRequests"]?.int
    else { return nil }
    self.init(
      route: route, match: match, start: start, destination: destination, stable: stable,
      steps: line["steps"]?.elements.compactMap(\.int) ?? [], hold: hold,
      guards: RampGuards(
        errors: line["errors"]?.double, slowFactor: line["slowFactor"]?.double, slowIncrease: slowIncrease,
        leastRequests: leastRequests),
      patience: patience)
    if refusal != nil { return nil }
  }
}

extension Journal {
  /// Numbers a ramp and writes it down. As long as the claim is held, nobody else takes it up.
  func begin(
    _ plan: RampPlan, note: String?, context: String, user: String
  ) async throws(ChangeFailure) -> (id: Change.ID, claim: JournalClaim) {
    try await locked { file throws(ChangeFailure) in
      let known = try lines(file)
      if let other = ramps(in: known, context: context).first(where: { $0.end == nil && $0.plan.route == plan.route }) {
        throw .refused(
          other.isRun
            ? "ramp #\(other.id) of \(plan.route) is run by another meshdeck"
            : "ramp #\(other.id) of \(plan.route) ended in the middle: resume it, or take it back, first")
      }
      let id = (known.map(\.id).max() ?? 0) + 1
      let claim = try JournalClaim(id, journal: path)
      let event = RampLine.Event.begun(
        plan, context: context, user: user, note: note.map { String($0.prefix(ChangeDraft.longestNote)) })
      try append(.ramp(RampLine(id: id, time: clock.now(), event: event)), to: file)
      return (id, claim)
    }
  }

  /// Takes up a ramp that nobody runs.
  func resume(_ id: Change.ID) async throws(ChangeFailure) -> JournalClaim {
    try await locked { file throws(ChangeFailure) in
      guard !JournalClaim.isHeld(id, journal: path) else { throw .refused("ramp #\(id) is run by another meshdeck") }
      let claim = try JournalClaim(id, journal: path)
      try append(.ramp(RampLine(id: id, time: clock.now(), event: .resumed)), to: file)
      return claim
    }
  }

  func end(_ id: Change.ID, _ end: Ramp.End) async throws(ChangeFailure) {
    try await locked { file throws(ChangeFailure) in
      try append(.ramp(RampLine(id: id, time: clock.now(), event: .ended(end))), to: file)
    }
  }

  /// All ramps of a context, newest first.
  func ramps(context: String) throws(ChangeFailure) -> [RampRecord] { ramps(in: try lines(), context: context) }

  private func ramps(in lines: [JournalLine], context: String) -> [RampRecord] {
    var later: [Change.ID: [RampRecord.Later]] = [:]
    var records: [RampRecord] = []
    // From the end on, what became of it comes before the ramp.
    for case .ramp(let line) in lines.reversed() {
      switch line.event {
      case .ended(let end): later[line.id, default: []].append(.init(.ended(end), at: line.time))
      case .resumed: later[line.id, default: []].append(.init(.resumed, at: line.time))
      case .begun(let plan, context, let user, let note):
        let record = RampRecord(
          id: line.id, plan: plan, time: line.time, context: context, user: user, note: note,
          later: later[line.id]?.reversed() ?? [])
        records.append(record.end == nil && JournalClaim.isHeld(line.id, journal: path) ? record.run : record)
      case .begun: break
      }
    }
    return records
  }
}
