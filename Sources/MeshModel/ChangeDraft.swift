/// A change before it has a number: what the person wants.
public struct ChangeDraft: Hashable, Sendable {
  /// The rule that is edited; one that is made takes this place.
  public let route: RouteID
  /// Which requests the rule in this place takes, as `Route.match` said it: a rule in the same place that takes others
  /// is another one, and is not written. `nil` is not compared.
  public let match: String?
  public let resourceVersion: String
  public let edit: Edit
  public let undoes: Change.ID?
  /// Why it is made, in a person's words.
  public var note: String?

  /// Longer notes are cut.
  public static let longestNote = 500

  public init(
    route: RouteID, match: String? = nil, resourceVersion: String, edit: Edit, undoes: Change.ID? = nil,
    note: String? = nil
  ) {
    self.note = note
    self.route = route
    self.match = match
    self.resourceVersion = resourceVersion
    self.edit = edit
    self.undoes = undoes
  }

  /// An edit of one rule's weights.
  public init(
    route: RouteID, match: String? = nil, resourceVersion: String, before: TrafficSplit, after: TrafficSplit,
    undoes: Change.ID? = nil, note: String? = nil
  ) {
    self.init(
      route: route, match: match, resourceVersion: resourceVersion, edit: .weights(before: before, after: after),
      undoes: undoes, note: note)
  }

  /// An edit of a rule as it is now.
  public init(of route: Route, _ edit: Edit, undoes: Change.ID? = nil) {
    self.init(
      route: route.id, match: route.match, resourceVersion: route.resourceVersion, edit: edit, undoes: undoes)
  }

  /// The rule's split before and after; without shares where the edit is of no weights, or there is no rule.
  public var before: TrafficSplit { edit.before }
  public var after: TrafficSplit { edit.after }
}
