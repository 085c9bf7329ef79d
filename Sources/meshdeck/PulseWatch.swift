internal import LiveMesh
internal import MeshHealth
internal import MeshModel
internal import Settings
internal import Synchronization

/// Looks at a mesh once a second, as the Pulse screen does, without a screen.
final class PulseWatch: Sendable {
  private struct Known: Sendable {
    var observation: Observation
    var diagnosis: Diagnosis
    var effects = ChangeEffects()
    var troubles: [String: Trouble] = [:]
  }

  private let session: Session
  private let now: @Sendable () -> Timestamp = MeshClock.system.now
  private let window: Duration
  private let known: Mutex<Known>
  private static let every: Duration = .seconds(1)

  init(_ session: Session, over window: Duration) {
    self.session = session
    self.window = window
    known = Mutex(Known(observation: Observation(now: now()), diagnosis: Diagnosis(rules: session.settings.health)))
  }

  /// What was found when the time is over: the findings, the traffic that they were judged by, and what could not be
  /// read.
  struct Findings: Sendable {
    var all: [Finding]
    var edges: EdgeSample?
    /// What health did after changes.
    var effects: ChangeEffects
    var troubles: [Trouble]
  }

  /// Tells what is wrong after so long and then, where it goes on, whenever something begins or ends, until `tell` says
  /// to stop.
  func run(after span: Duration, goesOn: Bool, tell: @Sendable @escaping (Findings) -> Bool) async {
    let (mesh, scope) = (session.mesh, session.identity.scope)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keep(mesh.routes(in: scope), "routes") { $0.routes = $1 } }
      group.addTask { await self.keep(mesh.proxies(in: scope), "proxies") { $0.report = $1 } }
      group.addTask { await self.keep(mesh.traffic(in: scope, over: self.window), "traffic") { $0.traffic = $1 } }
      group.addTask { await self.keep(mesh.edges(in: scope, over: self.window, at: nil), "edges") { $0.edges = $1 } }
      group.addTask { await self.keep(mesh.topology(in: scope), "topology") { $0.topology = $1 } }
      group.addTask { await self.keep(mesh.changes(in: scope), "changes") { $0.changes = $1 } }
      group.addTask {
        let begin = ContinuousClock.now
        var told: [Finding.ID]?
        while !Task.isCancelled {
          // Cancelled with the command: nothing waits for the rest.
          try? await Task.sleep(for: Self.every)
          let findings = self.look()
          guard ContinuousClock.now - begin >= span, findings.all.map(\.id) != told else { continue }
          told = findings.all.map(\.id)
          if !tell(findings) || !goesOn { break }
        }
      }
      // Feeds never end: the first to end is the one that tells.
      await group.next()
      group.cancelAll()
    }
  }

  private func look() -> Findings {
    known.withLock { known in
      known.observation.now = now()
      known.diagnosis.take(known.observation)
      known.effects.take(known.observation, findings: known.diagnosis.findings)
      return Findings(
        all: known.diagnosis.findings, edges: known.observation.edges, effects: known.effects,
        troubles: known.troubles.sorted { $0.key < $1.key }.map(\.value))
    }
  }

  private func keep<Value: Sendable>(
    _ feed: Feed<Value>, _ name: String, _ place: @Sendable (inout Observation, Value) -> Void
  ) async {
    for await event in feed {
      known.withLock { known in
        switch event {
        case .connecting: break
        case .value(let value):
          place(&known.observation, value)
          known.troubles[name] = nil
        case .trouble(let trouble): known.troubles[name] = trouble
        }
      }
    }
  }
}
