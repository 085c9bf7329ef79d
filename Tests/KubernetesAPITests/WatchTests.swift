import Synchronization
import Testing
import Transport

@testable import KubernetesAPI

private typealias Answer = ScriptedClient.Answer

/// Reads states until one is as wanted; the script bounds how many there are.
private func first(
  _ states: AsyncStream<Watched<Pod>>, where isWanted: (Watched<Pod>) -> Bool
) async -> Watched<Pod>? {
  for await state in states where isWanted(state) { return state }
  return nil
}

@Suite(.timeLimit(.minutes(1))) struct WatchTests {
  @Test func listsInPagesAndFollowsEveryEnding() async throws {
    let added = #"{"type":"ADDED","object":\#(podText("c", version: 11))}"#
    let modified = #"{"type":"MODIFIED","object":\#(podText("a", version: 12))}"#
    let deleted = #"{"type":"DELETED","object":\#(podText("b", version: 13))}"#
    let bookmark = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"14"}}}"#
    let expired = #"{"type":"ERROR","object":\#(status(410, "Expired"))}"#
    let http = ScriptedClient(
      Answer(200, podList([("a", 7)], version: 10, next: "t 1")),
      Answer(200, podList([("b", 8)], version: 10)),
      // An event in the middle of which the connection ends.
      Answer(200, added + "\n" + modified.prefix(30)),
      // Garbage, then the same again whole.
      Answer(200, "<html>\n"),
      Answer(200, modified + "\n" + deleted + "\n" + bookmark + "\n"),
      Answer(200, expired + "\n"),
      Answer(503, "upstream connect error"),
      Answer(200, podList([("z", 20)], version: 21)),
      Answer(200, #"{"type":"ADDED","object":\#(podText("y", version: 22))}"# + "\n", end: .brokenOff(reason: "reset")))
    let last = await first(client(over: http).watch(Pod.self, in: "n")) { $0.resourceVersion == "22" }
    #expect(last?.sorted.map(\.name) == ["y", "z"])
    let targets = http.requests.map(\.target)
    let path = "/api/v1/namespaces/n/pods"
    #expect(targets[0] == "\(path)?limit=500")
    #expect(targets[1] == "\(path)?limit=500&continue=t%201")
    let from = targets[2...].map { target in
      target.split(whereSeparator: { $0 == "&" || $0 == "?" }).first { $0.hasPrefix("resourceVersion=") }.map(
        String.init)
    }
    #expect(from[0] == "resourceVersion=10")
    #expect(from[1] == "resourceVersion=11" && from[2] == "resourceVersion=11")
    #expect(from[3] == "resourceVersion=14")
    #expect(from[4] == nil && from[5] == nil)
    #expect(from[6] == "resourceVersion=21")
    #expect(targets[2].contains("allowWatchBookmarks=true") && targets[2].contains("timeoutSeconds="))
  }

  @Test func whatWasKnownStaysWhenTheServerRefuses() async throws {
    let http = ScriptedClient(
      Answer(200, podList([("a", 7)], version: 10)), Answer(401, status(401, "Unauthorized")))
    let state = await first(client(over: http).watch(Pod.self)) { if case .behind = $0.phase { true } else { false } }
    #expect(state?.sorted.map(\.name) == ["a"])
    #expect(http.requests[0].target == "/api/v1/pods?limit=500")
  }

  @Test func anHTMLPageIsSaid() async throws {
    let http = ScriptedClient(Answer(200, "<html><title>Log in</title></html>"))
    let state = await first(client(over: http).watch(Pod.self)) { if case .behind = $0.phase { true } else { false } }
    guard case .behind(.garbage, _)? = state?.phase else {
      Issue.record("\(String(describing: state?.phase))")
      return
    }
  }

  @Test func letsGoOfTheServerWhenNobodyReads() async throws {
    let http = ScriptedClient(Answer(500, status(500, "InternalError")))
    let reader = Task {
      for await _ in client(over: http).watch(Pod.self) {}
      return true
    }
    while http.requests.count < 3 { await Task.yield() }
    reader.cancel()
    #expect(await reader.value)
  }

  @Test func readsARecordedWatch() async throws {
    guard let body = try recording("kube/watch_virtualservices_during_patch.json") else { return }
    let list = #"{"kind":"VirtualServiceList","metadata":{"resourceVersion":"1043"},"items":[]}"#
    var watch = Answer(200)
    // In chunks that cut lines anywhere.
    watch.chunks = stride(from: 0, to: body.count, by: 777).map { Array(body[$0..<min($0 + 777, body.count)]) }
    let answers = [Answer(200, list), watch, Answer(500)]
    let http = ScriptedClient { _, number throws(TransportError) in answers[min(number, 2)] }
    let type = ResourceType(
      group: "networking.istio.io", version: "v1", kind: "VirtualService", plural: "virtualservices")
    let state = await first(client(over: http).watch(Pod.self, as: type, in: "bookinfo")) {
      $0.resourceVersion == "1279"
    }
    #expect(state?.sorted.map(\.name) == ["reviews"])
    #expect(state?["bookinfo", "reviews"]?.object.owners.map(\.manager).contains("console") == true)
  }

  @Test func readsARecordedExpiry() throws {
    for name in ["kube/watch_expired_410_event.json", "kube/watch_too_old_rv1.json"] {
      guard let body = try recording(name) else { return }
      let event = try WatchEvent<Pod>(line: body, path: "/", keepingFields: false)
      guard case .failed(.expired) = event else {
        Issue.record("\(name): \(event)")
        continue
      }
    }
  }
}
