/// What health did around a change, by requests to what it can have touched.
public struct ChangeEffect: Hashable, Sendable {
  /// What was seen in a span of time. What is `nil` is unknown, which is not zero.
  public struct Figures: Hashable, Sendable {
    /// How much time they are of.
    public var span: Duration
    public var requests: Double
    public var errors: Double?
    /// The median over time of the slowest caller's P99.
    public var p99: Duration?

    public init(span: Duration, requests: Double, errors: Double? = nil, p99: Duration? = nil) {
      self.span = span
      self.requests = requests
      self.errors = errors
      self.p99 = p99
    }

    /// 0 to 1; `nil` when unknown or when there were no requests.
    public var errorRate: Double? {
      guard let errors, requests > 0 else { return nil }
      return min(1, errors / requests)
    }
  }

  /// A finding that began after the change, which can have caused it.
  public struct Trouble: Hashable, Sendable {
    public let id: Finding.ID
    public var severity: Finding.Severity
    public var title: String
    public var figure: String
    /// From the change to the beginning of the trouble.
    public var later: Duration

    public init(id: Finding.ID, severity: Finding.Severity, title: String, figure: String, later: Duration) {
      self.id = id
      self.severity = severity
      self.title = title
      self.figure = figure
      self.later = later
    }
  }

  /// Just before the change, and from it on; `nil` where nobody looked or nothing was sent.
  public var before: Figures?
  public var after: Figures?
  /// Worst first.
  public var troubles: [Trouble]

  public init(before: Figures? = nil, after: Figures? = nil, troubles: [Trouble] = []) {
    self.before = before
    self.after = after
    self.troubles = troubles
  }
}
