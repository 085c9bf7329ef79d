/// A change of the journal, turned back: the one decision of what can be undone, for the console and the command line.
public struct Undo: Hashable, Sendable {
  public let change: Change
  /// The rule as it is now.
  public let route: Route
  private let edit: Edit

  /// What is to be written.
  public var draft: ChangeDraft {
    ChangeDraft(of: route, edit, undoes: change.id)
  }

  /// The change with this number; without a number the newest one that was made, is no undoing itself and has not been
  /// undone. A change whose outcome is not known counts as made while its rule says what it wrote.
  ///
  /// Only a rule that still says what the change wrote is turned back: what somebody did since is not undone unawares.
  ///
  /// - Parameters:
  ///   - records: the journal, newest first.
  ///   - routes: all rules as they are now.
  ///   - rule: leaves out changes of other rules.
  ///   - overTheirs: turns back also weights that somebody has written over since; ask for it by name.
  public init(
    _ number: Change.ID? = nil, from records: [ChangeRecord], routes: [Route], of rule: RouteID? = nil,
    overTheirs: Bool = false
  ) throws(Refusal) {
    let journal = records.filter { record in rule.map { record.change.route == $0 } ?? true }
    func route(of change: Change) -> Route? { routes.first { $0.id == change.route } }
    func isOfObjectThere(_ record: ChangeRecord) -> Bool {
      route(of: record.change).map(record.change.isOfSameObject) ?? true
    }
    func wasMade(_ record: ChangeRecord) -> Bool {
      switch record.outcome {
      case .made: true
      case .failed: false
      case .started, .unknown, .overwritten: record.change.isWritten(in: routes)
      }
    }

    let record: ChangeRecord
    if let number {
      guard let named = journal.first(where: { $0.id == number }) else { throw .noChange(number) }
      record = named
    } else {
      let undone = Set(journal.filter { wasMade($0) && isOfObjectThere($0) }.compactMap(\.change.undoes))
      let newest = journal.first {
        $0.change.undoes == nil && !undone.contains($0.id) && isOfObjectThere($0) && wasMade($0)
      }
      guard let newest else { throw .nothing(isOfOtherObjects: journal.contains { !isOfObjectThere($0) }) }
      record = newest
    }

    let change = record.change
    guard !change.edit.takesAway else { throw .removal(change) }
    guard !change.edit.isFinal else { throw .final(change) }
    guard let route = route(of: change) else { throw .ruleGone(change) }
    guard change.isOfSameObject(as: route) else { throw .otherObject(change) }
    guard change.match.map({ $0 == route.match }) ?? true else { throw .otherRequests(change, now: route.match) }
    guard wasMade(record) else { throw .notMade(change, now: route.split) }
    guard !change.edit.reversed.isExactly(route) else { throw .undone(change) }
    if change.isWritten(in: routes), let edit = change.edit.reversed.from(route, among: routes) {
      self.edit = edit
    } else if overTheirs, let ways = ThreeWay(undoing: change.edit, change.id, now: route.split) {
      edit = .weights(before: ways.theirs, after: ways.ours)
    } else {
      throw .changedSince(change, now: route.split)
    }
    self.change = change
    self.route = route
  }
}

extension Edit {
  fileprivate var takesAway: Bool {
    switch self {
    case .canary(_, .removing), .firstRoute(_, .removing): true
    case .weights, .mirror, .canary(_, .making), .firstRoute(_, .making), .controller: false
    }
  }

  fileprivate var isFinal: Bool { if case .controller(let action) = self { action.reversed == nil } else { false } }

  /// Whether the rule says, to the figure, what the edit writes. What is made or taken away tells by its being there.
  fileprivate func isExactly(_ route: Route) -> Bool {
    switch self {
    case .weights(_, let after, let along): along.isEmpty && route.split == after
    case .mirror(let destination, _, let after):
      route.mirrors.contains(.init(destination: destination, percent: after))
    case .canary, .firstRoute, .controller: false
    }
  }

  /// The same edit made against the rules as they are now, which may send the shares of other weights; `nil` where
  /// they have other destinations.
  fileprivate func from(_ route: Route, among routes: [Route]) -> Edit? {
    guard case .weights(_, let after, let along) = self else { return self }
    func isOfSameDestinations(_ route: Route, _ split: TrafficSplit) -> Bool {
      route.isSplit && Set(route.split.destinations) == Set(split.destinations)
    }
    guard isOfSameDestinations(route, after) else { return nil }
    var others: [RuleEdit] = []
    for edit in along {
      guard let now = routes.first(where: { $0.id == edit.route }), isOfSameDestinations(now, edit.after) else {
        return nil
      }
      others.append(RuleEdit(route: now.id, match: now.match, before: now.split, after: edit.after))
    }
    return .weights(before: route.split, after: after, along: others)
  }
}

extension Undo {
  /// Why nothing is undone.
  public enum Refusal: Error, Hashable, Sendable {
    /// The journal has nothing that is left to undo.
    case nothing(isOfOtherObjects: Bool)
    case noChange(Change.ID)
    /// It failed, or what became of it is not known and the rule does not say what it wrote.
    case notMade(Change, now: TrafficSplit)
    /// It took away what an earlier change had made.
    case removal(Change)
    /// A controller has no way back from it.
    case final(Change)
    case ruleGone(Change)
    /// In another cluster, or in an object that was deleted and made anew.
    case otherObject(Change)
    /// The rule in its place is another one.
    case otherRequests(Change, now: String)
    case undone(Change)
    case changedSince(Change, now: TrafficSplit)
  }
}

extension Undo.Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nothing(isOfOtherObjects: false): "no change in the journal of this context is left to undo"
    case .nothing(isOfOtherObjects: true):
      "nothing to undo: the changes in the journal were made to other objects of these names"
    case .noChange(let number): "the journal of this context has no change #\(number) of these rules"
    case .notMade(let change, let now):
      "#\(change.id) cannot be undone: it is not known to have been made, and the rule says \(now)"
    case .removal(let change): "#\(change.id) cannot be undone: it took something away; make that anew instead"
    case .final(let change): "#\(change.id) cannot be undone: there is no way back from \(change.edit)"
    case .ruleGone(let change):
      "#\(change.id) cannot be undone: \(change.route.resource) has no rule #\(change.route.rule) now"
    case .otherObject(let change):
      "#\(change.id) was made to another \(change.route.resource.name): in another cluster, or before it was made anew"
    case .otherRequests(let change, let match):
      "#\(change.id) cannot be undone: rule #\(change.route.rule) takes other requests now (\(match))"
    case .undone(let change): "#\(change.id) is undone already: the rule says what it said before"
    case .changedSince(let change, let now):
      "#\(change.id) cannot be undone: somebody changed the rule since, and it now says \(now)"
    }
  }
}
