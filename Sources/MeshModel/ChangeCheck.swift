/// One thing that was looked at before a change is written, and what was found.
public struct ChangeCheck: Hashable, Sendable {
  public enum Subject: String, Hashable, Sendable, CaseIterable {
    /// Whether the server lets this person write it.
    case permission
    /// Whether the weights say anything.
    case weights
    /// Whether there is a Service that gets the requests.
    case destination
    /// Whether the subset is defined, and has ready pods.
    case subset
    /// Whether the proxies can know the subset by the time that they get the route.
    case order
    /// Whether the callers have a proxy that follows routes.
    case callers
    /// Whether an ambient service has a waypoint, without which nobody follows its routes.
    case waypoint
    /// Whether something else decides where the requests go.
    case override
    /// Whether the ready pods can take the share.
    case capacity
  }

  public enum Verdict: String, Hashable, Sendable, CaseIterable {
    case ok, warning
    /// The change is not written.
    case refusal
    /// The check could not be made: that is neither good nor bad, and holds nothing back.
    case unknown
  }

  public let subject: Subject
  public let verdict: Verdict
  /// What was found, or why nothing was: a sentence without a full stop.
  public let evidence: String

  public init(_ subject: Subject, _ verdict: Verdict, _ evidence: String) {
    self.subject = subject
    self.verdict = verdict
    self.evidence = evidence
  }
}

extension Collection<ChangeCheck> {
  /// Why the change is not written, as a sentence; `nil` where no check refuses it.
  public var refusal: String? {
    let refusals = filter { $0.verdict == .refusal }.map(\.evidence)
    return refusals.isEmpty ? nil : refusals.joined(separator: "; ")
  }
}
