/// What a live feed tells: a feed never ends by an error; it says what is wrong and goes on.
public enum FeedEvent<Value: Sendable>: Sendable {
  case connecting
  case value(Value)
  /// The values so far stay the newest ones known.
  case trouble(Trouble)
}

extension FeedEvent: Equatable where Value: Equatable {}

/// Values as they become known. Ends only when its reader lets go of it, or with the program.
public typealias Feed<Value: Sendable> = AsyncStream<FeedEvent<Value>>

/// What is wrong, as a person needs it: what happened, where, and what to do.
public struct Trouble: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable {
    case unreachable, unauthenticated, forbidden, throttled, serverFailed, malformed, misconfigured
  }

  public let kind: Kind
  /// One sentence without a full stop: `the API server does not answer`.
  public let what: String
  /// What to do about it, where there is something.
  public let remedy: String?

  public init(_ kind: Kind, _ what: String, remedy: String? = nil) {
    self.kind = kind
    self.what = what
    self.remedy = remedy
  }

  public var description: String { remedy.map { "\(what); \($0)" } ?? what }
}

/// How far what is on screen can be trusted to be of now.
public enum Freshness: Hashable, Sendable {
  /// Nothing has come yet. Left by the first value.
  case waiting
  case live(asOf: Timestamp)
  /// The feed is in trouble. Left by the next value.
  case stale(asOf: Timestamp?, Trouble)
}
