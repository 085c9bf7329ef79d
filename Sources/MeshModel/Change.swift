/// One edit, as it walks the road: draft, dry run, confirm, journal, write, applied, seen.
public struct Change: Identifiable, Hashable, Sendable {
  /// Counts up over the life of the journal: `#13`.
  public typealias ID = Int

  public let id: ID
  /// The rule that is edited, made or taken away.
  public let route: RouteID
  /// Which requests the rule takes, as `Route.match` says it: rules have no names of their own, and where one was put
  /// before it, another stands in its place now. `nil` where that was not written down.
  public let match: String?
  /// The resource's version that the edit was made against; empty where the edit makes the resource.
  public let resourceVersion: String
  public let edit: Edit
  /// The change that this one undoes.
  public let undoes: ID?
  /// The object's own identity, which another object of the same name does not have; `nil` where it is not known.
  public let uid: String?
  /// Why it was made, in a person's words.
  public let note: String?

  public init(
    id: ID, route: RouteID, match: String? = nil, resourceVersion: String, edit: Edit, undoes: ID? = nil,
    uid: String? = nil, note: String? = nil
  ) {
    self.note = note
    self.id = id
    self.uid = uid
    self.route = route
    self.match = match
    self.resourceVersion = resourceVersion
    self.edit = edit
    self.undoes = undoes
  }

  /// An edit of one rule's weights.
  public init(
    id: ID, route: RouteID, match: String? = nil, resourceVersion: String, before: TrafficSplit, after: TrafficSplit,
    undoes: ID? = nil, uid: String? = nil
  ) {
    self.init(
      id: id, route: route, match: match, resourceVersion: resourceVersion,
      edit: .weights(before: before, after: after), undoes: undoes, uid: uid)
  }
}

extension Change {
  /// The rule's split before and after; without shares where the edit is of no weights, or there is no rule.
  public var before: TrafficSplit { edit.before }
  public var after: TrafficSplit { edit.after }

  /// Whether the rules say what the change wrote.
  public func isWritten(in routes: some Collection<Route>) -> Bool {
    edit.isWritten(in: routes, of: route, match: match)
  }

  /// Whether the change was made to the object that a rule stands in now, and not to another one of its name: in another
  /// cluster, or before it was deleted and made anew. What nobody wrote down counts as the same.
  public func isOfSameObject(as route: Route) -> Bool {
    guard let uid, let other = route.uid else { return true }
    return uid == other
  }
}

/// What the server says it would do.
public struct ChangePreview: Hashable, Sendable {
  /// Where in the object: `spec.http[1].route[0].weight`, and what stands there before and after.
  public struct Line: Hashable, Sendable {
    public let path: String
    public let before: String
    public let after: String

    public init(path: String, before: String, after: String) {
      self.path = path
      self.before = before
      self.after = after
    }
  }

  public var lines: [Line]
  /// What the server warned of.
  public var warnings: [String]
  /// What was looked at before. Where one of them refuses the change, the server may not have been asked.
  public var checks: [ChangeCheck]
  /// Whom the change touches; `nil` where nobody has looked.
  public var radius: BlastRadius?
  /// Who will put back what the change writes.
  public var reconcilers: [Reconciler]

  public init(
    lines: [Line], warnings: [String], checks: [ChangeCheck] = [], radius: BlastRadius? = nil,
    reconcilers: [Reconciler] = []
  ) {
    self.lines = lines
    self.warnings = warnings
    self.checks = checks
    self.radius = radius
    self.reconcilers = reconcilers
  }
}

/// Why a change was not made, or is not known to have been. Nothing was written, but for `answerLost`.
public enum ChangeFailure: Error, Hashable, Sendable {
  /// A check refused it: says which and why.
  case refused(String)
  /// Somebody else changed the rule in the meantime; `theirs` is what it says now, `nil` when it is gone.
  case conflict(theirs: TrafficSplit?)
  /// The server denied it: its own words.
  case denied(String)
  case readOnly
  case unreachable(Trouble)
  /// The journal could not be written, so nothing was sent.
  case journal(String)
  /// The request left and no answer came: whether it was made is not known. `now` is what the rule says where that is
  /// neither what was before nor what was asked: somebody else wrote it, maybe over this change.
  case answerLost(Trouble, now: TrafficSplit?)
}

