import MeshModel

/// Makes the report of the proxies anew whenever the resources, the proxies or a control plane say something new.
struct ReportWatch {
  /// How long the first report waits for everybody to have answered once.
  private static let patience: Duration = .seconds(2)
  /// Between two reports in the ordinary course; a report of many proxies is more work, and is made less often.
  private var gap: Duration { min(.milliseconds(200) * max(1, endpoints / 100), .seconds(4)) }

  let scope: Scope
  let asked: Hub<Asked>
  let board: ProxyBoard
  let endpoints: Int
  let planes: Int
  let clock: MeshClock

  func run(_ hub: Hub<ProxyReport>) async {
    let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in asked.feed() { signal.yield() } }
      group.addTask { for await _ in board.state.feed() { signal.yield() } }
      group.addTask { for await _ in board.refusals.feed() { signal.yield() } }
      let deadline = clock.now() + Self.patience
      group.addTask {
        await clock.sleep(Self.patience)
        signal.yield()
      }
      // Somebody's edit that nobody takes must not keep all proxies busy: looks again when its time is over.
      let (edits, edit) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      group.addTask {
        for await _ in edits {
          await clock.sleep(EditsUnderWay.patience)
          signal.yield()
        }
      }
      group.addTask {
        var builder = ReportBuilder()
        var underWay = EditsUnderWay(pace: board.pace)
        defer { underWay.endAll() }
        for await _ in signals {
          let asked = asked.newest ?? Asked()
          if !asked.byteRules.isEmpty { board.pace.readsListeners = true }
          if underWay.begin(with: asked, at: clock.now()) { edit.yield() }
          let state = board.state.newest ?? .init()
          guard isSettled(state) || clock.now() >= deadline else { continue }
          let report = builder.report(asked, state, board.refusals.newest ?? [:], in: scope)
          underWay.end(by: report, at: clock.now())
          if report != hub.newest || hub.trouble != nil { hub.publish(report) }
          if let trouble = state.controlPlanes.sorted(by: { $0.key < $1.key }).lazy.compactMap(\.value.trouble).first {
            hub.publish(trouble)
          }
          await clock.sleep(board.pace.urgent.isEmpty ? gap : .milliseconds(30))
        }
      }
    }
  }

  private func isSettled(_ state: ProxyBoard.State) -> Bool {
    state.readings.count == endpoints && state.controlPlanes.count == planes
      && (asked.newest != nil || asked.trouble != nil)
  }
}
