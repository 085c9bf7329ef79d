import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

@Suite struct RouteListTests {
  @Test func opensOnTheWorstShareThatCanBeMoved() {
    #expect(settled().routeList.selection == ShareID(route: Bookinfo.reviewsRule, destination: Bookinfo.v3))
  }

  @Test func opensOnTheCanaryWhileNothingIsCounted() {
    var state = State(identity: Bookinfo.identity, size: Pictures.sizes[0], now: Bookinfo.start)
    _ = state.update(.routes(.value(Bookinfo.routes())))
    let canary = ShareID(route: Bookinfo.ratingsRule, destination: Bookinfo.destination("ratings", "v2"))
    #expect(state.routeList.selection == canary)
  }

  /// At first only a Service without weights has requests enough, and all of them fail.
  @Test func whatCannotBeMovedGivesWayToWhatCan() {
    var state = settled()
    let details = Bookinfo.destination("details")
    func sample(reviews: Bool) -> TrafficSample {
      var routes: [RouteID: TrafficSample.RouteTraffic] = [
        Bookinfo.detailsRule: .init(
          source: .accessLogs, isByRule: true,
          destinations: [details: Bookinfo.traffic(100, errors: 90, p50: 4, p99: 12)])
      ]
      if reviews {
        routes[Bookinfo.reviewsRule] = .init(
          source: .accessLogs, isByRule: true,
          destinations: [Bookinfo.v3: Bookinfo.traffic(100, errors: 20, p50: 4, p99: 12)])
      }
      return TrafficSample(end: Bookinfo.start, window: .seconds(60), routes: routes)
    }
    state.routeList.selection = nil
    state.routeList.isUntouched = true
    _ = state.update(.traffic(.value(sample(reviews: false))))
    #expect(state.routeList.selection?.route == Bookinfo.detailsRule)
    _ = state.update(.traffic(.value(sample(reviews: true))))
    #expect(state.routeList.selection == ShareID(route: Bookinfo.reviewsRule, destination: Bookinfo.v3))
  }

  @Test func followsTheWorstOnlyUntilAKeyIsPressed() {
    var state = settled()
    _ = state.type("↑")
    let chosen = state.routeList.selection
    #expect(chosen == ShareID(route: Bookinfo.reviewsRule, destination: Bookinfo.v1))
    _ = state.update(.traffic(.value(Bookinfo.sample())))
    #expect(state.routeList.selection == chosen)
  }

  @Test func fewRequestsSayNothing() {
    var sample = Bookinfo.sample()
    sample.routes[Bookinfo.ratingsRule]?.destinations[Bookinfo.destination("ratings", "v2")] = .init(
      requests: 4, errors: 4)
    var state = settled()
    _ = state.update(.traffic(.value(sample)))
    #expect(state.routeList.selection?.destination == Bookinfo.v3)
  }

  /// Selected by identity: what comes, goes and is sorted elsewhere does not move the selection to another share.
  @Test func theSelectionSurvivesEveryReordering() {
    var state = settled()
    let selected = state.routeList.selection
    let row = Pictures.frame(state).cursor?.row
    let other = RouteID(resource: Bookinfo.resource("adverts"), rule: 0)
    let advert = Bookinfo.route(
      other, "adverts",
      Bookinfo.split((Bookinfo.destination("adverts", "a"), 1), (Bookinfo.destination("adverts", "b"), 1)))
    _ = state.update(.routes(.value((Bookinfo.routes() + [advert]).reversed())))
    #expect(state.routeList.selection == selected)
    #expect(Pictures.frame(state).rowText(row! + 4).contains("31.0%"), "four lines came above it")
    _ = state.update(.routes(.value(Bookinfo.routes().filter { $0.id != Bookinfo.reviewsRule })))
    #expect(state.routeList.selection != nil)
  }

  /// A rule that is deleted and made anew, or hidden by a filter, has the selection again when it is back.
  @Test func theSelectionComesBackWithItsRule() {
    var state = settled()
    _ = state.type("↑↓")
    let selected = state.routeList.selection
    let others = Bookinfo.routes().filter { $0.id.resource != Bookinfo.reviewsRule.resource }
    _ = state.update(.routes(.value(others)))
    #expect(state.routeList.selection != selected)
    _ = state.update(.routes(.value(Array(others.dropLast()))))
    _ = state.update(.routes(.value(Bookinfo.routes())))
    #expect(state.routeList.selection == selected)
    _ = state.update(.routes(.value(others)))
    _ = state.type("↑")
    let chosen = state.routeList.selection
    _ = state.update(.routes(.value(Bookinfo.routes())))
    #expect(state.routeList.selection == chosen, "another was chosen in the meantime")
  }

  @Test func whatAFeedSaysTwiceStandsOnce() {
    var state = settled()
    let twice = Bookinfo.split((Bookinfo.v1, 50), (Bookinfo.v1, 25), (Bookinfo.v3, 25))
    _ = state.update(.routes(.value([Bookinfo.route(Bookinfo.reviewsRule, "reviews", twice)])))
    #expect(state.routeList.table.shares.map(\.destination) == [Bookinfo.v1, Bookinfo.v3])
    for share in state.routeList.table.shares {
      let line = state.routeList.table.lineOf[share].map { state.routeList.table.lines[$0] }
      #expect(line == .share(share, isFirst: share.destination == Bookinfo.v1))
    }
  }

