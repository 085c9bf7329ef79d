import Glibc
import PrometheusAPI
import Testing
import Transport

@Suite struct AnswerTests {
  func answer(_ body: String) async throws(PrometheusError) -> PrometheusAnswer {
    try await PrometheusStore(Endpoint(host: "store"), over: ScriptedClient(200, body)).answer(PrometheusQuery("up"))
  }

  @Test func aVectorHasLabelsAndValues() async throws {
    let answer = try await answer(
      """
      {"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"__name__":"up","pod":"a\\u0000\\"b"},"value":[1795395223.937,"62"]},
        {"metric":{},"value":[1795395223,"NaN"]},{"metric":{},"value":[1795395223,"+Inf"]},
        {"metric":{},"value":[1795395223,"-Inf"]},{"metric":{},"value":[1795395223,"1e-3"]}]}}
      """)
    #expect(answer.samples.count == 5)
    #expect(answer.samples[0].labels["pod"] == "a\0\"b" && answer.samples[0].labels["other"] == "")
    #expect(answer.samples[0].labels.all == ["__name__": "up", "pod": "a\0\"b"])
    #expect(answer.samples[0].point.time == PrometheusTime(milliseconds: 1_795_395_223_937))
    #expect(answer.samples[1].point.value.isNaN)
    #expect(answer.samples.dropFirst(2).map(\.point.value) == [.infinity, -.infinity, 0.001])
    #expect(answer.series.isEmpty && answer.warnings.isEmpty && !answer.isPartial)
  }

