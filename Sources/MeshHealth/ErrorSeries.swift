import MeshModel

/// Requests and errors of one thing over time, from whatever source.
struct ErrorSeries: Equatable, Sendable {
  /// Newer than this is recent: whether trouble goes on is judged by it.
  private static let recent: Duration = .seconds(15)
  /// Spans over which trouble is looked for besides the whole window, so that it shows soon after it began.
  private static let short: [Duration] = [.seconds(5), .seconds(10)]

  var requests: Double
  var errors: Double
  /// Oldest first; those from before anything was observed are left out.
  var slices: [EdgeTraffic.Slice]
  var slice: Duration
  var end: Timestamp

  /// `nil` where nobody knows which requests failed.
  init?(_ traffic: EdgeTraffic, in sample: EdgeSample) {
    guard let errors = traffic.errors else { return nil }
    self.init(
      requests: traffic.requests, errors: errors, slices: traffic.history, slice: sample.slice,
      end: traffic.end ?? sample.end,
      observedSince: sample.observedSince)
  }

  init?(_ traffic: DestinationTraffic, end: Timestamp, observedSince: Timestamp) {
    guard let errors = traffic.errors else { return nil }
    self.init(
      requests: Double(traffic.requests), errors: Double(errors),
      slices: traffic.history.map { .init(requests: Double($0.requests), errors: Double($0.errors)) },
      slice: DestinationTraffic.sliceLength, end: end, observedSince: observedSince)
  }

  private init(
    requests: Double, errors: Double, slices: [EdgeTraffic.Slice], slice: Duration, end: Timestamp,
    observedSince: Timestamp
  ) {
    self.requests = requests
    self.errors = errors
    self.slice = slice
    self.end = end
    let unknown = slices.indices.prefix { end - slice * (slices.count - $0 - 1) <= observedSince }.count
    self.slices = Array(slices.dropFirst(unknown))
  }

  /// What failed of what was sent, counted from a slice on.
  private func count(from first: Int) -> (requests: Double, errors: Double) {
    slices[first...].reduce((0, 0)) { ($0.0 + $1.requests, $0.1 + $1.errors) }
  }

  private func firstSlice(within span: Duration) -> Int {
    let many = slice > .zero ? Int((span.seconds / slice.seconds).rounded(.up)) : slices.count
    return max(0, slices.count - max(1, many))
  }

  /// Whether at least a part (0 to 1) of the requests surely failed: in the window, or of late.
  func surelyFails(atLeast part: Double, of least: Int) -> Bool {
    let counts = [(requests, errors)] + (slices.isEmpty ? [] : Self.short.map { count(from: firstSlice(within: $0)) })
    return counts.contains { requests, errors in
      guard requests >= Double(least), let seen = Seen(share: errors, of: requests) else { return false }
      return seen.low >= part
    }
  }

  /// Whether it still fails: by the last seconds alone, since a window goes on telling of what is over.
  func goesOn(above part: Double) -> Bool {
    guard !slices.isEmpty else { return requests > 0 && errors / requests > part }
    let late = count(from: firstSlice(within: Self.recent))
    return late.requests > 0 && late.errors / late.requests > part
  }

  /// The slice in which the trouble that goes on now began; slices without requests say nothing.
  func beginning(above part: Double) -> Int? {
    var first: Int?
    for place in slices.indices.reversed() where slices[place].requests > 0 {
      guard slices[place].errors / slices[place].requests > part else { break }
      first = place
    }
    return first
  }

  /// The trouble since it began, as a share with its interval, and whether it may be older than what was observed.
  func trouble(above part: Double) -> (since: Timestamp, isOlder: Bool, seen: Seen, errors: Double)? {
    guard let first = beginning(above: part) else {
      return Seen(share: errors, of: requests).map { (end - slice, false, $0, errors) }
    }
    let counted = count(from: first)
    guard let seen = Seen(share: counted.errors, of: counted.requests) else { return nil }
    return (end - slice * (slices.count - first), first == 0, seen, counted.errors)
  }

  /// Shares of errors, for a sparkline.
  var rates: [Double?] { slices.map { $0.requests > 0 ? min(1, $0.errors / $0.requests) : nil } }
}

extension Seen {
  /// Counts of a store are extrapolated and no whole numbers: they are rounded.
  init?(share hits: Double, of all: Double) {
    guard (0..<1e15).contains(all), abs(hits) < 1e15 else { return nil }
    let whole = Int(all.rounded())
    self.init(requests: min(max(0, Int(hits.rounded())), whole), of: whole)
  }
}
