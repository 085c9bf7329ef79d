import MeshModel
import PrometheusAPI
import Synchronization

/// Who sent what to whom, from a metrics store: a few queries for a whole scope, however many namespaces it has.
///
/// Figures are of the moment at which the store's newest data was scraped, never of the moment of asking: a store whose
/// scrapes have stopped shows its age.
final class StoreEdges: Sendable {
  /// What a person knows the store by.
  let name: String
  private let store: PrometheusStore
  private let clock: MeshClock
  private let rhythm = Mutex<Rhythm?>(nil)
  private let kept = Mutex<[Asking: Kept]>([:])
  private let cost = Mutex<Duration>(.zero)

  /// How often the store scrapes, and when that was found out.
  private struct Rhythm {
    var metrics: StoreMetrics
    var interval: Duration
    var asked: Timestamp
  }

  private enum Question { case latency, volumes, before, latencyBefore, history, latencyHistory }

  private struct Asking: Hashable {
    let question: Question
    let expression: String
  }

  private struct Kept {
    let result: Result<PrometheusAnswer?, PrometheusError>
    let end: Timestamp
    let took: Duration
  }

  /// How long to leave the store alone before requests are asked for again. It computes for others, too: at most a
  /// twentieth of its time goes into one question.
  var pause: Duration { cost.withLock { $0 } * Self.rest }

  private static let rest = 20
  private static let oldLatency: Duration = .seconds(5)
  private static let mostKept = 24
  static let slices = 24
  private static let shortestSlice: Duration = .seconds(5)
  /// As Istio's own example of a Prometheus has it, where the series themselves do not tell.
  private static let usualInterval: Duration = .seconds(15)
  /// Beyond this a store takes a series for ended.
  private static let longestInterval: Duration = .seconds(300)
  /// A rate needs two scrapes; four leave room for one that is missed.
  private static let scrapesPerWindow = 4
  private static let rhythmAge: Duration = .seconds(60)

  init(_ store: PrometheusStore, name: String, clock: MeshClock) {
    self.store = store
    self.name = name
    self.clock = clock
  }

  /// - Parameters:
  ///   - moment: the past moment that the window ends at; `nil` is the newest data.
  ///   - latency: whether percentiles are asked for, which are hard work for a store.
  ///   - newest: the end of a sample that is known already: where the store has nothing newer, `nil` is given.
  func sample(
    in scope: Scope, over window: Duration, at moment: Timestamp? = nil, names: EdgeNames = EdgeNames(),
    withLatency latency: Bool = true, newerThan newest: Timestamp? = nil
  ) async throws(StoreFailure) -> EdgeSample? {
    let (metrics, end) = try await newestData(at: moment)
    if let newest, end <= newest { return nil }
    let interval = await interval(of: metrics, at: moment, end: end)
    let usable = interval * Self.scrapesPerWindow
    let covered = max(window, usable)
    // The history goes back over the window before, too.
    let slice = max(Self.shortestSlice, usable, covered * 2 / Self.slices)
    let figures = try await figures(
      metrics, in: scope, over: covered, slice: slice, until: end, withLatency: latency)

    var remarks: [String] = []
    if covered > window {
      remarks.append(
        "\(name) scrapes every \(interval.words): figures cover \(covered.words), not \(window.words)")
    }
    if metrics == .envoy {
      remarks.append(
        "\(name) has no istio_requests_total: Envoy's counters tell neither security, nor flags, nor callers without a "
          + "proxy")
    }
    let (edges, slices) = figures.edges(names: names)
    // Where the history is cut, nothing was scraped before: a rate over the whole window would be too low.
    let observed = slices > 0 && slices < Self.slices ? slice * slices : max(covered, slice * slices)
    return EdgeSample(
      end: end, observedSince: end - observed, window: min(covered, observed), slice: slice,
      source: .store(name: name), remarks: remarks + figures.remarks, edges: edges)
  }

  /// When the store's newest data of the mesh was scraped, and of which family it is.
  private func newestData(at moment: Timestamp?) async throws(StoreFailure) -> (StoreMetrics, Timestamp) {
    let answer = try await answer(StoreMetrics.newest, at: moment)
    for metrics in StoreMetrics.allCases {
      let times = answer.samples.filter { $0.labels["figure"].hasPrefix(metrics.rawValue) }.compactMap {
        Timestamp(storeSeconds: $0.point.value)
      }
      if let newest = times.max() { return (metrics, moment.map { min($0, newest) } ?? newest) }
    }
    throw .lacksMetrics(store: name, at: moment)
  }

  /// How often the mesh is scraped, by the samples of its busiest series. Asked again once a minute.
  private func interval(of metrics: StoreMetrics, at moment: Timestamp?, end: Timestamp) async -> Duration {
    let known = rhythm.withLock { $0 }
    if moment == nil, let known, known.metrics == metrics, clock.now() - known.asked < Self.rhythmAge {
      return known.interval
    }
    // What cannot be found out is no failure: the figures are asked for all the same.
    guard let busiest = try? await answer("topk(1,\(metrics.requests))", at: end).samples.first else {
      return known?.interval ?? Self.usualInterval
    }
    let labels = busiest.labels.all.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
    let selector = labels.map { LabelMatcher($0.key, .equal, $0.value) }.selector
    guard let samples = try? await answer("\(metrics.requests)\(selector)[5m]", at: end).series.first else {
      return known?.interval ?? Self.usualInterval
    }
    let times = samples.points.map(\.time.milliseconds)
    let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
    guard !gaps.isEmpty else { return known?.interval ?? Self.usualInterval }
    // Scrapes come a little early or late, intervals are whole seconds.
    let gap = gaps[gaps.count / 2]
    let interval = min(.milliseconds(gap < 1000 ? gap : (gap + 500) / 1000 * 1000), Self.longestInterval)
    rhythm.withLock { $0 = Rhythm(metrics: metrics, interval: interval, asked: clock.now()) }
    return interval
  }