extension ChangeFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .refused(let reason): "refused: \(reason)"
    case .conflict(.some): "somebody else changed this rule; nothing was overwritten"
    case .conflict(nil): "the rule is gone; nothing was written"
    case .denied(let words): "denied by the server: \(words)"
    case .readOnly: "read-only: writing is switched off"
    case .unreachable(let trouble): "not sent: \(trouble)"
    case .journal(let reason): "not sent, because the journal cannot be written: \(reason)"
    case .answerLost(let trouble, .none): "sent, but no answer came, so it may have been made: \(trouble)"
    case .answerLost(let trouble, .some(let now)):
      "sent, but no answer came, so it may have been made; since then somebody else wrote \(now): \(trouble)"
    }
  }
}

/// A change that the server took.
public struct AppliedChange: Identifiable, Hashable, Sendable {
  public let change: Change
  /// The resource's version after the write.
  public let resourceVersion: String
  public let written: Timestamp

  public init(change: Change, resourceVersion: String, written: Timestamp) {
    self.change = change
    self.resourceVersion = resourceVersion
    self.written = written
  }

  public var id: Change.ID { change.id }
}

/// How far a written change has come.
public struct Propagation: Hashable, Sendable {
  public var applied: Applied
  /// From the write to the moment the last proxy had it; `nil` while some do not.
  public var appliedAfter: Duration?
  public var seen: SeenProgress
  /// Somebody wrote over the change: `applied` and `seen` are as they were until then, and nothing more comes.
  public var superseded: Superseded?

  /// What somebody wrote over a change.
  public struct Superseded: Hashable, Sendable {
    /// What the rule says now; `nil` where it is gone or takes other requests.
    public let split: TrafficSplit?
    /// The field manager who wrote it, where the object tells: `kubectl-edit`.
    public let by: String?
    /// From the write of the change to when this became known.
    public let after: Duration

    public init(split: TrafficSplit?, by: String?, after: Duration) {
      self.split = split
      self.by = by
      self.after = after
    }
  }

  public init(
    applied: Applied, appliedAfter: Duration? = nil, seen: SeenProgress, superseded: Superseded? = nil
  ) {
    self.applied = applied
    self.appliedAfter = appliedAfter
    self.seen = seen
    self.superseded = superseded
  }
}

/// Whether requests go where the change asks, counted from the moment the last proxy took it.
public struct SeenProgress: Hashable, Sendable {
  public enum Verdict: Hashable, Sendable {
    /// Not every proxy has taken the change.
    case notApplied
    /// Too few requests, or too little time, to tell.
    case gathering
    /// Arrived this long after the last proxy took it.
    case arrived(after: Duration)
    /// No source tells of requests by rule or destination.
    case unknown
  }

  public var verdict: Verdict
  public var source: TrafficSource?
  public var shares: [Destination: Seen]
  public var requests: Int

  public init(
    verdict: Verdict, source: TrafficSource? = nil, shares: [Destination: Seen] = [:], requests: Int = 0
  ) {
    self.verdict = verdict
    self.source = source
    self.shares = shares
    self.requests = requests
  }
}

/// A change as the journal has it.
public struct ChangeRecord: Identifiable, Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// Written down before the request left, and nothing since: the program ended in between.
    case started
    case made(resourceVersion: String)
    case failed(String)
    /// The request left and no answer came.
    case unknown(String)
    /// Nobody knows whether it was made: when it was looked for, the rule said something else, as given here.
    case overwritten(now: String)

    /// Whether what became of it is still to be found out.
    public var isOpen: Bool {
      switch self {
      case .started, .unknown: true
      case .made, .failed, .overwritten: false
      }
    }
  }

  public let change: Change
  public let time: Timestamp
  /// The kubeconfig context that it was made in.
  public let context: String
  public let user: String
  public let outcome: Outcome

  public init(change: Change, time: Timestamp, context: String, user: String, outcome: Outcome) {
    self.change = change
    self.time = time
    self.context = context
    self.user = user
    self.outcome = outcome
  }

  public var id: Change.ID { change.id }
}

extension ChangeRecord {
  /// What became of a change of which the answer was not known, as a sentence without a full stop:
  /// `#12 of 02:14:09 (reviews #0: v1=90 v3=10 → v1=75 v3=25) ended without an answer: it was made`.
  public var recovery: String {
    let end =
      switch outcome {
      case .made: "it was made"
      case .failed: "it was not made"
      case .overwritten(let now): "whether it was made cannot be told; now it says \(now)"
      case .started, .unknown: "what became of it could not be read; look at the rule before you go on"
      }
    return "#\(id) of \(time.clock) (\(change.route): \(change.edit)) ended without an answer: \(end)"
  }
}
