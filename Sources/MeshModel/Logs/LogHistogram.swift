internal import ProxyLogs

/// How many lines there were when, by what they tell of: kept line by line, in memory that is bounded.
///
/// Times are counted in steps, of a tenth of a second at first. Lines of more moments than are kept make all steps
/// twice as long.
public struct LogHistogram: Hashable, Sendable {
  /// What a line is counted as.
  public enum Class: Int, Hashable, CaseIterable, Sendable {
    /// By the code's hundreds. `failed` is 500 and above, `unanswered` a request without a response.
    case informed, succeeded, redirected, refused, failed, unanswered
    /// A line that is about no request, or tells no code.
    case other
  }

  public struct Counts: Hashable, Sendable {
    private var counts = [Int](repeating: 0, count: Class.allCases.count)

    public init() {}

    public internal(set) subscript(kind: Class) -> Int {
      get { counts[kind.rawValue] }
      set { counts[kind.rawValue] = newValue }
    }
    public var total: Int { counts.reduce(0, +) }
    public var errors: Int { self[.failed] + self[.unanswered] }

    static func += (sum: inout Counts, more: Counts) {
      for place in sum.counts.indices { sum.counts[place] += more.counts[place] }
    }
  }

  static let mostSteps = 20_000

  /// How long a step is.
  public private(set) var step: Duration = .milliseconds(100)
  /// By the number of the step since 1970.
  private var steps: [Int64: Counts] = [:]

  public init() {}

  public var isEmpty: Bool { steps.isEmpty }

  public mutating func add(_ line: LogLine) { change(line.time, Class(line), by: 1) }
  public mutating func add(_ kind: Class, at time: Timestamp) { change(time, kind, by: 1) }

  /// Takes back a line that was added.
  public mutating func remove(_ line: LogLine) { change(line.time, Class(line), by: -1) }

  /// From the first step to the end of the last; `nil` where nothing was counted.
  public var span: Range<Timestamp>? {
    guard let first = steps.keys.min(), let last = steps.keys.max() else { return nil }
    let end = start(of: last) + step
    return start(of: first)..<max(end, start(of: last))
  }

  /// So many bars of one length over a span. A step is counted where it begins, within the span.
  public func bars(over span: Range<Timestamp>, count: Int) -> [Counts] {
    let length = (span.upperBound - span.lowerBound).nanoseconds
    guard count > 0, length > 0 else { return [] }
    var bars = [Counts](repeating: Counts(), count: count)
    for (number, counts) in steps {
      let start = start(of: number)
      guard start < span.upperBound, start >= span.lowerBound || start + step > span.lowerBound else { continue }
      let offset = max(0, (start - span.lowerBound).nanoseconds)
      // Less than the length: the place is less than the count.
      bars[Int(length.dividingFullWidth(offset.multipliedFullWidth(by: Int64(count))).quotient)] += counts
    }
    return bars
  }

  /// Bars of a length that a person knows, at most so many, that begin at multiples of it: as time goes on they stay as
  /// they are. `nil` where nothing was counted, and over more time than can be told.
  public func scale(most count: Int) -> (span: Range<Timestamp>, bar: Duration, count: Int)? {
    guard let span, count > 0 else { return nil }
    let (low, high) = (span.lowerBound.nanoseconds, span.upperBound.nanoseconds)
    for bar in Self.barLengths where bar >= step {
      let length = bar.nanoseconds
      let first = low / length - (low % length < 0 ? 1 : 0)
      let bars = (high - 1) / length - ((high - 1) % length < 0 ? 1 : 0) - first + 1
      guard bars <= count else { continue }
      let (start, isBefore) = first.multipliedReportingOverflow(by: length)
      let (end, isBeyond) = (first + bars).multipliedReportingOverflow(by: length)
      guard !isBefore, !isBeyond, !end.subtractingReportingOverflow(start).overflow else { return nil }
      return (Timestamp(nanoseconds: start)..<Timestamp(nanoseconds: end), bar, Int(bars))
    }
    return nil
  }

  private static let barLengths: [Duration] =
    [100, 200, 500].map { .milliseconds($0) } + [1, 2, 5, 10, 15, 30].map { .seconds($0) }
    + [1, 2, 5, 10, 15, 30].map { .seconds($0 * 60) }
    + [1, 2, 3, 6, 12, 24, 48, 96, 240, 720, 2_400, 8_760, 87_600].map { .seconds($0 * 3_600) }

  private mutating func change(_ time: Timestamp, _ kind: Class, by difference: Int) {
    let number = Self.number(of: time, step)
    steps[number, default: Counts()][kind] += difference
    if difference < 0, steps[number]?.total ?? 0 <= 0 { steps[number] = nil }
    while steps.count > Self.mostSteps { double() }
  }

  private mutating func double() {
    let old = steps
    step = step * 2
    steps = [:]
    for (number, counts) in old { steps[number >> 1, default: Counts()] += counts }
  }

  private func start(of number: Int64) -> Timestamp {
    // The first step there can be begins before any time that can be told.
    let (start, isBefore) = number.multipliedReportingOverflow(by: step.nanoseconds)
    return Timestamp(nanoseconds: isBefore ? .min : start)
  }

  private static func number(of time: Timestamp, _ step: Duration) -> Int64 {
    let length = step.nanoseconds
    let number = time.nanoseconds / length
    return time.nanoseconds % length < 0 ? number - 1 : number
  }
}

extension LogHistogram.Class {
  public init(_ line: LogLine) {
    guard let access = line.access else {
      self = .other
      return
    }
    guard let code = access.line.responseCode else {
      // A connection has no code, and fails or not.
      self = access.line.isError.map { $0 ? .failed : .succeeded } ?? .other
      return
    }
    self.init(code: code)
  }

  public init(code: Int) {
    switch code {
    case 100..<200: self = .informed
    case 200..<300: self = .succeeded
    case 300..<400: self = .redirected
    case 400..<500: self = .refused
    case 500...: self = .failed
    default: self = .unanswered
    }
  }
}
