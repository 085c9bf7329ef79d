import Glibc
public import MeshModel

/// The time as a live mesh knows it. Tests drive it by hand, so that none of them sleeps.
public struct MeshClock: Sendable {
  public var now: @Sendable () -> Timestamp
  /// Returns when the time has passed, or at once when the task is cancelled.
  public var sleep: @Sendable (Duration) async -> Void

  public init(now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's own clock.
  public static let system = MeshClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    },
    sleep: { span in
      // The only error is cancellation, which the caller sees by itself.
      try? await Task.sleep(for: span)
    })
}
