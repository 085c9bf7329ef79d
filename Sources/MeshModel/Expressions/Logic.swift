/// Questions joined by and, or, not, in Kleene's logic of three values: `nil` is unknown.
indirect enum Logic<Term> {
  case all([Logic])
  case any([Logic])
  case not(Logic)
  case term(Term)

  func holds(_ verdict: (Term) -> Bool?) -> Bool? {
    switch self {
    case .all(let parts): Self.join(parts, verdict, decisive: false)
    case .any(let parts): Self.join(parts, verdict, decisive: true)
    case .not(let part): part.holds(verdict).map { !$0 }
    case .term(let term): verdict(term)
    }
  }

  func map<Other>(_ transform: (Term) -> Other) -> Logic<Other> {
    switch self {
    case .all(let parts): .all(parts.map { $0.map(transform) })
    case .any(let parts): .any(parts.map { $0.map(transform) })
    case .not(let part): .not(part.map(transform))
    case .term(let term): .term(transform(term))
    }
  }

  /// One part that is `decisive` decides; else one that is unknown leaves the whole so.
  private static func join(_ parts: [Self], _ verdict: (Term) -> Bool?, decisive: Bool) -> Bool? {
    var isKnown = true
    for part in parts {
      guard let holds = part.holds(verdict) else {
        isKnown = false
        continue
      }
      if holds == decisive { return decisive }
    }
    return isKnown ? !decisive : nil
  }
}

extension Logic: Equatable where Term: Equatable {}
extension Logic: Hashable where Term: Hashable {}
extension Logic: Sendable where Term: Sendable {}
