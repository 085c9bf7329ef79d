import EnvoyAPI
import MeshModel
import ProxyLogs
import Synchronization

@testable import LiveMesh

/// A clock that stands still until it is told to go on. Sleepers wake when their time has come.
final class HandClock: Sendable {
  private struct State {
    var now: Timestamp
    var sleepers: [(until: Timestamp, wake: CheckedContinuation<Void, Never>)] = []
  }
  private let state: Mutex<State>

  init(_ start: Timestamp = Timestamp(seconds: 1_000_000)) { state = Mutex(State(now: start)) }

  var now: Timestamp { state.withLock { $0.now } }

  var clock: MeshClock {
    MeshClock(now: { self.now }, sleep: { span in await self.sleep(span) })
  }

  private func sleep(_ span: Duration) async {
    await withCheckedContinuation { wake in
      state.withLock { $0.sleepers.append(($0.now + span, wake)) }
    }
  }

  func advance(_ span: Duration) {
    let due = state.withLock { state in
      state.now = state.now + span
      let now = state.now
      let due = state.sleepers.filter { $0.until <= now }
      state.sleepers.removeAll { $0.until <= now }
      return due
    }
    for sleeper in due { sleeper.wake.resume() }
  }

  /// Moves the time on without anybody sleeping: for code that asks how late it is.
  static func ticking(from start: Timestamp, by step: Duration) -> MeshClock {
    let hand = HandClock(start)
    return MeshClock(now: { hand.now }, sleep: { _ in hand.advance(step) })
  }
}

let reviews = "reviews.bookinfo.svc.cluster.local"
let v1 = Destination(host: reviews, subset: "v1")
let v2 = Destination(host: reviews, subset: "v2")
let v3 = Destination(host: reviews, subset: "v3")

extension TrafficSplit {
  init(_ weights: KeyValuePairs<Destination, Int>) {
    self.init(weights.map { Share(destination: $0.key, weight: Weight($0.value)) })
  }
}

func ruleID(_ number: Int, of name: String = "reviews") -> RouteID {
  RouteID(resource: ResourceID(kind: .virtualService, namespace: "bookinfo", name: name), rule: number)
}

func rule(
  _ number: Int, of resource: String = "reviews", name: String? = nil, hosts: [String] = [reviews],
  matches: [RuleMatch] = [], split: TrafficSplit, sidecars: Bool = true, gateways: Bool = false
) -> AskedRule {
  AskedRule(
    route: Route(
      id: ruleID(number, of: resource), resourceVersion: "1", mesh: "istio", hosts: hosts, name: name, split: split),
    matches: matches, isForSidecars: sidecars, isForGateways: gateways)
}

func seen(
  _ subset: String?, at seconds: Int64 = 1_000_000, routeName: String = "-", path: String = "/reviews/0",
  authority: String = "reviews:9080", code: Int = 200, flags: String = "-", milliseconds: Int = 5,
  host: String = reviews, isGateway: Bool = false, namespace: String = "bookinfo"
) -> SeenRequest {
  SeenRequest(
    time: Timestamp(seconds: seconds), isGateway: isGateway, namespace: namespace,
    cluster: ClusterName(direction: .outbound, port: 9080, subset: subset, host: host), routeName: routeName,
    authority: authority, path: path, code: code, flags: flags, duration: .milliseconds(milliseconds))
}
