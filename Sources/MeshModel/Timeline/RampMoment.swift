/// A moment of a ramp, for the time line: it began, was taken up again, or ended.
public struct RampMoment: Hashable, Sendable {
  public let ramp: RampRecord
  /// Of the ramp's moments, from its beginning on: 0 is that.
  public let place: Int

  public init(_ ramp: RampRecord, place: Int = 0) {
    self.ramp = ramp
    self.place = place
  }

  /// All of a ramp, oldest first.
  public static func all(of ramp: RampRecord) -> [RampMoment] {
    (0...ramp.later.count).map { RampMoment(ramp, place: $0) }
  }

  /// `nil` is the beginning.
  public var event: RampRecord.Later.Event? { place == 0 ? nil : ramp.later[place - 1].event }

  public var time: Timestamp { place == 0 ? ramp.time : ramp.later[place - 1].time }

  public var isLast: Bool { place == ramp.later.count }

  /// As JSON names it.
  public var name: String {
    switch event {
    case nil: "begun"
    case .resumed: "resumed"
    case .ended: "ended"
    }
  }

  /// `ramp begun: v3 to 10, 50, 100 %, 60s each, against v1`.
  public var what: String {
    switch event {
    case nil: "ramp begun: \(ramp.plan)"
    case .resumed: "ramp resumed"
    case .ended(.completed): "ramp completed: \(ramp.plan.split(at: ramp.plan.steps.count))"
    case .ended(.reverted(.asked)): "ramp reverted to the start: \(ramp.plan.start)"
    case .ended(.reverted(.guarded(let why))): "ramp reverted to the start, \(ramp.plan.start): \(why)"
    case .ended(.stopped(let stop)):
      "ramp stopped at \(place(of: stop)): \(stop.why)"
    }
  }

  private func place(of stop: Ramp.Stop) -> String {
    stop.step == 0 ? "the start" : "step \(stop.step) of \(ramp.plan.steps.count)"
  }

  /// What is wrong with it still.
  public var problem: String? {
    isLast && ramp.isLost
      ? "its program ended in the middle of it: nobody runs it, and it did not say where it is" : nil
  }
}
