import MeshGraph
import MeshModel
import TerminalUI

extension Command {
  static let pulseCommands: [Command] = [
    Command("pulse.open", "go where one can act on it", hint: "open", keys: [Key(.enter)], in: .pulse) { state, _ in
      state.openFinding()
    },
    Command(
      "pulse.weights", "change the weights of what is concerned", hint: "weights", keys: [.character("w")], in: .pulse
    ) {
      state, _ in
      state.openWeightsOfFinding()
    },
    Command(
      "pulse.putBack", "put back the weights that somebody changed just before: shows it and asks",
      keys: [.character("U")], in: .pulse
    ) { state, _ in
      state.putBackWhatPreceded()
    },
    Command("pulse.graph", "show it in the graph", hint: "graph", keys: [.character("g")], in: .pulse) { state, _ in
      state.openGraphOfFinding()
    },
    Command("pulse.proxies", "show the proxies concerned", hint: "proxies", keys: [.character("p")], in: .pulse) {
      state, _ in
      state.openProxiesOfFinding()
      return []
    },
  ]
}

extension State {
  /// Where one acts depends on what is wrong.
  mutating func openFinding() -> [Effect] {
    guard let finding = selectedFinding else { return nothingSelected() }
    switch finding.id.kind {
    case .canary: return openWeightsOfFinding()
    case .errors, .slow, .ejected: return openGraphOfFinding()
    case .unready:
      if case .route = finding.id.subject { return openWeightsOfFinding() }
      return openGraphOfFinding()
    case .rejected, .stale, .certificate:
      openProxiesOfFinding()
      return []
    }
  }

  private mutating func nothingSelected() -> [Effect] {
    notice = "nothing is wrong, so there is nothing to open: 3 shows all routes"
    return []
  }

  mutating func openWeightsOfFinding() -> [Effect] {
    guard let finding = selectedFinding else { return nothingSelected() }
    guard let share = share(of: finding) else {
      notice = "\(finding.title): no route divides its requests, so there are no weights to change"
      return []
    }
    return openWeights(of: share)
  }

  /// Whoever changed weights before it began: the nearest such change, turned back.
  mutating func putBackWhatPreceded() -> [Effect] {
    guard let finding = selectedFinding else { return nothingSelected() }
    guard let change = finding.precededBy.lazy.map(\.change).first(where: { !$0.weights.isEmpty }) else {
      notice = "\(finding.title): nobody was seen to change weights just before"
      return []
    }
    return openUndo(of: change)
  }

  /// The share of a split that a finding is about: its own, else that of the version, else any of the service.
  private func share(of finding: Finding) -> ShareID? {
    if case .route(let route, let destination) = finding.id.subject {
      return ShareID(route: route, destination: destination)
    }
    return finding.node.flatMap { share(of: $0, isSplit: true) }
  }

  mutating func openGraphOfFinding() -> [Effect] {
    guard let finding = selectedFinding else { return nothingSelected() }
    guard finding.node != nil else {
      notice = "\(finding.title): that is of no service, so the graph does not show it; p shows the proxies"
      return []
    }
    switch finding.id.subject {
    case .edge(let edge):
      graphScreen.wanted = .edge(.init(from: .mesh(edge.source), to: .mesh(edge.destination), edge.traffic))
    case .route, .node, .proxies: graphScreen.wanted = finding.node.map { .node(.mesh($0)) }
    }
    graphScreen.isUntouched = false
    show(.graph)
    return []
  }

  mutating func openProxiesOfFinding() {
    show(.proxies)
    guard let first = selectedFinding?.proxies.first else { return }
    if !proxyList.filter.isEmpty { setFilter("") }
    proxyList.selection = first
  }
}