  @Test func anEmptyVectorIsAnAnswer() async throws {
    let answer = try await answer(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    guard case .vector(let samples) = answer.result else { return #expect(Bool(false), "a vector") }
    #expect(samples.isEmpty)
  }

  @Test func aMatrixHasPointsInOrder() async throws {
    let answer = try await answer(
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"2"],[3.5,"4"]]}]}}"#
    )
    #expect(answer.series.map(\.labels.all) == [["a": "b"]])
    #expect(answer.series[0].points.map(\.time.milliseconds) == [1000, 3500])
    #expect(answer.series[0].points.map(\.value) == [2, 4])
    #expect(answer.samples.isEmpty)
  }

  @Test func scalarsAndStringsAreAnswers() async throws {
    let scalar = try await answer(#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"7"]}}"#)
    guard case .scalar(let point) = scalar.result else { return #expect(Bool(false), "a scalar") }
    #expect(point.value == 7 && point.time.milliseconds == 1500)
    let string = try await answer(#"{"status":"success","data":{"resultType":"string","result":[1.5,"hello"]}}"#)
    guard case .string(let text) = string.result else { return #expect(Bool(false), "a string") }
    #expect(text == "hello")
  }

  @Test func whatMakesItDoubtfulIsKept() async throws {
    let warning = "no store API of \\u001b[31mreplica 1\\nanswers"
    let many = Array(repeating: "\"\(warning)\"", count: 50).joined(separator: ",")
    let answer = try await answer(
      """
      {"status":"success","isPartial":true,"warnings":[\(many)],"infos":["metric might not be a counter", 4],
       "data":{"resultType":"vector","result":[]}}
      """)
    #expect(answer.warnings == Array(repeating: "no store API of [31mreplica 1", count: 8))
    #expect(answer.infos == ["metric might not be a counter"])
    #expect(answer.isPartial)
  }

  @Test func whatIsNoPointIsPassedOver() async throws {
    let answer = try await answer(
      """
      {"status":"success","data":{"resultType":"vector","result":[
        {"metric":{},"value":[1e300,"1"]},{"metric":{},"value":["x","1"]},{"metric":{},"value":[1]},{"metric":{}},
        {"metric":{},"histogram":[1,{"count":"3"}]},{"metric":{},"value":[1,"many"]},{"metric":[],"value":[1,"1"]},7]}}
      """)
    #expect(answer.samples.map(\.point.value) == [1])
    #expect(answer.samples[0].labels.all.isEmpty)
  }

  @Test(arguments: [
    (200, "", PrometheusError.notPrometheus(reason: "its answer is empty")),
    (200, " <!DOCTYPE html><title>Sign in", .notPrometheus(reason: "it sends HTML, as a login page does")),
    (200, "{}", .notPrometheus(reason: "its JSON has no status and result")),
    (200, "[]", .notPrometheus(reason: "its JSON has no status and result")),
    (200, #"{"status":"success"}"#, .notPrometheus(reason: "its JSON has no status and result")),
    (
      200, #"{"status":"success","data":{"resultType":"tensor","result":[]}}"#,
      .notPrometheus(reason: "its JSON has no status and result")
    ),
    (200, #"{"status":"error","errorType":"bad_data","error":"no"}"#, .badQuery(reason: "no")),
    (200, #"{"status":"error","errorType":"timeout","error":"query timed out"}"#, .gaveUp(reason: "query timed out")),
    (400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, .badQuery(reason: "parse error")),
    (422, #"{"status":"error","errorType":"execution","error":"too many"}"#, .notComputable(reason: "too many")),
    (503, #"{"status":"error","errorType":"timeout","error":"query timed out"}"#, .gaveUp(reason: "query timed out")),
    (503, "no healthy upstream", .gaveUp(reason: "no healthy upstream")),
    (502, "<html>Bad Gateway", .refused(status: 502, reason: "HTML")),
    (500, "\u{1B}]0;x\u{7}\n", .refused(status: 500, reason: "]0;x")),
    (401, "", .unauthenticated),
    (
      403, #"{"kind":"Status","message":"services \"prometheus\" is forbidden","code":403}"#,
      .forbidden(reason: #"services "prometheus" is forbidden"#)
    ),
    (404, "404 page not found", .notFound(path: "/x/api/v1/query")),
    (429, "", .throttled),
    (302, "", .notPrometheus(reason: "it redirects elsewhere (302), as to a login page")),
  ])
  func failuresSayWhatHappened(_ status: Int, _ body: String, _ expected: PrometheusError) async {
    let store = PrometheusStore(Endpoint(host: "store", basePath: "/x"), over: ScriptedClient(status, body))
    let error = await #expect(throws: PrometheusError.self) { try await store.answer(PrometheusQuery("up")) }
    #expect(error == expected)
    #expect(error?.description.contains { $0.isNewline } == false)
  }

  @Test func whatIsNoJSONIsNoPrometheus() async {
    let error = await #expect(throws: PrometheusError.self) { try await answer("hello") }
    guard case .notPrometheus(let reason) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(reason.hasPrefix("not JSON"))
  }

  @Test func anAnswerHasABound() async {
    let client = ScriptedClient(200, String(repeating: " ", count: 2 << 20))
    let store = PrometheusStore(Endpoint(host: "store"), over: client, limit: 1 << 20)
    let error = await #expect(throws: PrometheusError.self) { try await store.answer(PrometheusQuery("up")) }
    #expect(error == .transport(.tooLarge(limit: 1 << 20)))
    #expect(error?.description == "its answer is larger than 1 MB; look at one namespace instead of all")
  }

  @Test func theLoginIsShownToTheStoreAlone() async throws {
    let client = ScriptedClient(401, "")
    let store = PrometheusStore(Endpoint(host: "store"), over: client, authorization: "Basic c2VjcmV0")
    let error = await #expect(throws: PrometheusError.self) { try await store.answer(PrometheusQuery("up")) }
    #expect(client.requests.first?.headers["Authorization"] == "Basic c2VjcmV0")
    #expect("\(String(describing: error))".contains("c2VjcmV0") == false)
  }

  @Test(
    .enabled(if: Recordings.folder != nil, "MESHDECK_RECORDINGS is not set"),
    arguments: [
      ("err", 0, 0), ("names", 39, 0), ("p99", 6, 0), ("range", 0, 1), ("rps", 6, 0), ("split", 3, 0), ("up", 7, 0),
    ])
  func recordings(_ name: String, samples: Int, series: Int) async throws {
    let answer = try await answer(String(decoding: try Recordings.bytes("prometheus/\(name).json"), as: UTF8.self))
    #expect(answer.samples.count == samples && answer.series.count == series)
    #expect(answer.samples.allSatisfy { $0.point.value.isFinite && $0.point.time.milliseconds > 1_795_000_000_000 })
  }
}

/// Answers of real servers, in the folder that MESHDECK_RECORDINGS names.
enum Recordings {
  static let folder = getenv("MESHDECK_RECORDINGS").map { String(cString: $0) }

  static func bytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen((folder ?? "") + "/" + path, "r"), "\(path) is not there")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }
}
