public import MeshModel
public import TerminalUI

/// What can happen to the console. Time comes in as a message too: the console has no clock of its own.
public enum Message: Equatable, Sendable {
  case terminal(TerminalEvent)
  /// The time is this. Comes before whatever else happened at that moment.
  case tick(Timestamp)

  case routes(FeedEvent<[Route]>)
  case proxies(FeedEvent<ProxyReport>)
  case traffic(FeedEvent<TrafficSample>)
  case edges(FeedEvent<EdgeSample>)
  case topology(FeedEvent<Topology>)
  case changes(FeedEvent<[ObservedChange]>)
  case log(LogQuery, FeedEvent<LogBatch>)
  case trail(request: String, FeedEvent<RequestTrail>)
  case levels(FeedEvent<[LogLevelLease]>)
  case propagation(Change.ID, FeedEvent<Propagation>)
  case ramps(FeedEvent<[RampProgress]>)

  /// A draft has been left alone for a moment. The revision tells which: an answer to an older one is dropped.
  case settled(revision: Int)
  case previewed(revision: Int, Result<ChangePreview, ChangeFailure>)
  case applied(revision: Int, Result<AppliedChange, ChangeFailure>)
  /// What became of changes that had ended without an answer.
  case recovered(Result<[ChangeRecord], ChangeFailure>)
  case history(Result<[ChangeRecord], ChangeFailure>)
  case rampBegun(revision: Int, Result<Change.ID, ChangeFailure>)
  /// `nil` when it has been taken up.
  case rampResumed(Change.ID, ChangeFailure?)
  case rampHistory(Result<[RampRecord], ChangeFailure>)
  /// A new file is written, or why it is not, as a sentence.
  case wrote(String, problem: String?)
  case levelSet(Result<LogLevelLease, ChangeFailure>)
  /// False for a text that is too long.
  case copied(Bool)
}

/// What the console asks of the world, once.
public enum Effect: Equatable, Sendable {
  /// Answered by `settled` after this long.
  case settle(Duration, revision: Int)
  /// Answered by `previewed`.
  case preview(ChangeDraft, revision: Int)
  /// Answered by `applied`.
  case apply(ChangeDraft, revision: Int)
  /// Answered by `recovered`.
  case recover
  /// Answered by `history`.
  case readHistory
  /// Answered by `rampBegun`.
  case beginRamp(RampPlan, note: String?, revision: Int)
  /// Answered by `rampResumed`.
  case resumeRamp(Change.ID, isGoingBack: Bool)
  case tellRamp(Change.ID, Ramp.Order)
  /// Answered by `rampHistory`.
  case readRamps
  /// Never over a file that is there. Answered by `wrote`.
  case write(String, toNewFile: String)
  /// As `write`, of lines that are only then made text.
  case save(LogExtract, toNewFile: String)
  /// Answered by `levelSet`.
  case setLevel(LogLevelSetting)
  /// Puts a text into the clipboard of whoever looks at the terminal. Answered by `copied`.
  case copy(String)
  /// Paints the whole screen anew, whatever stands there.
  case repaint
  /// Gives the terminal back to the shell until the program is continued.
  case suspend
  case quit
}

/// What the console wants to be told of, as long as it says so. The runtime opens what is new in the set and closes
/// what has left it.
public enum Subscription: Hashable, Sendable {
  case routes(Scope)
  case proxies(Scope)
  case traffic(Scope, over: Duration)
  /// At a past moment, or now.
  case edges(Scope, over: Duration, at: Timestamp?)
  case topology(Scope)
  case changes(Scope)
  case log(LogQuery)
  case trail(request: String, between: ClosedRange<Timestamp>, Scope)
  case levels
  case propagation(AppliedChange)
  case ramps
  case clock(every: Duration)
}
