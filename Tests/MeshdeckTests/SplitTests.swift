import CurlTransport
import FoundationEssentials
import JSON
import Peers
import Pseudoterminal
import SandboxClient
import Testing
import Transport

extension ProgramTests {
  /// The road of a change, walked by commands; what it does is counted by somebody else.
  @Suite struct SplitTests {
    func mesh() throws -> RunningSandbox { try RunningSandbox.calm() }

    @Test func requestsFollowAChangeAndItsUndo() async throws {
      let mesh = try mesh()
      try mesh.begin(v1: 90, v3: 10)
      try await Visitor(mesh).counts(v3: 0.1)

      let run = try mesh.meshdeck("split", "set", "reviews", "v1=50", "v3=50", "--yes", "-o", "json")
      #expect(run.code == 0, "\(run.errors)")
      let answer = try JSONValue(printed: run)
      #expect(answer["applied"]?["taken"] == 6 && answer["applied"]?["of"] == 6, "\(run.output)")
      #expect(answer["applied"]?["behind"] == [] && answer["applied"]?["rejected"] == [])
      #expect(try #require(answer["applied"]?["seconds"]?.double) > 0)
      // Applied by every proxy means by productpage's: from now on requests must follow, the first of them too.
      try await Visitor(mesh).counts(v3: 0.5)

      // Another process undoes it, from the journal.
      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try JSONValue(printed: undo)["applied"]?["taken"] == 6)
      #expect(try mesh.weights() == [90, 10])
      try await Visitor(mesh).counts(v3: 0.1)
    }

    /// What another hand wrote since is shown beside what undoing would write, and written over only by name.
    @Test func whatSomebodyChangedSinceIsUndoneByNameAlone() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 90, v3: 10)
      #expect(try mesh.meshdeck("split", "set", "reviews", "v1=50", "v3=50", "--yes").code == 0)
      let theirs =
        #"[{"op":"replace","path":"/spec/http/0/route/0/weight","value":60},"#
        + #"{"op":"replace","path":"/spec/http/0/route/1/weight","value":40}]"#
      try mesh.kubectl("patch", "virtualservice", "reviews", "--type=json", "-p", theirs)

      let refused = try mesh.meshdeck("split", "undo", "--yes")
      #expect(refused.code == 4, "\(refused.errors)")
      let words = refused.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for side in ["wrote v1=50 v3=50", "theirs v1=60 v3=40", "undo v1=90 v3=10", "--over-theirs"] {
        #expect(words.contains(side), "\(refused.errors)")
      }
      #expect(try mesh.weights() == [60, 40])
      let undo = try mesh.meshdeck("split", "undo", "--over-theirs", "--yes")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try mesh.weights() == [90, 10])
    }

    @Test func everyChangeStandsInTheJournal() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 80, v3: 20)
      try mesh.begin(v1: 90, v3: 10)
      let attributes = try FileManager.default.attributesOfItem(atPath: mesh.state.journal)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let text = try String(contentsOfFile: mesh.state.journal, encoding: .utf8)
      let lines = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(text.hasSuffix("\n") && lines.allSatisfy { $0.object != nil })
      let last = lines.suffix(2)
      #expect(last.first?["event"] == "started" && last.last?["event"] == "made")
      #expect(last.first?["id"] == last.last?["id"])
      #expect(last.first?["before"]?.array?.compactMap { $0["weight"]?.int } == [80, 20])
      #expect(last.first?["after"]?.array?.compactMap { $0["weight"]?.int } == [90, 10])
      #expect(last.first?["context"] == "sandbox")
    }

    @Test func aDryRunWritesNothing() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 90, v3: 10)
      let run = try mesh.meshdeck("split", "set", "reviews", "v1=1", "v3=99", "--dry-run")
      #expect(run.code == 0)
      #expect(run.errors.contains("spec.http[0].route[0].weight: 90 → 1"), "\(run.errors)")
      let raw = try mesh.meshdeck("split", "set", "reviews", "v3=101", "--dry-run")
      #expect(raw.errors.contains("v3: 10 → 101  (was 10 %, will be 52.9 %)"), "\(raw.errors)")
      #expect(raw.errors.contains("v1: 90  (was 90 %, will be 47.1 %)"), "\(raw.errors)")
      let percentage = try mesh.meshdeck("split", "set", "reviews", "v3=25%", "--dry-run", "-o", "json")
      let answer = try JSONValue(printed: percentage)
      #expect(answer["change"] == .null && answer["diff"]?.array?.count == 2, "\(percentage.output)")
      #expect(answer["destinations"]?.array?.compactMap { $0["weight"]?.int } == [75, 25])
      let nothing = try mesh.meshdeck("split", "set", "reviews", "v3=10", "--yes", "-o", "json")
      #expect(try JSONValue(printed: nothing)["diff"] == [])
      #expect(try mesh.weights() == [90, 10])
    }

    // MARK: Another editor

    @Test func whatKubectlWritesIsShown() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 90, v3: 10)
      let console = try mesh.console()
      try console.wait("10 asked") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains(" 10 ") == true }
      try mesh.patch(v1: 65, v3: 35)
      try console.wait("35 asked") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains(" 35  6/6") == true }
      try console.wait("who wrote it") { $0.text.contains("by kubectl-patch") }
      let rows = try JSONValue(printed: mesh.meshdeck("routes", "-o", "json")).array ?? []
      let reviews = try #require(rows.first { $0["name"] == "reviews" && $0["kind"] == "VirtualService" })
      #expect(reviews["destinations"]?.array?.compactMap { $0["asked"]?.int } == [65, 35])
      #expect(reviews["destinations"]?.array?.compactMap { $0["askedShare"]?.double } == [0.65, 0.35])
      #expect(reviews["context"] == "sandbox" && reviews["namespace"] == "bookinfo")
    }

    @Test func aDraftThatKubectlMadeStaleIsAConflict() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 90, v3: 10)
      let console = try mesh.console()
      try console.wait("10 asked") { $0.row(after: "▾ reviews", containing: " v3 ")?.contains(" 10 ") == true }
      console.type("w")
      try console.wait(for: "weights 90 + 10 = 100")
      console.type("\u{1b}[C\u{1b}[C")
      try console.wait("the dry run") { $0.text.contains("dry run accepted") }
      try mesh.patch(v1: 60, v3: 40)
      try console.wait("theirs") { $0.text.contains(try Regex(#"theirs +v1 60 +v3 40"#)) }
      #expect(console.text.contains("nothing was overwritten"))
      console.type("\r\r")
      try console.wait(for: "theirs")
      #expect(try mesh.weights() == [60, 40])
    }

    @Test func anUndoOfWhatSomebodyElseChangedIsAConflict() throws {
      let mesh = try mesh()
      try mesh.begin(v1: 70, v3: 30)
      try mesh.begin(v1: 90, v3: 10)
      try mesh.patch(v1: 55, v3: 45)
      let run = try mesh.meshdeck("split", "undo", "--yes")
      #expect(run.code == 4)
      #expect(run.errors.contains("v1=55 v3=45"), "\(run.errors)")
      #expect(try mesh.weights() == [55, 45])
    }
  }
}

