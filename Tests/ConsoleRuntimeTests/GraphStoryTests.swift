import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import ConsoleRuntime

@Suite(.timeLimit(.minutes(1))) struct GraphStoryTests {
  private func story() -> Story {
    let story = Story()
    story.mesh.topology.send(.value(Bookinfo.topology()))
    story.mesh.edges.send(.value(Bookinfo.edges()))
    story.press("2")
    return story
  }

  /// From the worst edge to its log, and to the weights that take its requests away.
  @Test func fromTheFailingEdgeToItsLogAndItsWeights() async throws {
    let story = story()
    await story.sees("productpage → reviews v3   59/s   31.0% err")
    story.press("l")
    await story.until { $0.mesh.logs.open == 1 }
    await story.sees("reviews/v3 + ")
    story.press("2wz⏎⏎")
    await story.until { $0.mesh.applied.count == 1 }
    #expect(story.mesh.applied.first?.after == Bookinfo.split((Bookinfo.v1, 100), (Bookinfo.v3, 0)))
  }

  /// Another moment is another feed: what comes late of the one that was closed is not shown as of then.
  @Test func goingBackInTimeAsksAnew() async throws {
    let story = story()
    await story.sees("31.0% 503 UF")
    #expect(story.mesh.edges.opened == 1)
    story.mesh.edges.send(
      .trouble(Trouble(.misconfigured, "only a metrics store knows the past", remedy: "--prometheus names one")))
    story.press("T10m⏎")
    await story.until { $0.mesh.edges.opened == 2 && $0.mesh.edges.open == 1 }
    await story.sees("only a metrics store knows the past; --prometheus names one")
    #expect(!story.screen.contains("31.0%"), "what is of now is not shown as of then")
    #expect(story.screen.contains("as of 02:07:00 UTC, 10m ago"))
    story.press("T⏎")
    await story.until { $0.mesh.edges.opened == 3 }
    story.mesh.edges.send(.value(Bookinfo.edges()))
    await story.sees("31.0% 503 UF")
  }

  @Test func anotherWindowIsAnotherFeed() async throws {
    let story = story()
    await story.sees("last 60s")
    story.press("]")
    await story.until { $0.mesh.edges.opened == 2 && $0.mesh.traffic.opened == 2 }
    story.mesh.edges.send(.value(Bookinfo.edges(window: .seconds(300))))
    await story.sees("last 5m")
  }
}
