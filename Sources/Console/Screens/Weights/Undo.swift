import MeshModel

extension State {
  /// The newest change that has not been undone and is no undoing itself.
  var undoable: Change? {
    let made = history.compactMap { record -> Change? in
      if case .made = record.outcome { record.change } else { nil }
    }
    let all = (made + underway.map(\.applied.change)).sorted { $0.id > $1.id }
    let undone = Set(all.compactMap(\.undoes))
    return all.first { change in
      change.undoes == nil && !undone.contains(change.id) && (editor.map { $0.route == change.route } ?? true)
        && isOfObjectThere(change)
    }
  }

  /// Whether a change was made to the object that is there now, as far as is known: a new cluster may have the name of
  /// an old one.
  private func isOfObjectThere(_ change: Change) -> Bool {
    routes.value?.first { $0.id == change.route }.map(change.isOfSameObject) ?? true
  }

  /// Opens the editor on the newest change, turned back; one more key confirms it.
  mutating func openUndo() -> [Effect] {
    guard let change = undoable else {
      notice =
        history.contains { !isOfObjectThere($0.change) }
        ? "nothing to undo: the changes in the journal were made to other objects of these names"
        : "no change in the journal of this context is left to undo"
      return []
    }
    guard let route = routes.value?.first(where: { $0.id == change.route }) else {
      notice = "#\(change.id) cannot be undone: \(change.route.resource) has no rule #\(change.route.rule) now"
      return []
    }
    guard route.isSplit, Set(route.split.destinations) == Set(change.before.destinations) else {
      notice = "#\(change.id) cannot be undone: the rule has other destinations now"
      return []
    }
    guard change.match.map({ $0 == route.match }) ?? true else {
      notice = "#\(change.id) cannot be undone: rule #\(route.id.rule) takes other requests now (\(route.match))"
      return []
    }
    guard route.split != change.before else {
      notice = "#\(change.id) is undone already: the rule says what it said before"
      return []
    }
    revision += 1
    let selected = change.mostMoved ?? route.split.destinations[0]
    screen = .routes
    routeList.lost = nil
    routeList.selection = ShareID(route: route.id, destination: selected)
    var editor = WeightEditor(
      route: route.id, match: route.match, selected: selected, base: route.split,
      resourceVersion: route.resourceVersion,
      draft: change.before, undoes: change.id, revision: revision)
    editor.stage = .confirming
    editor.check = .waiting(isAsked: true)
    self.editor = editor
    return [.preview(editor.change, revision: revision)]
  }
}

extension Change {
  /// The destination whose share the change moves most; of equals the smaller one, which is the canary.
  var mostMoved: Destination? {
    func part(_ split: TrafficSplit, _ destination: Destination) -> Double { split.fraction(of: destination) ?? 0 }
    return after.destinations.max { one, other in
      let (a, b) = (abs(part(after, one) - part(before, one)), abs(part(after, other) - part(before, other)))
      if abs(a - b) > 1e-9 { return a < b }
      return part(before, one) + part(after, one) > part(before, other) + part(after, other)
    }
  }
}
