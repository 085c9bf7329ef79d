import MeshModel

extension State {
  /// Opens the editor on a change, the newest one if none is named, turned back; one more key confirms it.
  mutating func openUndo(of number: Change.ID? = nil) -> [Effect] {
    guard let routes = routes.value else {
      notice = "nothing can be undone before the routes have been read"
      return []
    }
    let undo: Undo
    do throws(Undo.Refusal) {
      undo = try Undo(number, from: journal, routes: routes.map(asWritten), of: editor?.route)
    } catch {
      notice = "\(error)"
      return []
    }
    guard case .weights(_, let draft, let along) = undo.draft.edit, along.isEmpty else {
      notice = "#\(undo.change.id) is more than one rule's weights: meshdeck split undo \(undo.change.id) takes it back"
      return []
    }
    revision += 1
    let selected = undo.change.mostMoved ?? undo.route.split.destinations[0]
    screen = .routes
    routeList.lost = nil
    routeList.selection = ShareID(route: undo.route.id, destination: selected)
    var editor = WeightEditor(
      route: undo.route.id, match: undo.route.match, selected: selected, base: undo.route.split,
      resourceVersion: undo.route.resourceVersion, draft: draft, undoes: undo.change.id,
      revision: revision)
    editor.superseded = underway.last { $0.applied.change == undo.change }?.applied.change.resourceVersion
    editor.stage = .confirming
    editor.check = .waiting(isAsked: true)
    self.editor = editor
    return [.preview(editor.change, revision: revision)]
  }

  /// The journal as it was read last, with what has been written from here since; newest first.
  var journal: [ChangeRecord] {
    let new = underway.map(\.applied).filter { applied in
      !history.contains { $0.id == applied.id && $0.outcome != .started }
    }
    let records = new.map {
      ChangeRecord(
        change: $0.change, time: $0.written, context: identity.context, user: "",
        outcome: .made(resourceVersion: $0.resourceVersion))
    }
    let ids = Set(records.map(\.id))
    return (records + history.filter { !ids.contains($0.id) }).sorted { $0.id > $1.id }
  }

  /// A rule as our own write left it, where the watch still tells of the version that the write replaced.
  private func asWritten(_ route: Route) -> Route {
    guard let ours = underway.last(where: { $0.applied.change.route == route.id })?.applied,
      ours.change.resourceVersion == route.resourceVersion
    else { return route }
    var route = route
    if !ours.change.after.shares.isEmpty { route.split = ours.change.after }
    route.resourceVersion = ours.resourceVersion
    return route
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
