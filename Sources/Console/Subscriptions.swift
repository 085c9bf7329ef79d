import MeshModel

extension State {
  /// What the console wants to be told of now.
  public var subscriptions: Set<Subscription> {
    var wanted: Set<Subscription> = [
      .routes(identity.scope), .proxies(identity.scope), .traffic(identity.scope, over: window),
      .edges(identity.scope, over: window, at: moment), .topology(identity.scope),
      .changes(identity.scope), .levels, .ramps,
    ]
    if let query = logTail.query { wanted.insert(.log(query)) }
    if let following = logTail.following {
      wanted.insert(.trail(request: following.id, between: following.times, identity.scope))
    }
    for change in underway where !change.isSettled { wanted.insert(.propagation(change.applied)) }
    // Ages on screen grow by the second; while a change is on its way, its progress is what one looks at. A log is
    // filtered and counted in steps, one each time.
    let isMoving = sending != nil || underway.contains { !$0.isSettled }
    wanted.insert(
      .clock(every: logTail.isUnderWay ? .milliseconds(16) : isMoving ? .milliseconds(200) : .seconds(1)))
    return wanted
  }
}