/// Somebody who visits `reviews` as productpage does, through its sidecar, and counts who answers.
private struct Visitor {
  private static let visits = 1_000
  private let client = CurlClient()
  private let sidecar: Endpoint

  init(_ mesh: RunningSandbox) throws {
    let page = try #require(mesh.process.ready.proxies.first { $0.name.hasPrefix("productpage-") })
    sidecar = Endpoint(host: try #require(Endpoint(page.admin)).host, port: 15001)
  }

  /// Counts and expects v3's share. The bounds are 4.5 standard deviations away: one run in 100,000 strays by chance.
  func counts(v3 share: Double, at location: SourceLocation = #_sourceLocation) async throws {
    let requests = Self.visits
    var counted: [String: Int] = [:]
    try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<requests {
        if number >= 10 { counted[try await group.next() ?? "", default: 0] += 1 }
        group.addTask { try await visit() }
      }
      for try await version in group { counted[version, default: 0] += 1 }
    }
    client.close()
    #expect(counted["v1", default: 0] + counted["v3", default: 0] == requests, "\(counted)", sourceLocation: location)
    let seen = Double(counted["v3", default: 0]) / Double(requests)
    let margin = 4.5 * (share * (1 - share) / Double(requests)).squareRoot()
    #expect(abs(seen - share) < margin, "\(counted), \(share) expected", sourceLocation: location)
  }

  private func visit() async throws -> String {
    let request = HTTPRequest(.get, sidecar, "/reviews/0", headers: ["Host": "reviews:9080"])
    let body = try await client.send(request).body.collect()
    let pod = try JSONValue(parsing: Array(body))["podname"]?.string ?? "nobody"
    return pod.hasPrefix("reviews-") ? String(pod.dropFirst("reviews-".count).prefix(2)) : pod
  }
}
