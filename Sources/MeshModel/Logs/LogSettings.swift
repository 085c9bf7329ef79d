/// How logs are kept and shown.
public struct LogSettings: Hashable, Sendable {
  /// What the table shows of a line, in order.
  public var columns: [LogColumn]
  /// How much of a tail is kept, in bytes.
  public var ring: Int

  public static let standardRing = 64 << 20
  /// Less holds no incident, more no machine's memory.
  public static let rings = (1 << 20)...(4 << 30)

  public init(columns: [LogColumn] = LogColumn.standard, ring: Int = LogSettings.standardRing) {
    self.columns = columns
    self.ring = ring
  }
}
