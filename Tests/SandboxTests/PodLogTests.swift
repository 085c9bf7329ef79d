internal import Glibc
internal import JSON
internal import Testing

@testable import Sandbox

/// One file for every container.
struct OneLog: LogSource {
  let file: LogFile

  func logFile(ofContainer container: String, inPod pod: String, namespace: String) async -> String? { file.path }
}

/// A file of its own in the folder for temporary ones, gone at the end.
final class LogFile: Sendable {
  let path: String

  init(_ text: String = "") throws {
    var template = Array("/tmp/meshdeck-test-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw RawClientError(call: "mkstemp", number: errno) }
    close(file)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    append(text)
  }

  deinit {
    unlink(path)
    unlink(path + ".1")
  }

  func append(_ text: String) {
    guard let file = fopen(path, "a") else { return }
    fputs(text, file)
    fclose(file)
  }

  func rotate() { rename(path, path + ".1") }
}

@Suite struct PodLogTests {
  private func cluster(_ file: LogFile) throws -> TestCluster {
    let cluster = try TestCluster(logs: OneLog(file: file))
    try cluster.put(
      .pods,
      [
        "metadata": ["name": "p", "namespace": "bookinfo"],
        "spec": [
          "containers": [["name": "app"]], "initContainers": [["name": "istio-proxy", "restartPolicy": "Always"]],
        ],
      ])
    return cluster
  }

  private func log(_ cluster: TestCluster, _ query: String) async throws -> String {
    let target = "/api/v1/namespaces/bookinfo/pods/p/log?\(query)"
    let response = await cluster.handler.answer(.init(method: "GET", target: target))
    switch response.body {
    case .whole(let bytes): return "\(response.status) " + String(decoding: bytes, as: UTF8.self)
    case .stream(let produce):
      let (chunks, sink) = AsyncStream<[UInt8]>.makeStream()
      try await produce { sink.yield($0) }
      sink.finish()
      return String(decoding: await chunks.reduce(into: [UInt8]()) { $0 += $1 }, as: UTF8.self)
    }
  }

  private static let lines = (1...5).map { "[2026-11-23T01:00:0\($0).120Z] \"GET /\($0)\"\n" }

  @Test(arguments: [
    ("", 0..<5), ("tailLines=2", 3..<5), ("tailLines=0", 5..<5), ("tailLines=99", 0..<5),
    ("sinceTime=2026-11-23T01:00:04Z", 3..<5), ("sinceTime=2026-11-23T02:00:04%2B01:00&tailLines=1", 4..<5),
    ("sinceSeconds=1", 5..<5), ("container=istio-proxy", 0..<5),
  ])
  func choosesLines(_ query: String, _ shown: Range<Int>) async throws {
    let file = try LogFile(Self.lines.joined())
    #expect(try await log(try cluster(file), query) == Self.lines[shown].joined())
  }

  @Test func stampsLines() async throws {
    let file = try LogFile(Self.lines[0] + "no time\n")
    let text = try await log(try cluster(file), "timestamps=true")
    #expect(text == "2026-11-23T01:00:01.12Z \(Self.lines[0])2026-11-23T01:00:01.12Z no time\n")
  }

  @Test func aLineHasTheSameTimeWheneverItIsRead() async throws {
    let own = "2026-11-23T01:00:01.123456Z\twarning\tenvoy main\tno limit\n"
    #expect(try await log(try cluster(try LogFile(own)), "timestamps=true") == "2026-11-23T01:00:01.123456Z \(own)")
    let unknown = try cluster(try LogFile("no time\n"))
    #expect(try await log(unknown, "timestamps=true") == (try await log(unknown, "timestamps=true")))
  }

  @Test func limitsBytes() async throws {
    let file = try LogFile("0123456789\n")
    #expect(try await log(try cluster(file), "limitBytes=4") == "0123")
  }

  @Test(arguments: [
    ("container=nope", "container nope is not valid for pod p"), ("tailLines=-1", "tailLines"),
    ("sinceTime=yesterday", "sinceTime"), ("sinceTime=2026-11-23T01:00:04Z&sinceSeconds=1", "at most one"),
    ("previous=true", "previous terminated container"),
  ])
  func refuses(_ query: String, _ why: String) async throws {
    let text = try await log(try cluster(try LogFile()), query)
    #expect(text.hasPrefix("400 ") && text.contains(why))
  }

  @Test(.timeLimit(.minutes(1))) func followsThroughRotation() async throws {
    let file = try LogFile("old\n1\n")
    let cluster = try cluster(file)
    let target = "/api/v1/namespaces/bookinfo/pods/p/log?follow=true&tailLines=1"
    guard case .stream(let produce) = await cluster.handler.answer(.init(method: "GET", target: target)).body else {
      Issue.record("no stream")
      return
    }
    let (chunks, sink) = AsyncStream<[UInt8]>.makeStream()
    let following = Task { try await produce { sink.yield($0) } }
    var text = ""
    let steps: [(String, () -> Void)] = [
      ("1\n", { file.append("2\n") }), ("2\n", { file.append("half") }),
      ("", { file.append(" a line\n") }),
      (
        "half a line\n",
        {
          file.rotate(); file.append("33\n")
        }
      ),
      (
        "33\n",
        {
          truncate(file.path, 0); file.append("4\n")
        }
      ), ("4\n", {}),
    ]
    var awaited = ""
    var reader = chunks.makeAsyncIterator()
    for (expected, then) in steps {
      awaited += expected
      while text != awaited, let chunk = await reader.next() { text += String(decoding: chunk, as: UTF8.self) }
      then()
    }
    #expect(text == awaited)
    // It ends with the pod.
    #expect(try await cluster.send("DELETE", "/api/v1/namespaces/bookinfo/pods/p").status == 200)
    try await following.value
  }
}
