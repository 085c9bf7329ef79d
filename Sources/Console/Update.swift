import MeshModel
import TerminalUI

extension State {
  /// Takes what has happened, and gives what is to be done about it.
  public mutating func update(_ message: Message) -> [Effect] {
    switch message {
    case .tick(let moment):
      now = moment
      if !routeList.late.isEmpty { noteWhoIsBehind() }
      logTail.advance()
      look()
      catchUpGraph()
      return []
    case .terminal(.resize(let size)):
      self.size = size
      placeGraph()
      return []
    case .terminal(.paste(let text)):
      guard prompt != nil, !isTooSmall else { return [] }
      prompt?.input.insert(text)
      applyPrompt()
      return []
    case .terminal(.key(let key)):
      return press(key)

    case .routes(let event):
      routes.take(event, at: now)
      routesChanged()
      return []
    case .proxies(let event):
      proxies.take(event, at: now)
      noteWhoIsBehind()
      rebuildProxyRows()
      return []
    case .traffic(let event):
      traffic.take(event, at: now)
      selectWorstShare()
      return []
    case .edges(let event):
      edges.take(event, at: now)
      look(isNew: true)
      noteGraphNews()
      return []
    case .topology(let event):
      topology.take(event, at: now)
      noteGraphNews()
      return []
    case .changes(let event):
      changes.take(event, at: now)
      rebuildTimeline()
      return []
    case .log(let query, let event):
      if query == logTail.query { logTail.take(event, at: now) }
      return []
    case .trail(let request, let event):
      if logTail.following?.id == request { logTail.following?.found.take(event, at: now) }
      return []
    case .levels(let event):
      levels.take(event, at: now)
      return []
    case .propagation(let id, let event):
      if let place = underway.firstIndex(where: { $0.applied.id == id }) {
        underway[place].progress.take(event, at: now)
        lastProgress[id] = underway[place].progress.value
      }
      rebuildTimeline()
      return []

    case .ramps(let event): return takeRamps(event)
    case .rampBegun(let revision, let result): return rampBegun(revision, result)
    case .rampResumed(let ramp, let failure):
      guard let failure else { return [.readRamps] }
      failedWrite = "ramp #\(ramp): \(failure); esc puts this away"
      return []
    case .rampHistory(.success(let records)):
      rampHistory = records
      lostRamps = records.filter { $0.isLost && !rampsPutOff.contains($0.id) }
      rebuildTimeline()
      return []
    // The journal says so itself.
    case .rampHistory(.failure): return []

    case .settled(let revision): return draftSettled(revision)
    case .previewed(let revision, let result): return draftPreviewed(revision, result)
    case .applied(let revision, let result): return draftApplied(revision, result)
    // What a ramp has come to is known once its last change is.
    case .recovered(.success(let records)): return tellRecovered(records) + [.readRamps]
    case .recovered(.failure(let failure)):
      notice = "what became of earlier changes could not be found out: \(failure)"
      return [.readRamps]
    case .history(.success(let records)):
      history = records
      rebuildTimeline()
      return []
    case .history(.failure(let failure)):
      notice = "the journal cannot be read, so earlier changes cannot be undone from here: \(failure)"
      return []
    case .wrote(let path, let problem):
      exported(path, problem)
      return []
    case .levelSet(.success(let lease)):
      notice = "\(lease.proxy.pod) writes \(lease.setting) until \(lease.end.clock), then what it wrote before"
      return []
    case .levelSet(.failure(let failure)):
      notice = "the log level: \(failure)"
      return []
    case .copied(let isCopied):
      notice = isCopied ? "the line is in the clipboard, if the terminal takes it" : "the line is too long to copy"
      return []
    }
  }

  private mutating func tellRecovered(_ records: [ChangeRecord]) -> [Effect] {
    guard let first = records.first else { return [] }
    let rest = records.count > 1 ? " (and \(records.count - 1) more)" : ""
    failedWrite = first.recovery + rest + "; esc puts this away"
    return [.readHistory]
  }

  private mutating func routesChanged() {
    rebuildRouteTable()
    selectWorstShare()
    editorFollowsRoutes()
    noteGraphNews()
  }

  private mutating func press(_ key: Key) -> [Effect] {
    if !isTooSmall {
      notice = nil
      routeList.isUntouched = false
      if screen == .graph { graphScreen.isUntouched = false }
    }
    if prompt != nil, !isTooSmall, takeInPrompt(key) { return [] }
    guard let command = Command.bound(to: key, in: places) else { return [] }
    if command.writes, identity.isReadOnly {
      notice = "\(command.title): \(ChangeFailure.readOnly)"
      return []
    }
    return command.run(&self, key)
  }

  /// Where keys go, first wins.
  var places: [Command.Place] {
    // Nothing acts on what cannot be seen.
    if isTooSmall { return [.tooSmall, .always] }
    if prompt != nil { return [.filter, .always] }
    if rampQuestion != nil { return [.rampQuestion, .always] }
    switch screen {
    case .pulse: return [.pulse, .list, .screens, .always]
    case .graph:
      return graphScreen.isList ? [.edges, .list, .screens, .always] : [.graph, .screens, .always]
    case .routes:
      return editor == nil ? [.routes, .list, .screens, .always] : [editorRamp == nil ? .weights : .ramp, .always]
    case .proxies: return [.proxies, .list, .screens, .always]
    case .logs: return [logTail.top == nil ? .logs : .logTop, .list, .screens, .always]
    case .changes: return [.changes, .list, .screens, .always]
    case .help: return [.help, .list, .screens, .always]
    }
  }
}
