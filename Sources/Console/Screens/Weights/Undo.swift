import MeshModel

extension State {
  /// Opens the editor on a change of the journal, turned back; one more key confirms it. Without a number it is the
  /// newest one.
  mutating func openUndo(of number: Change.ID? = nil) -> [Effect] {
    guard let routes = routes.value?.map(asWritten) else { return refuseUndo() }
    let undo: Undo
    do throws(Undo.Refusal) {
      undo = try Undo(number, from: journal, routes: routes, of: number == nil ? editor?.route : nil)
    } catch {
      if case .changedSince(let change, let now) = error {
        return openThreeWay(change.edit, of: change.route, undoes: change.id, now: now, routes)
      }
      notice = "\(error)"
      return []
    }
    guard case .weights(_, let draft, let along) = undo.draft.edit, along.isEmpty else {
      notice = "#\(undo.change.id) is more than one rule's weights: meshdeck split undo \(undo.change.id) takes it back"
      return []
    }
    openUndoEditor(
      undo.route, base: undo.route.split, draft: draft, undoes: undo.change.id, selected: undo.change.mostMoved)
    editor?.superseded = underway.last { $0.applied.change == undo.change }?.applied.change.resourceVersion
    return askAboutUndo()
  }

  /// Opens the editor on what somebody changed while this console looked on, turned back.
  mutating func openUndo(of observed: ObservedChange) -> [Effect] {
    guard let routes = routes.value?.map(asWritten) else { return refuseUndo() }
    guard let first = observed.weights.first, observed.weights.count == 1 else {
      notice =
        observed.weights.isEmpty
        ? "\(observed.object) cannot be put back from here: what its weights were before is not known"
        : "\(observed.object) was changed in several rules at once: undo them in the resource"
      return []
    }
    guard let route = routes.first(where: { $0.id == first.route && $0.match == first.match ?? $0.match }) else {
      notice = "\(first.route.resource) has no rule #\(first.route.rule) now, so nothing is put back"
      return []
    }
    let edit = Edit.weights(before: first.before, after: first.after)
    guard route.isSplit, route.split.sendsSameShares(as: first.after) else {
      return openThreeWay(edit, of: route.id, undoes: nil, now: route.split, routes)
    }
    openUndoEditor(route, base: route.split, draft: first.before, undoes: nil, selected: edit.mostMoved)
    return askAboutUndo()
  }

  private mutating func refuseUndo() -> [Effect] {
    notice = "nothing can be undone before the routes have been read"
    return []
  }

  /// Somebody has changed the rule since: shows what the change wrote, what stands there now, and what undoing it would
  /// write, and asks.
  private mutating func openThreeWay(
    _ edit: Edit, of id: RouteID, undoes: Change.ID?, now: TrafficSplit, _ routes: [Route]
  ) -> [Effect] {
    guard let ways = ThreeWay(undoing: edit, undoes, now: now),
      let route = routes.first(where: { $0.id == id }), route.isSplit
    else {
      notice = "\(id) has other destinations now, so nothing is put back"
      return []
    }
    openUndoEditor(route, base: ways.base, draft: ways.ours, undoes: undoes, selected: edit.mostMoved)
    editor?.stage = .conflict(theirs: ways.theirs)
    return []
  }

  private mutating func openUndoEditor(
    _ route: Route, base: TrafficSplit, draft: TrafficSplit, undoes: Change.ID?, selected: Destination?
  ) {
    revision += 1
    let selected = selected.flatMap { route.split[$0] == nil ? nil : $0 } ?? route.split.destinations[0]
    screen = .routes
    routeList.lost = nil
    routeList.selection = ShareID(route: route.id, destination: selected)
    editor = WeightEditor(
      route: route.id, match: route.match, selected: selected, base: base, resourceVersion: route.resourceVersion,
      draft: draft, undoes: undoes, revision: revision)
  }

  private mutating func askAboutUndo() -> [Effect] {
    editor?.stage = .confirming
    editor?.check = .waiting(isAsked: true)
    return editor.map { [.preview($0.change, revision: revision)] } ?? []
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
  var mostMoved: Destination? { edit.mostMoved }
}

extension Edit {
  /// The destination whose share the edit moves most; of equals the smaller one, which is the canary.
  var mostMoved: Destination? {
    func part(_ split: TrafficSplit, _ destination: Destination) -> Double { split.fraction(of: destination) ?? 0 }
    return after.destinations.max { one, other in
      let (a, b) = (abs(part(after, one) - part(before, one)), abs(part(after, other) - part(before, other)))
      if abs(a - b) > 1e-9 { return a < b }
      return part(before, one) + part(after, one) > part(before, other) + part(after, other)
    }
  }
}
