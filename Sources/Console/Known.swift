import MeshModel

/// What a feed has told: its newest value, and how far that can be trusted to be of now.
struct Known<Value: Sendable & Equatable>: Equatable, Sendable {
  private(set) var value: Value?
  private(set) var freshness: Freshness = .waiting

  /// A trouble never takes away what is known; only the next value ends it.
  mutating func take(_ event: FeedEvent<Value>, at now: Timestamp) {
    switch event {
    case .connecting: break
    case .value(let new):
      value = new
      freshness = .live(asOf: now)
    case .trouble(let trouble):
      freshness = .stale(asOf: asOf, trouble)
    }
  }

  /// When the newest value came.
  var asOf: Timestamp? {
    switch freshness {
    case .waiting: nil
    case .live(let moment): moment
    case .stale(let moment, _): moment
    }
  }

  var trouble: Trouble? {
    if case .stale(_, let trouble) = freshness { trouble } else { nil }
  }
}
