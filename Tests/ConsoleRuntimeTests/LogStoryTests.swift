import ConsoleTestSupport
import MeshModel
import Testing

@testable import ConsoleRuntime

@Suite(.timeLimit(.minutes(1))) struct LogStoryTests {
  private func story(isReadOnly: Bool = false) async -> Story {
    let story = Story(identity: MeshIdentity(context: "prod", scope: .namespace("bookinfo"), isReadOnly: isReadOnly))
    await story.sees("31.0%")
    story.press("l")
    await story.until { $0.mesh.logs.open == 1 }
    story.mesh.logs.send(.value(LogBatch(lines: [Bookinfo.access(2)])))
    await story.sees("/reviews/7")
    return story
  }

  @Test func aRequestIsFollowedAndHowFarIsSaid() async {
    let story = await story()
    story.press("x")
    await story.until { $0.mesh.trails.open == 1 }
    let id = "9f3a0c41-5be2-4f1e-8d0e-c17be22"
    story.mesh.trails.send(
      .value(RequestTrail(id: id, lines: [Bookinfo.access(2)], coverage: LogCoverage(followed: 3, wanted: 7))))
    await story.sees("read 3 of 7 logs")
    #expect(story.screen.contains("1 hop, 1 proxy"))
    story.press("⎋")
    await story.until { $0.mesh.trails.open == 0 }
    #expect(story.screen.contains("/reviews/7"), "the tail is still there")
  }

  @Test func aLineIsCopiedAsItCame() async {
    let story = await story()
    story.press("y")
    #expect(story.terminal.copied == Bookinfo.access(2).text)
    await story.sees("in the clipboard")
  }

  @Test func debugIsSetForAWhileAndSaid() async {
    let story = await story()
    story.press("d")
    await story.until { $0.mesh.levelsSet.count == 1 }
    #expect(story.mesh.levelsSet.map { "\($0.proxy) \($0)" } == ["\(Bookinfo.proxyIDs[2]) debug"])
    #expect(story.mesh.levelsSet.first?.time == .seconds(300))
    await story.sees("writes debug until")
  }

  @Test func debugIsRefusedWhileReadOnly() async {
    let story = await story(isReadOnly: true)
    story.press("d")
    await story.sees("read-only: writing is switched off")
    #expect(story.mesh.levelsSet.isEmpty)
  }
}
