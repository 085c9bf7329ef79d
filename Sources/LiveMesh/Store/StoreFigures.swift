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
    var now = tallies(requests, latency, names)
    count(volumes, into: &now, names)
    let earlier = tallies(before, latencyBefore, names)
    let history = history(names)
    var edges: [EdgeID: EdgeTraffic] = [:]
    for (edge, tally) in now {
      guard var traffic = tally.traffic else { continue }
      traffic.before = earlier[edge]?.before
      traffic.history = history.map { $0[edge]?.slice ?? EdgeTraffic.Slice(requests: 0, errors: 0) }
      edges[edge] = traffic
    }
    return (edges, history.count)
  }

  private func report(_ labels: PrometheusAnswer.Labels, _ names: EdgeNames, isTCP: Bool = false) -> EdgeReport? {
    switch metrics {
    case .istio: IstioReport.edge(labels, names: names, isTCP: isTCP)
    case .envoy: EnvoyReport.edge(labels, names: names)
    }
  }

  private func tallies(
    _ requests: PrometheusAnswer?, _ latency: PrometheusAnswer?, _ names: EdgeNames
  ) -> [EdgeID: EdgeTally] {
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

  /// By slice, oldest first, from the first one after which the store knows something of every slice: time without
  /// scrapes is not time without requests.
  private func history(_ names: EdgeNames) -> [[EdgeID: EdgeTally]] {
    var tallies = [[EdgeID: EdgeTally]](repeating: [:], count: slices)
    for (place, value, report) in slices(of: history, names) {
      tallies[place][report.edge, default: EdgeTally()].add(value, report)
    }
    for (place, value, report) in slices(of: latencyHistory, names) {
      tallies[place][report.edge]?.add(.p99, milliseconds: value, report.reporter)
    }
    let hole = tallies.lastIndex { $0.isEmpty }
    return Array(tallies.dropFirst(hole.map { $0 + 1 } ?? 0))
  }

  private func slices(
    of answer: PrometheusAnswer?, _ names: EdgeNames
  ) -> [(place: Int, value: Double, report: EdgeReport)] {
    (answer?.series ?? []).flatMap { series -> [(place: Int, value: Double, report: EdgeReport)] in
      guard let report = report(series.labels, names) else { return [] }
      return series.points.compactMap { point in
        let since = Timestamp(nanoseconds: point.time.milliseconds * 1_000_000) - start
        let place = (since.seconds / slice.seconds).rounded()
        return place >= 0 && place < Double(slices) ? (Int(place), point.value, report) : nil
      }
    }
  }
}
