import CurlTransport
import Glibc
import KubernetesAPI
import LiveMesh
import MeshModel
import Peers
import SandboxClient
import Testing

extension ProgramTests {
  /// Two consoles on one object.
  @Suite struct RaceTests {
    private static let edits = 1000

    /// Each raises the weight of a destination of its own; what either overwrote of the other would be missing at the
    /// end.
    @Test func twoConsolesLoseNoUpdate() async throws {
      let mesh = try RunningSandbox.calm()
      try mesh.begin(v1: 90, v3: 10)
      let access = try ClusterAccess.find(kubeconfig: mesh.process.ready.kubeconfig, context: nil)
      let began = ContinuousClock.now
      let conflicts = try await withThrowingTaskGroup(of: Int.self) { group in
        for writer in 0..<2 {
          let client = CurlClient(userAgent: "race")
          let console = LiveMesh(
            client: client, kubernetes: KubernetesClient(access, over: client, gate: .open),
            journal: Journal(path: "\(mesh.state.path)/race-\(writer)/changes.jsonl"), user: "writer \(writer)")
          group.addTask { try await Self.raise(writer, of: console, times: Self.edits / 2) }
        }
        return try await group.reduce(0, +)
      }
      print("\(Self.edits) edits, \(conflicts) conflicts in \(ContinuousClock.now - began)")
      #expect(try mesh.weights() == [90 + Self.edits / 2, 10 + Self.edits / 2])
      #expect(conflicts > 0, "they did not meet")
      try mesh.begin(v1: 90, v3: 10)
    }

    /// Gives how often somebody else was faster.
    private static func raise(_ place: Int, of console: LiveMesh, times: Int) async throws -> Int {
      let routes = console.routes(in: .namespace("bookinfo"))
      var found: Route?
      for await event in routes {
        guard case .value(let all) = event else { continue }
        found = all.first { $0.id.resource.name == "reviews" && $0.isSplit }
        if found != nil { break }
      }
      let route = try #require(found)
      var split = route.split
      var (conflicts, made) = (0, 0)
      while made < times {
        var after = split
        after.shares[place].weight.value += 1
        let draft = ChangeDraft(
          route: route.id, match: route.match, resourceVersion: route.resourceVersion, before: split, after: after)
        do throws(ChangeFailure) {
          _ = try await console.apply(draft)
          made += 1
          split = after
        } catch {
          switch error {
          case .conflict(.some(let theirs)):
            conflicts += 1
            split = theirs
          // The object moved each time that it was to be written, though not in this rule: nothing was written.
          case .refused(let reason) where reason.contains("changed by others"): conflicts += 1
          default: throw error
          }
        }
      }
      return conflicts
    }
  }
}
