import JSON
import MeshModel
import PrometheusAPI
import Synchronization
import Transport

@testable import LiveMesh

/// A metrics store in memory: it answers each kind of question with the rows that a test gives it.
struct ScriptedStore: Sendable {
  typealias Row = (labels: [String: String], value: String)

  enum Question: Hashable, Sendable {
    case newest, busiest, raw, requests, before, latency, latencyBefore, volumes, history, latencyHistory
  }

  static let end: Int64 = 1_795_395_223
  /// When it was scraped last.
  var newest = end
  /// Seconds between scrapes.
  var interval = 1
  /// By how much every other scrape is late, in seconds.
  var jitter = 0.02
  var figure = "istio istio_requests_total"
  var rows: [Question: [Row]] = [:]
  /// Points of the history by their place: 11 is the newest slice.
  var history: [(labels: [String: String], points: [Int: Double])] = []
  var latencyHistory: [(labels: [String: String], points: [Int: Double])] = []
  var failures: [Question: ScriptedClient.Answer] = [:]
  var extra = ""

  func client() -> ScriptedClient { ScriptedClient { answer($0) } }

  func edges(_ client: ScriptedClient, clock: MeshClock = HandClock().clock) -> StoreEdges {
    StoreEdges(PrometheusStore(Endpoint(host: "store"), over: client), name: "store", clock: clock)
  }

  func sample(
    in scope: Scope = .allNamespaces, over window: Duration = .seconds(60), names: EdgeNames = EdgeNames()
  ) async throws -> EdgeSample? {
    try await edges(client()).sample(in: scope, over: window, names: names)
  }

  static func question(_ request: HTTPRequest) -> (question: Question, parameters: [String: String]) {
    let form = String(decoding: request.body ?? [], as: UTF8.self)
    let pairs = form.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
    let parameters = Dictionary(pairs.map { (String($0[0]), decoded($0.count > 1 ? $0[1] : "")) }) { $1 }
    let query = parameters["query"] ?? ""
    let isNow = parameters["time"]?.hasPrefix("\(end).") ?? true
    let question: Question =
      if request.target.hasSuffix("query_range") {
        query.contains("_bucket") ? .latencyHistory : .history
      } else if query.contains("timestamp(") {
        .newest
      } else if query.hasPrefix("topk") {
        .busiest
      } else if query.hasSuffix("[5m]") {
        .raw
      } else if query.contains("_bucket") {
        isNow ? .latency : .latencyBefore
      } else if query.contains("label_replace") {
        .volumes
      } else {
        isNow ? .requests : .before
      }
    return (question, parameters)
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func answer(_ request: HTTPRequest) -> ScriptedClient.Answer {
    let (question, parameters) = Self.question(request)
    if let failure = failures[question] { return failure }
    switch question {
    case .newest: return vector([(["figure": figure], "\(newest)")])
    case .busiest: return vector(rows[.busiest] ?? [(["__name__": "istio_requests_total", "pod": "p"], "9")])
    case .raw:
      return matrix([
        (["pod": "p"], (0...9).map { (Double(Self.end - 9) + Double($0 * interval) + jitter * Double($0 % 2), 1) })
      ])
    case .history, .latencyHistory:
      guard let end = parameters["end"].flatMap(Double.init), let step = parameters["step"].flatMap(Double.init)
      else { return .status(400, "") }
      return matrix(
        (question == .history ? history : latencyHistory).map { series in
          (series.labels, series.points.sorted { $0.key < $1.key }.map { (end - Double(11 - $0.key) * step, $0.value) })
        })
    default: return vector(rows[question] ?? [])
    }
  }

  private func vector(_ rows: [Row]) -> ScriptedClient.Answer {
    let result = rows.map { row in
      "{\"metric\":\(object(row.labels)),\"value\":[\(Self.end),\"\(row.value)\"]}"
    }
    return success("vector", result)
  }

  private func matrix(_ rows: [(labels: [String: String], points: [(Double, Double)])]) -> ScriptedClient.Answer {
    let result = rows.map { row in
      let values = row.points.map { "[\($0.0),\"\($0.1)\"]" }.joined(separator: ",")
      return "{\"metric\":\(object(row.labels)),\"values\":[\(values)]}"
    }
    return success("matrix", result)
  }

  private func success(_ type: String, _ result: [String]) -> ScriptedClient.Answer {
    .status(
      200,
      "{\"status\":\"success\"\(extra),\"data\":{\"resultType\":\"\(type)\",\"result\":[\(result.joined(separator: ","))]}}"
    )
  }

  private func object(_ labels: [String: String]) -> String {
    JSONValue.object(JSONObject(labels.map { ($0.key, .string($0.value)) })).text()
  }
}

/// The labels of one of Istio's series.
func istio(
  _ reporter: String, from source: String = "productpage", to destination: String? = "reviews", version: String? = "v1",
  code: String = "200", flags: String = "-", grpc: String? = nil, security: String? = nil,
  _ more: [String: String] = [:]
) -> [String: String] {
  var labels = [
    "reporter": reporter, "source_workload": "\(source)-v1", "source_workload_namespace": "bookinfo",
    "source_canonical_service": source, "source_canonical_revision": "v1", "request_protocol": "http",
    "response_code": code, "response_flags": flags,
    "connection_security_policy": security ?? (reporter == "source" ? "unknown" : "mutual_tls"),
  ]
  if let destination {
    labels["destination_service"] = "\(destination).bookinfo.svc.cluster.local"
    labels["destination_service_name"] = destination
    labels["destination_service_namespace"] = "bookinfo"
    labels["destination_workload"] = version.map { "\(destination)-\($0)" } ?? "unknown"
    labels["destination_workload_namespace"] = version == nil ? "unknown" : "bookinfo"
    labels["destination_canonical_service"] = version == nil ? "unknown" : destination
    labels["destination_canonical_revision"] = version ?? "latest"
  }
  if let grpc {
    labels["request_protocol"] = "grpc"
    labels["grpc_response_status"] = grpc
  }
  return labels.merging(more) { $1 }
}

func node(_ name: String, _ version: String? = "v1") -> MeshNode {
  MeshNode(.service, namespace: "bookinfo", name: name, version: version)
}