  @Test func aServiceWithoutRoutingHasNoWeights() {
    var state = settled()
    _ = state.type("Gkw")
    #expect(state.editor == nil)
    #expect(state.notice?.contains("no weights to change") == true)
  }

  /// One of several versions never stands for the whole: they are counted, and opened to be told apart.
  @Test func versionsWithoutRoutingAreOpenedAndClosed() throws {
    var state = settled()
    let v2 = Bookinfo.destination("reviews", "v2")
    let id = RouteID(resource: Bookinfo.resource("reviews", .service), rule: 0)
    let split = Bookinfo.split((Bookinfo.v1, 1), (v2, 1), (Bookinfo.v3, 1))
    _ = state.update(.routes(.value([Bookinfo.route(id, "reviews", split)])))
    var sample = Bookinfo.sample()
    sample.routes[id] = .init(
      source: .hostCounters, isByRule: false,
      destinations: [
        Bookinfo.v1: DestinationTraffic(requests: 600, errors: 0),
        Bookinfo.v3: DestinationTraffic(requests: 600, errors: 120),
      ])
    _ = state.update(.traffic(.value(sample)))
    for (open, close) in [("→", "←"), ("⏎", "←")] {
      let row = try #require(Pictures.frame(state).cursor?.row)
      let line = Pictures.frame(state).rowText(row)
      #expect(line.contains("reviews by replicas") && line.contains("▲ 3 versions"), "\(line)")
      #expect(line.contains(" 20 ") && line.contains("10.0%") && !line.contains("33.3"), "the figures of all: \(line)")
      #expect(Pictures.frame(state).text.contains("reviews by replicas: v1 33.3, v2 33.3, v3 33.3"))
      _ = state.type(open)
      #expect(state.routeList.table.shares.map(\.destination) == [Bookinfo.v1, v2, Bookinfo.v3])
      #expect(Pictures.frame(state).text.contains("▾ reviews Service bookinfo/reviews  by replicas"))
      _ = state.type("j⏎")
      #expect(state.notice == "reviews has no routing, so no weights to change: a first VirtualService is needed")
      _ = state.type(close)
    }
    _ = state.type("←")
    #expect(state.notice == "there is nothing to close here")
  }

  /// A push takes a moment: a line that came and went with each would make the list jump.
  @Test func whoIsBehindIsSaidAfterAWhile() {
    var state = settled()
    _ = state.update(.proxies(.value(Bookinfo.report(reviewsTaken: 4))))
    #expect(!Pictures.frame(state).text.contains("2 proxies behind"))
    #expect(Pictures.frame(state).text.contains("4/6"))
    _ = state.update(.tick(state.now + .seconds(4)))
    #expect(Pictures.frame(state).text.contains("2 proxies behind"))
    _ = state.update(.proxies(.value(Bookinfo.report())))
    #expect(!Pictures.frame(state).text.contains("2 proxies behind"))
  }

  /// Names that differ at their ends are told apart where there is little room, and the foot has them whole.
  @Test func longNamesAreToldApart() {
    var state = settled(size: Pictures.sizes[0])
    let names = ["reviews-stable", "reviews-canary", "reviews-with-a-long-name-a", "reviews-with-a-long-name-b"]
    let split = TrafficSplit(names.map { .init(destination: Bookinfo.destination($0), weight: 25) })
    let match = "prefix /reviews/1, cookie=a-very-long-cookie-that-is-cut, x-canary: 1, x-user: somebody"
    _ = state.update(.routes(.value([Bookinfo.route(Bookinfo.reviewsRule, "reviews", match: match, split)])))
    let frame = Pictures.frame(state)
    let shown = ["reviews-stable", "reviews-canary", "reviews…-name-a", "reviews…-name-b"]
    for name in shown { #expect(frame.text.contains(name), "\(frame.text)") }
    for name in names {
      while state.routeList.selection?.destination.service != name { _ = state.type(name == names[0] ? "k" : "j") }
      let foot = (20...22).map { Pictures.frame(state).rowText($0) }.joined(separator: "\n")
      #expect(foot.contains("  \(name) ← reviews #1 prefix /reviews/1"))
      #expect(foot.contains("x-user: somebody"))
    }
  }

  @Test func aFilterHidesAndEscapeShowsAgain() {
    var state = settled()
    _ = state.type("/rat")
    #expect(!Pictures.frame(state).text.contains("productpage VirtualService"))
    _ = state.type("⏎")
    #expect(state.routeList.filter.text == "rat")
    var narrow = state
    narrow.size = Pictures.sizes[0]
    #expect(Pictures.frame(narrow).rowText(22) == " /rat   esc shows all")
    _ = state.type("⎋")
    #expect(Pictures.frame(state).text.contains("productpage VirtualService"))
  }
}

@Suite struct ProxyListTests {
  @Test func worstFirstThenByName() {
    var state = settled()
    _ = state.type("5")
    #expect(state.proxyList.rows.first?.id == Bookinfo.proxyIDs[2])
    #expect(state.proxyList.rows.dropFirst().map(\.id) == Bookinfo.proxyIDs.filter { $0 != Bookinfo.proxyIDs[2] })
  }

  @Test func theSelectedProxyStaysSelectedWhenItRecovers() {
    var state = settled()
    _ = state.type("5")
    _ = state.update(.proxies(.value(Bookinfo.report(isRejected: false))))
    #expect(state.selectedProxy?.id == Bookinfo.proxyIDs[2])
    #expect(Pictures.frame(state).text.contains("nothing is wrong"))
  }
}
