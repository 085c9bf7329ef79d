import Testing
import Transport

@testable import KubernetesAPI

private typealias Answer = ScriptedClient.Answer

private func stamp(_ second: Int, _ nanoseconds: String = "000000000") -> String {
  "2026-11-23T01:00:0\(second).\(nanoseconds)Z"
}

private func read(_ http: ScriptedClient, _ request: PodLogRequest, until enough: Int) async -> [PodLogEvent] {
  var events: [PodLogEvent] = []
  var lines = 0
  for await event in client(over: http).log(request) {
    events.append(event)
    if case .lines(let new) = event { lines += new.count }
    if lines >= enough { break }
  }
  return events
}

private func lines(_ events: [PodLogEvent]) -> [PodLogLine] {
  var all: [PodLogLine] = []
  for case .lines(let lines) in events { all += lines }
  return all
}

private func texts(_ events: [PodLogEvent]) -> [String] { lines(events).map(\.text) }

private let request = PodLogRequest(pod: ObjectKey(namespace: "n", name: "p"), container: "istio-proxy")

@Suite(.timeLimit(.minutes(1))) struct PodLogTests {
  @Test func goesOnAfterABreakWithoutLosingOrRepeatingALine() async throws {
    let http = ScriptedClient(
      Answer(200, "\(stamp(1)) a\n\(stamp(2)) b\n\(stamp(2)) c\n\(stamp(3)) cut o", end: .brokenOff(reason: "reset")),
      Answer(503, "busy"),
      // From the second of the last whole line on, which was told already.
      Answer(200, "\(stamp(2)) b\n\(stamp(2)) c\n\(stamp(2)) d\n\(stamp(3)) cut off\n"),
      Answer(200, "\(stamp(3)) cut off\r\n\(stamp(4)) \u{1b}[31me\n"))
    let events = await read(http, request, until: 6)
    #expect(texts(events) == ["a", "b", "c", "d", "cut off", "\u{1b}[31me"])
    let targets = http.requests.map(\.target)
    #expect(
      targets[0] == "/api/v1/namespaces/n/pods/p/log?container=istio-proxy&timestamps=true&follow=true&tailLines=100")
    #expect(targets[1].hasSuffix("&sinceTime=2026-11-23T01%3A00%3A02.000000000Z"))
    #expect(targets[3].hasSuffix("&sinceTime=2026-11-23T01%3A00%3A03.000000000Z"))
    #expect(events.first == .opened)
    #expect(events.contains { if case .trouble(.transport, _) = $0 { true } else { false } })
    #expect(events.contains { if case .trouble(.serverFailed, _) = $0 { true } else { false } })
    #expect(http.requests.allSatisfy { $0.deadline == nil })
  }

  @Test func endsWhenThePodIsGone() async throws {
    let http = ScriptedClient(
      Answer(200, "\(stamp(1)) a\n"), Answer(404, status(404, "NotFound", more: #","details":{"name":"p"}"#)))
    let events = await read(http, request, until: 9)
    #expect(events.first == .opened && events.last == .ended && events.count == 3)
    #expect(lines(events).map(\.time) == [stamp(1)])
    #expect(texts(events) == ["a"])
  }

  @Test func endsWhenAllIsReadAndNothingIsFollowed() async throws {
    var once = request
    once.follows = false
    once.start = .since("2026-11-23T00:00:00Z")
    let http = ScriptedClient(Answer(200, "\(stamp(1)) a\n\(stamp(2)) last without an end"))
    let events = await read(http, once, until: 9)
    #expect(texts(events) == ["a", "last without an end"])
    #expect(
      http.requests.map(\.target) == [
        "/api/v1/namespaces/n/pods/p/log?container=istio-proxy&timestamps=true&sinceTime=2026-11-23T00%3A00%3A00Z"
      ])
  }

  @Test func longLinesAreCutAndLinesWithoutATimeAreKept() async throws {
    var once = request
    once.follows = false
    let http = ScriptedClient(
      Answer(200, "\(stamp(1)) \(String(repeating: "x", count: 200_000))\nno time\n\n\(stamp(2))\n"))
    let lines = lines(await read(http, once, until: 9))
    #expect(lines.map(\.isCut) == [true, false, false, false])
    #expect(lines.map(\.text.count) == [65536 - 31, 7, 0, 0])
    #expect(lines.map(\.time) == [stamp(1), "", "", stamp(2)])
  }

  @Test func comparesMomentsWhateverTheirOffset() throws {
    let utc = try #require(LogMoment("2026-11-23T01:00:02.5Z"))
    #expect(LogMoment("2026-11-23T02:00:02.500000000+01:00") == utc)
    #expect(try #require(LogMoment("2026-11-22T22:30:02.500000001-02:30")) > utc)
    for text in [
      "", "2026-11-23T01:00:02", "2026-11-23T01:00:02.Z", "2026-13-23T01:00:02Z", "[2026-11-23T01:00:02.5Z]",
    ] {
      #expect(LogMoment(text) == nil)
    }
  }

  /// Two streams of a container may come slightly out of order.
  @Test func keepsLinesThatAreOlderThanTheOneBefore() async throws {
    let http = ScriptedClient(
      Answer(200, "\(stamp(2)) a\n\(stamp(1)) b\n\(stamp(2)) c\n"),
      Answer(200, "\(stamp(2)) a\n\(stamp(2)) c\n\(stamp(3)) d\n"))
    #expect(texts(await read(http, request, until: 4)) == ["a", "b", "c", "d"])
  }
}
