import MeshModel
import PrometheusAPI

/// Which family of metrics a store has of the mesh, and the queries over them. Each asks for one kind of figure of all
/// edges of a scope at once: their number does not depend on the number of namespaces.
enum StoreMetrics: String, Sendable, CaseIterable {
  /// Istio's standard metrics: who sent what to whom, as both ends report it.
  case istio
  /// Envoy's own counters of clusters: what each proxy sent where, without flags and security.
  case envoy

  /// Counts requests by their answer.
  var requests: String {
    switch self {
    case .istio: "istio_requests_total"
    case .envoy: "envoy_cluster_upstream_rq"
    }
  }

  private var latency: String {
    switch self {
    case .istio: "istio_request_duration_milliseconds_bucket"
    case .envoy: "envoy_cluster_upstream_rq_time_bucket"
    }
  }

  /// What tells one edge, and one end that reports it, from another.
  private var edgeLabels: [String] {
    switch self {
    case .istio: IstioReport.edgeLabels
    case .envoy: EnvoyReport.edgeLabels
    }
  }

  private var answerLabels: [String] {
    switch self {
    case .istio: IstioReport.answerLabels
    case .envoy: EnvoyReport.answerLabels
    }
  }

  /// What any of these select together; each is a list of conditions that hold at once.
  private func selectors(_ scope: Scope) -> [[LabelMatcher]] {
    switch (self, scope) {
    case (_, .allNamespaces): [[]]
    case (.istio, .namespace(let name)): IstioReport.selectors(name)
    case (.envoy, .namespace(let name)): EnvoyReport.selectors(name)
    }
  }

  /// The increase of a counter, summed by labels. A series that several selectors take counts once: so `or` works.
  private func increase(
    of metric: String, over window: Duration, by labels: [String], selecting selectors: [[LabelMatcher]]
  ) -> String {
    let parts = selectors.map { "increase(\(metric)\($0.selector)[\(window.promQL)])" }
    return "sum by (\(labels.joined(separator: ","))) (\(parts.joined(separator: " or ")))"
  }

  /// Requests by edge, reporter and answer.
  func requestCounts(over window: Duration, in scope: Scope) -> String {
    var selectors = selectors(scope)
    if self == .envoy {
      selectors = selectors.flatMap { selector in EnvoyReport.counted.map { selector + $0 } }
    }
    return increase(of: requests, over: window, by: edgeLabels + answerLabels, selecting: selectors)
  }

  /// Within how many milliseconds these parts of the requests were answered, by edge and reporter, each part marked by
  /// the label `figure`. The store computes them: all buckets of a mesh of a thousand services are 25 MB of text.
  func latencies(_ parts: [LatencyPart], over window: Duration, in scope: Scope) -> String {
    let counts = increase(of: latency, over: window, by: edgeLabels + ["le"], selecting: selectors(scope))
    return parts.map { Self.marked("histogram_quantile(\($0.rawValue),\(counts))", $0.rawValue) }
      .joined(separator: " or ")
  }

  enum LatencyPart: String, CaseIterable, Sendable {
    case p50 = "0.5", p95 = "0.95", p99 = "0.99"
  }

  /// Bytes and connections, by edge and reporter, each kind marked by the label `figure`. `nil` where there are none.
  func volumes(over window: Duration, in scope: Scope) -> String? {
    guard self == .istio else { return nil }
    return Volume.allCases.map { volume in
      let labels = edgeLabels + (volume == .connections ? answerLabels : [])
      let counted = increase(of: volume.metric, over: window, by: labels, selecting: selectors(scope))
      return Self.marked(counted, volume.rawValue)
    }.joined(separator: " or ")
  }

  /// What else is counted of an edge. Istio calls "sent" what goes back to the caller (istio/istio#32399).
  enum Volume: String, CaseIterable {
    case requestBytes, responseBytes, receivedBytes, sentBytes, connections

    var metric: String {
      switch self {
      case .requestBytes: "istio_request_bytes_sum"
      case .responseBytes: "istio_response_bytes_sum"
      case .receivedBytes: "istio_tcp_received_bytes_total"
      case .sentBytes: "istio_tcp_sent_bytes_total"
      case .connections: "istio_tcp_connections_opened_total"
      }
    }

    var isTCP: Bool { self != .requestBytes && self != .responseBytes }
  }

  /// When each family was scraped last, marked by the label `figure`: a family that the store does not have is not in
  /// the answer.
  static var newest: String {
    [(istio, istio.requests), (istio, Volume.connections.metric), (envoy, envoy.requests)].map { family, metric in
      marked("max(timestamp(\(metric)))", family.rawValue + " " + metric)
    }.joined(separator: " or ")
  }

  private static func marked(_ expression: String, _ figure: String) -> String {
    #"label_replace(\#(expression),"figure","\#(figure)","","")"#
  }
}

extension Duration {
  /// In whole milliseconds, as PromQL writes it.
  var promQL: String { "\(max(1, nanoseconds / 1_000_000))ms" }
}
