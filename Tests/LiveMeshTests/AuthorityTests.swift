import MeshModel
import Testing

@testable import LiveMesh

struct AuthorityTests {
  private let ratings = "ratings.bookinfo.svc.cluster.local"
  private let details = "details.bookinfo.svc.cluster.local"

  /// Half of what is sent to `details` goes to `ratings`.
  private var oneAndOne: AskedRule {
    rule(
      0, of: "one-and-one", hosts: [details],
      split: TrafficSplit([Destination(host: details): 1, Destination(host: ratings): 1]))
  }
  private var ofRatings: AskedRule {
    rule(0, of: "ratings", hosts: [ratings], split: TrafficSplit([Destination(host: ratings): 100]))
  }

  @Test(arguments: [
    ("ratings:9080", "ratings"), ("ratings.bookinfo", "ratings"), ("RATINGS.bookinfo.svc:9080", "ratings"),
    ("ratings.bookinfo.svc.cluster.local", "ratings"), ("10.96.0.7:9080", "ratings"),
    ("details:9080", "one-and-one"), ("details.bookinfo.svc.cluster.local:9080", "one-and-one"),
  ])
  func requestsBelongToTheRulesOfTheirHost(authority: String, resource: String) {
    let finder = RuleFinder([oneAndOne, ofRatings], hostsByAddress: ["10.96.0.7": ratings])
    let finding = finder.find(seen(nil, authority: authority, host: ratings))
    #expect(finding.rules.map(\.route) == [ruleID(0, of: resource)])
    #expect(finding.isCertain)
  }

  @Test func requestsOfAnotherKnownHostAreNoRequestsOfTheRule() {
    // A rule of the host without this destination, as where one answers by itself.
    let other = rule(0, of: "ratings", hosts: [ratings], split: TrafficSplit([]))
    #expect(RuleFinder([oneAndOne, other]).find(seen(nil, authority: "ratings:9080", host: ratings)).rules.isEmpty)
  }

  @Test(arguments: ["", "-", "192.0.2.9:9080", "ratings.elsewhere", "ratings:9080"])
  func anAuthorityThatTellsNothingLeavesADoubt(authority: String) {
    let request = seen(nil, authority: authority, host: ratings, namespace: "elsewhere")
    let finding = RuleFinder([oneAndOne]).find(request)
    #expect(finding.rules.map(\.route) == [ruleID(0, of: "one-and-one")])
    #expect(!finding.isCertain)
  }

  @Test func theMostSpecificHostTakesARequest() {
    let all = rule(0, of: "all", hosts: ["*"], split: TrafficSplit([v1: 1]), sidecars: false, gateways: true)
    let some = rule(
      0, of: "some", hosts: ["*.example.com"], split: TrafficSplit([v1: 1]), sidecars: false, gateways: true)
    let one = rule(
      0, of: "one", hosts: ["a.example.com"], split: TrafficSplit([v1: 1]), sidecars: false, gateways: true)
    let finder = RuleFinder([all, some, one])
    for (authority, resource) in [("a.example.com:443", "one"), ("b.example.com", "some"), ("[2001:db8::1]:80", "all")]
    {
      let finding = finder.find(seen("v1", authority: authority, isGateway: true))
      #expect(finding.rules.map(\.route) == [ruleID(0, of: resource)], "\(authority)")
      #expect(finding.isCertain)
    }
  }

  @Test func aRewrittenAuthorityIsThatOfTheRule() {
    var rewriting = oneAndOne
    rewriting.rewrittenAuthority = "ratings.test"
    let finder = RuleFinder([rewriting, ofRatings])
    let rewritten = finder.find(seen(nil, authority: "ratings.test", host: ratings))
    #expect(rewritten.rules.map(\.route) == [ruleID(0, of: "one-and-one")])
    let own = finder.find(seen(nil, authority: "ratings:9080", host: ratings))
    #expect(own.rules.map(\.route) == [ruleID(0, of: "ratings")])
  }

  @Test func aRuleThatIsDelegatedToTakesWhatNoOtherTakes() {
    let root = rule(0, of: "root", hosts: [reviews], split: TrafficSplit([]))
    let part = rule(0, of: "part", hosts: [], split: TrafficSplit([v1: 1]))
    let finding = RuleFinder([root, part]).find(seen("v1"))
    #expect(finding.rules.map(\.route) == [ruleID(0, of: "part")])
    #expect(finding.isCertain)
  }

  @Test func aDoubtfulRequestIsNotSaidToBeOfTheRuleAlone() throws {
    var ledger = TrafficLedger()
    ledger.setRules([oneAndOne], at: Timestamp(seconds: 1_000_000))
    ledger.add(seen(nil, authority: "192.0.2.9", host: ratings))
    let sample = ledger.sample(now: Timestamp(seconds: 1_000_010), over: .seconds(60))
    #expect(try #require(sample.routes[ruleID(0, of: "one-and-one")]).isByRule == false)
  }
}

extension TrafficLedgerTests {
  @Test func aNewRuleCountsFromWhenItIsThere() throws {
    let start = Timestamp(seconds: 1_000_000)
    var ledger = TrafficLedger()
    let old = rule(0, name: "old", split: TrafficSplit([v1: 1]))
    ledger.setRules([old], at: start)
    // What the first lists bring one after the other is not new.
    let service = rule(0, of: "other", hosts: ["other.bookinfo.svc.cluster.local"], split: TrafficSplit([v2: 1]))
    ledger.setRules([old, service], at: start + .milliseconds(300))
    ledger.setRules([old, service, rule(0, of: "new", split: TrafficSplit([v3: 1]))], at: start + .seconds(50))
    for second in Int64(1_000_000)..<1_000_060 {
      ledger.add(seen("v1", at: second))
      if second >= 1_000_051 { ledger.add(seen("v3", at: second)) }
    }
    let sample = ledger.sample(now: start + .seconds(60), over: .seconds(60))
    #expect(sample.window(of: ruleID(0)) == .seconds(60))
    #expect(sample.window(of: ruleID(0, of: "other")) == .seconds(60))
    #expect(sample.window(of: ruleID(0, of: "new")) == .seconds(9))
    #expect(sample.routes[ruleID(0, of: "new")]?.destinations[v3]?.requests == 9)

    // Another one in its place is as new, though it sends where the old one sent.
    let changed = rule(0, name: "other", split: TrafficSplit([v1: 1]))
    ledger.setRules([changed, service], at: start + .seconds(60))
    for second in Int64(1_000_060)..<1_000_070 { ledger.add(seen("v1", at: second, routeName: "other")) }
    #expect(ledger.sample(now: start + .seconds(70), over: .seconds(60)).window(of: ruleID(0)) == .seconds(9))
  }
}
