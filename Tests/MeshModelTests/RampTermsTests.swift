import MeshModel
import Testing

@Suite struct RampTermsTests {
  @Test(
    "What is typed is read, and told as it is typed",
    arguments: [
      "10,50,100 hold 60s errors 1% p99 2x least 50", "5 hold 500ms errors none p99 1.50x least 20",
      "25,100 hold 3600s errors 0.25% p99 none least 1000",
    ])
  func whatIsTypedIsRead(_ text: String) throws {
    #expect(try RampTerms(text).description == text)
  }

  @Test func whatIsLeftOutIsAsUsual() throws {
    let usual = RampTerms(hold: .seconds(300), guards: RampGuards(errors: 0.02, slowFactor: 3, leastRequests: 80))
    #expect(try RampTerms("", usual: usual) == usual)
    let terms = try RampTerms("10%,20% least 5", usual: usual)
    #expect(terms.steps == [10, 20] && terms.hold == .seconds(300) && terms.guards.leastRequests == 5)
    #expect(terms.guards.errors == 0.02)
  }

  @Test(
    "What cannot be read is said",
    arguments: [
      ("10,x", "\"10,x\" is no list of percentages, as in 10,25,50,100"),
      ("10 hold", "\"hold\" wants a value: hold 60s, errors 1%, p99 2x, least 50"),
      ("10 hold 5y", "\"5y\" is no time, as in 60s or 5m"),
      ("errors few", "\"few\" is neither a number, as in 2%, nor none"),
      ("10 fast yes", "\"fast\" is none of hold, errors, p99 and least"),
      ("least many", "\"many\" is no number of requests"),
    ])
  func whatCannotBeReadIsSaid(_ text: String, _ problem: String) {
    #expect(throws: RampTerms.Problem(problem)) { try RampTerms(text) }
  }
}