  /// All figures at once. Requests are what matters: of the others, those that could not be had are missing, and said
  /// to be.
  private func figures(
    _ metrics: StoreMetrics, in scope: Scope, over window: Duration, slice: Duration, until end: Timestamp,
    withLatency: Bool
  ) async throws(StoreFailure) -> StoreFigures {
    let requests = metrics.requestCounts(over: window, in: scope)
    func latencies(_ parts: [StoreMetrics.LatencyPart], over span: Duration) -> String? {
      withLatency ? metrics.latencies(parts, over: span, in: scope) : nil
    }
    let latency = latencies(StoreMetrics.LatencyPart.allCases, over: window)
    let slowest = latencies([.p99], over: window)
    let slowestOfSlices = latencies([.p99], over: slice)
    let start = end - slice * (Self.slices - 1)
    let now = PrometheusQuery.Span.instant(end.store)
    let earlier = PrometheusQuery.Span.instant((end - window).store)
    let slices = PrometheusQuery.Span.range(from: start.store, to: end.store, step: slice)
    async let latencyNow = result(.latency, latency, now, end)
    async let volumes = result(.volumes, metrics.volumes(over: window, in: scope), now, end)
    async let before = result(.before, requests, earlier, end)
    async let latencyBefore = result(.latencyBefore, slowest, earlier, end)
    async let history = result(.history, metrics.requestCounts(over: slice, in: scope), slices, end)
    async let latencyHistory = result(.latencyHistory, slowestOfSlices, slices, end)

    let began = clock.now()
    let answer = try await answer(requests, at: end)
    cost.withLock { $0 = clock.now() - began }
    var figures = StoreFigures(store: name, metrics: metrics, start: start, slice: slice, slices: Self.slices)
    figures.requests = figures.taken(.success(answer), "requests")
    figures.latency = figures.taken(await latencyNow, "latency")
    let latencyEnd = latency.flatMap { question in
      kept.withLock { $0[Asking(question: .latency, expression: question)]?.end }
    }
    if let latencyEnd, end - latencyEnd >= Self.oldLatency {
      figures.remark("percentiles are \((end - latencyEnd).words) older than the rest: they are hard work for \(name)")
    }
    figures.volumes = figures.taken(await volumes, "bytes and connections")
    figures.before = figures.taken(await before, "the window before")
    figures.latencyBefore = figures.taken(await latencyBefore, "the latency before")
    figures.history = figures.taken(await history, "the history")
    figures.latencyHistory = figures.taken(await latencyHistory, "the history of latency")
    return figures
  }

  /// A question besides the one for requests. One that is hard work for the store is asked again only after twenty times
  /// as long as it took; until then its last answer stands, be it that there was none.
  private func result(
    _ question: Question, _ expression: String?, _ span: PrometheusQuery.Span, _ end: Timestamp
  ) async -> Result<PrometheusAnswer?, PrometheusError> {
    guard let expression else { return .success(nil) }
    let key = Asking(question: question, expression: expression)
    if let known = kept.withLock({ $0[key] }), known.end <= end, end - known.end < known.took * Self.rest {
      return known.result
    }
    let began = clock.now()
    let result: Result<PrometheusAnswer?, PrometheusError>
    do throws(PrometheusError) {
      result = .success(try await store.answer(PrometheusQuery(expression, span)))
    } catch {
      result = .failure(error)
    }
    // That nobody waited for an answer is no answer.
    guard !Task.isCancelled else { return result }
    let answer = Kept(result: result, end: end, took: clock.now() - began)
    kept.withLock { kept in
      kept[key] = nil
      // What is asked again at the usual pace need not be held.
      guard answer.took * Self.rest > .seconds(1) else { return }
      if kept.count >= Self.mostKept { kept = [:] }
      kept[key] = answer
    }
    return result
  }

  private func answer(_ expression: String, at moment: Timestamp?) async throws(StoreFailure) -> PrometheusAnswer {
    do throws(PrometheusError) {
      return try await store.answer(PrometheusQuery(expression, .instant(moment?.store)))
    } catch {
      throw .refused(store: name, error)
    }
  }
}

extension Timestamp {
  /// To the millisecond below.
  fileprivate var store: PrometheusTime { PrometheusTime(milliseconds: nanoseconds / 1_000_000) }

  /// `nil` for what is no time of this age of the world.
  fileprivate init?(storeSeconds seconds: Double) {
    guard seconds > 0, seconds < 9e9 else { return nil }
    self.init(nanoseconds: Int64((seconds * 1000).rounded()) * 1_000_000)
  }
}

extension Duration {
  /// `15 s`, `1 m`, `90 s`, to the second where it is longer than one.
  fileprivate var words: String {
    let (seconds, attoseconds) = components
    if seconds == 0 { return "\(attoseconds / 1_000_000_000_000_000) ms" }
    return seconds % 60 == 0 ? "\(seconds / 60) m" : "\(seconds) s"
  }
}
