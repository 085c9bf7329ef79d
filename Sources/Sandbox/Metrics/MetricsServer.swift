internal import Transport

/// Serves the metrics of all proxies at one place, each series with the `pod` and `namespace` that a scrape of the pod
/// itself would give it. Under Istio every pod's agent serves its own on this port.
enum MetricsServer {
  static let path = "/stats/prometheus"

  static func serve(
    at address: String, _ metrics: @escaping @Sendable () async -> MeshMetrics
  ) async throws(HTTPServerError) -> HTTPServer {
    try await HTTPServer.start(on: .tcp(host: address, port: IstioPort.mergedMetrics)) { request in
      guard request.method == "GET" || request.method == "HEAD" else {
        return .text("Method Not Allowed\n", status: 405)
      }
      guard "/" + request.path.joined(separator: "/") == path else { return .text("404 page not found\n", status: 404) }
      return HTTPServer.Response(
        headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
        body: .stream { write in try await metrics().write(write) })
    }
  }
}
