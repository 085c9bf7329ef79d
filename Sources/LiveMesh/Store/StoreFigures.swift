import MeshModel
import PrometheusAPI

/// A store's answers to all questions about one moment, and the edges that they tell of. What is `nil` could not be had.
struct StoreFigures: Sendable {
  let store: String
  let metrics: StoreMetrics
  /// The end of the history's first slice.
  let start: Timestamp
  let slice: Duration
  let slices: Int
  var requests: PrometheusAnswer?
  var latency: PrometheusAnswer?
  var volumes: PrometheusAnswer?
  /// By slices.
  var history: PrometheusAnswer?
  var latencyHistory: PrometheusAnswer?
  /// Of the window before this one.
  var before: PrometheusAnswer?
  var latencyBefore: PrometheusAnswer?
  /// What makes the figures doubtful.
  private(set) var remarks: [String] = []

  init(store: String, metrics: StoreMetrics, start: Timestamp, slice: Duration, slices: Int) {
    self.store = store
    self.metrics = metrics
    self.start = start
    self.slice = slice
    self.slices = slices
  }

  /// The answer, with what the store says against it noted.
  mutating func taken(
    _ result: Result<PrometheusAnswer?, PrometheusError>, _ what: String
  ) -> PrometheusAnswer? {
    switch result {
    case .failure(let error):
      remark("\(what) could not be had from \(store): \(error)")
      return nil
    case .success(let answer):
      for warning in answer?.warnings ?? [] { remark("\(store) warns: \(warning)") }
      if answer?.isPartial == true { remark("parts of \(store) do not answer: figures are too low") }
      return answer
    }
  }

  /// Each remark once.
  mutating func remark(_ words: String) {
    if !remarks.contains(words) { remarks.append(words) }
  }

  /// With how many slices their histories have.
  func edges(names: EdgeNames) -> (edges: [EdgeID: EdgeTraffic], slices: Int) {
    var names = names
    for sample in [requests, volumes, before].compactMap({ $0?.samples }).joined() where metrics == .istio {
      if let (workload, service) = IstioReport.backing(sample.labels) { names.learn(workload, behind: service) }
    }
    var now = tallies(names)
    count(volumes, into: &now, names)
    let earlier = earlier(names)
    let history = history(names)
    var edges: [EdgeID: EdgeTraffic] = [:]
    for (edge, tally) in now {
      guard var traffic = tally.traffic else { continue }
      traffic.before = earlier[edge]?.before
      let slices = history.tallies[edge]?.suffix(history.slices)
      traffic.history =
        slices?.map { $0.slice ?? Self.calm } ?? [EdgeTraffic.Slice](repeating: Self.calm, count: history.slices)
      edges[edge] = traffic
    }
    return (edges, history.slices)
  }

  private static let calm = EdgeTraffic.Slice(requests: 0, errors: 0)

  private func report(_ labels: PrometheusAnswer.Labels, _ names: EdgeNames, isTCP: Bool = false) -> EdgeReport? {
    switch metrics {
    case .istio: IstioReport.edge(labels, names: names, isTCP: isTCP)
    case .envoy: EnvoyReport.edge(labels, names: names)
    }
  }

  private func tallies(_ names: EdgeNames) -> [EdgeID: EdgeTally] {
    var tallies: [EdgeID: EdgeTally] = [:]
    for sample in requests?.samples ?? [] {
      guard let report = report(sample.labels, names) else { continue }
      tallies[report.edge, default: EdgeTally()].add(sample.point.value, report)
    }
    for sample in latency?.samples ?? [] {
      guard let part = StoreMetrics.LatencyPart(rawValue: sample.labels["figure"]),
        let report = report(sample.labels, names)
      else { continue }
      tallies[report.edge]?.add(part, milliseconds: sample.point.value, report.reporter)
    }
    return tallies
  }

  private func earlier(_ names: EdgeNames) -> [EdgeID: RequestTally] {
    var tallies: [EdgeID: RequestTally] = [:]
    for sample in before?.samples ?? [] {
      guard let report = report(sample.labels, names) else { continue }
      tallies[report.edge, default: RequestTally()].add(sample.point.value, report)
    }
    for sample in latencyBefore?.samples ?? [] {
      guard let report = report(sample.labels, names) else { continue }
      tallies[report.edge]?.add(p99: sample.point.value, report.reporter)
    }
    return tallies
  }

  private func count(_ volumes: PrometheusAnswer?, into tallies: inout [EdgeID: EdgeTally], _ names: EdgeNames) {
    for sample in volumes?.samples ?? [] {
      guard let volume = StoreMetrics.Volume(rawValue: sample.labels["figure"]),
        let report = report(sample.labels, names, isTCP: volume.isTCP)
      else { continue }
      let value = sample.point.value
      switch volume {
      case .connections: tallies[report.edge, default: EdgeTally()].add(value, report)
      case .requestBytes, .receivedBytes:
        tallies[report.edge, default: EdgeTally()].addBytes(sent: value, report.reporter)
      case .responseBytes, .sentBytes:
        tallies[report.edge, default: EdgeTally()].addBytes(received: value, report.reporter)
      }
    }
  }

  /// Each edge's slices, oldest first, and how many of the newest count: those after the last one of which the store
  /// knows nothing of anybody. Time without scrapes is not time without requests.
  private func history(_ names: EdgeNames) -> (tallies: [EdgeID: [RequestTally]], slices: Int) {
    var tallies: [EdgeID: [RequestTally]] = [:]
    var isKnown = [Bool](repeating: false, count: slices)
    let none = [RequestTally](repeating: RequestTally(), count: slices)
    for series in history?.series ?? [] {
      guard let report = report(series.labels, names) else { continue }
      for (place, value) in places(series) {
        isKnown[place] = true
        tallies[report.edge, default: none][place].add(value, report)
      }
    }
    for series in latencyHistory?.series ?? [] {
      guard let report = report(series.labels, names) else { continue }
      for (place, value) in places(series) { tallies[report.edge]?[place].add(p99: value, report.reporter) }
    }
    let hole = isKnown.lastIndex(of: false)
    return (tallies, slices - (hole.map { $0 + 1 } ?? 0))
  }

  private func places(_ series: PrometheusAnswer.Series) -> [(place: Int, value: Double)] {
    series.points.compactMap { point in
      let since = Timestamp(nanoseconds: point.time.milliseconds * 1_000_000) - start
      let place = (since.seconds / slice.seconds).rounded()
      return place >= 0 && place < Double(slices) ? (Int(place), point.value) : nil
    }
  }
}
