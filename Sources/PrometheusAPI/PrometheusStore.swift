internal import JSON
public import Transport

/// A Prometheus-compatible store's query API (Prometheus, Thanos, Mimir, VictoriaMetrics). Every call is one request.
public struct PrometheusStore: Sendable {
  /// The largest answer that is read.
  public static let limit = 64 << 20

  /// Its path is what stands before `/api/v1`: `/prometheus`, for one.
  public let endpoint: Endpoint
  private let client: any HTTPClient
  private let method: HTTPRequest.Method
  private let authorization: String?
  /// How long one answer may take.
  private let deadline: Duration
  private let limit: Int

  /// - Parameters:
  ///   - method: POST lets queries be of any length; GET is what a proxy that guards against writes lets through.
  ///   - authorization: the header field's whole value. Shown to nobody but the store.
  public init(
    _ endpoint: Endpoint, over client: any HTTPClient, method: HTTPRequest.Method = .post, authorization: String? = nil,
    deadline: Duration = .seconds(10), limit: Int = PrometheusStore.limit
  ) {
    self.endpoint = endpoint
    self.client = client
    self.method = method
    self.authorization = authorization
    self.deadline = deadline
    self.limit = limit
  }

  public func answer(_ query: PrometheusQuery) async throws(PrometheusError) -> PrometheusAnswer {
    var query = query
    // Nobody waits for what is computed after the deadline.
    query.timeout = query.timeout ?? deadline
    var headers: HTTPHeaders = [:]
    headers["Authorization"] = authorization
    let request = query.request(method, to: endpoint, headers: headers, deadline: deadline)
    let status: Int
    let body: [UInt8]
    do throws(TransportError) {
      let response = try await client.send(request)
      status = response.status
      body = try await response.body.collect(upTo: limit)
    } catch {
      throw .transport(error)
    }
    guard (200..<300).contains(status) else {
      throw PrometheusError(status: status, path: endpoint.basePath + query.path, body: body)
    }
    return try read(body, path: query.path)
  }

  private func read(_ body: [UInt8], path: String) throws(PrometheusError) -> PrometheusAnswer {
    guard !body.isEmpty else { throw .notPrometheus(reason: "its answer is empty") }
    guard !PrometheusError.isHTML(body) else { throw .notPrometheus(reason: "it sends HTML, as a login page does") }
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: body) } catch {
      throw .notPrometheus(reason: error.description)
    }
    if json["status"]?.string == "error" { throw PrometheusError(status: 200, path: path, body: body) }
    guard let answer = PrometheusAnswer(json) else {
      throw .notPrometheus(reason: "its JSON has no status and result")
    }
    return answer
  }
}
