/// Whom a change touches.
public struct BlastRadius: Hashable, Sendable {
  /// Who sent requests to the route's services of late, in order; `nil` where nothing tells.
  public var callers: [MeshNode]?
  /// Of the rule; `nil` where nothing tells.
  public var requestsPerSecond: Double?
  /// The part of the rule's requests that goes elsewhere, 0 to 1; of copies, the part that is copied besides. `nil`
  /// where it depends on the requests.
  public var share: Double?

  public init(callers: [MeshNode]? = nil, requestsPerSecond: Double? = nil, share: Double?) {
    self.callers = callers
    self.requestsPerSecond = requestsPerSecond
    self.share = share
  }

  public var movedPerSecond: Double? {
    guard let requestsPerSecond, let share else { return nil }
    return requestsPerSecond * share
  }
}

extension Edit {
  /// The part of the rule's requests that the edit sends elsewhere, or copies besides; `nil` where it depends on them.
  public var movedShare: Double? {
    switch self {
    case .weights(let before, let after, _): before.share(movedBy: after)
    case .mirror(_, let before, let after): min(1, max(0, (after - before) / 100))
    case .canary, .firstRoute: nil
    case .controller: 0
    }
  }
}

extension TrafficSplit {
  /// The part of the requests that another split sends elsewhere than this one, 0 to 1.
  public func share(movedBy after: TrafficSplit) -> Double {
    after.destinations.reduce(0) { moved, destination in
      moved + Swift.max(0, (after.fraction(of: destination) ?? 0) - (fraction(of: destination) ?? 0))
    }
  }
}

extension BlastRadius: CustomStringConvertible {
  /// `moves 25 % of 240/s, called by productpage v1 and istio-ingressgateway`.
  public var description: String {
    let part = share.map { "moves \(Figures.asked($0)) %" } ?? "moves a part that is not known"
    let rate = requestsPerSecond.map { " of \(Figures.perSecond($0)) requests/s" } ?? " of the requests"
    guard let callers else { return part + rate + "; nothing tells who calls" }
    guard !callers.isEmpty else { return part + rate + "; nobody called of late" }
    let names = callers.prefix(3).map(\.description) + (callers.count > 3 ? ["\(callers.count - 3) more"] : [])
    let list = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1] : names[0]
    return part + rate + ", called by " + list
  }
}
