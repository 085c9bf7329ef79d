/// What a rule could say where two have written: what one of them wrote over, or had written; what the other one wrote
/// since; and what the first one wants.
public struct ThreeWay: Hashable, Sendable {
  public let base: TrafficSplit
  public let theirs: TrafficSplit
  public let ours: TrafficSplit
  /// The change that ours turns back; its writing is the base then.
  public let undoes: Change.ID?

  public init(base: TrafficSplit, theirs: TrafficSplit, ours: TrafficSplit, undoes: Change.ID? = nil) {
    self.base = base
    self.theirs = theirs
    self.ours = ours
    self.undoes = undoes
  }

  /// Of an edit that is to be turned back and no longer stands; `nil` where it was more than one rule's weights, or the
  /// rule has other destinations now: then nothing of it can be put back.
  public init?(undoing edit: Edit, _ number: Change.ID?, now theirs: TrafficSplit) {
    guard case .weights(let before, let after, let along) = edit, along.isEmpty,
      Set(before.destinations) == Set(theirs.destinations)
    else { return nil }
    self.init(base: after, theirs: theirs, ours: before, undoes: number)
  }

  /// What each is called, in the order of their times.
  public var names: (base: String, theirs: String, ours: String) {
    undoes.map { ("#\($0) wrote", "theirs", "undo") } ?? ("before", "theirs", "yours")
  }

  /// The three, each with its name, in the same order; the names are filled up to one width.
  public var sides: [(name: String, split: TrafficSplit)] {
    let names = names
    let sides = [(names.base, base), (names.theirs, theirs), (names.ours, ours)]
    let width = sides.map(\.0.count).max() ?? 0
    return sides.map { ($0 + String(repeating: " ", count: width - $0.count), $1) }
  }
}
