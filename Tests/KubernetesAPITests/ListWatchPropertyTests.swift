import Testing
import Transport

@testable import KubernetesAPI

/// A server with a history, which forgets its beginning.
private struct Server {
  /// The state at each version: the version at which each object changed last.
  var history: [[String: Int]] = [[:], [:]]
  /// Versions before this one are forgotten.
  var oldest = 1

  var now: Int { history.count - 1 }

  mutating func change(_ random: inout Jitter) {
    var state = history[now]
    let name = "pod-\(Int.random(in: 0..<8, using: &random))"
    if state[name] != nil, Int.random(in: 0..<3, using: &random) == 0 {
      state[name] = nil
    } else {
      state[name] = now + 1
    }
    history.append(state)
  }

  /// What a watch tells of the step from `version` to the next.
  func event(after version: Int) -> WatchEvent<Pod> {
    let (before, after) = (history[version], history[version + 1])
    for (name, changed) in after where before[name] != changed {
      return .set(pod(name, version: version + 1))
    }
    let gone = before.keys.first { after[$0] == nil }
    return .deleted(pod(gone ?? "nobody", version: version + 1).object)
  }

  /// A page of two, or all; a token is `version/offset`.
  func page(_ token: String?, isPaged: Bool, keepsPlace: Bool) -> ListWatch<Pod>.Input {
    let parts = token?.split(separator: "/").compactMap { Int($0) } ?? [now, 0]
    let (version, offset) = (parts[0], parts[1])
    guard version >= oldest else { return .refused(.expired(message: "continue")) }
    let all = history[version].sorted { $0.key < $1.key }.map { pod($0.key, version: $0.value) }
    let end = isPaged ? min(offset + 2, all.count) : all.count
    return .page(
      ListPage(
        resources: Array(all[min(offset, end)..<end]), resourceVersion: String(keepsPlace ? version : now),
        next: end < all.count ? "\(version)/\(end)" : nil))
  }
}

private let faults: [ListWatch<Pod>.Input] = [
  .broken(.brokenOff(reason: "test")), .garbage(reason: "test"), .refused(.unauthorized(message: "")),
  .refused(.forbidden(message: "")), .refused(.tooManyRequests(retryAfter: .seconds(1))),
  .refused(.serverFailed(status: 500, message: "", retryAfter: nil)), .refused(.expired(message: "")),
  .refused(.resourceVersionTooLarge(retryAfter: nil)), .refused(.notServed(path: "/x")),
  .refused(.unreadable(reason: "test")), .refused(.notKubernetes(status: 200, summary: "HTML")),
]

/// Runs a machine against a server with `faultsInTen` in ten things going wrong.
private struct Simulation {
  var server = Server()
  var random: Jitter
  var machine: ListWatch<Pod>
  var demand: ListWatch<Pod>.Demand
  var keepsPlace = true
  /// Where the open watch is.
  var watched: Int?
  var highest = 0

  init(seed: UInt64) {
    random = Jitter(state: seed)
    machine = ListWatch(seed: seed)
    demand = machine.start
  }

  mutating func step(faultsInTen: Int) {
    if faultsInTen > 0 {
      for _ in 0..<Int.random(in: 0..<3, using: &random) { server.change(&random) }
      if Int.random(in: 0..<12, using: &random) == 0 {
        server.oldest = Int.random(in: server.oldest...server.now, using: &random)
      }
    }
    let isFault = Int.random(in: 0..<10, using: &random) < faultsInTen
    let input: ListWatch<Pod>.Input
    switch demand {
    case .wait:
      watched = nil
      input = .timer
    case .list(let token, let isPaged):
      watched = nil
      input =
        isFault
        ? faults.randomElement(using: &random) ?? .ended
        : server.page(token, isPaged: isPaged, keepsPlace: keepsPlace)
    case .watch(let version):
      watched = isFault ? nil : Int(version)
      input = isFault ? faults.randomElement(using: &random) ?? .ended : .opened
    case .goOn:
      input = isFault ? streamFault() : streamInput()
    }
    demand = machine.step(input)
  }

  private mutating func streamFault() -> ListWatch<Pod>.Input {
    let ends: [ListWatch<Pod>.Input] = [
      .ended, .broken(.brokenOff(reason: "test")), .garbage(reason: "test"),
      .event(.failed(.serverFailed(status: 500, message: "", retryAfter: nil))),
      .event(.failed(.expired(message: ""))),
    ]
    return ends.randomElement(using: &random) ?? .ended
  }

  private mutating func streamInput() -> ListWatch<Pod>.Input {
    guard let place = watched else { return .ended }
    guard place >= server.oldest else { return .event(.failed(.expired(message: ""))) }
    guard place < server.now else { return .event(.bookmark(String(place))) }
    watched = place + 1
    return .event(server.event(after: place))
  }

  /// What is wrong with the state, if anything.
  mutating func complaint() -> String? {
    let state = machine.state
    guard state.isComplete else { return state.objects.isEmpty ? nil : "objects before the first whole list" }
    guard let version = Int(state.resourceVersion), version <= server.now else { return "a version of nowhere" }
    guard version >= highest else { return "went back from \(highest) to \(version)" }
    highest = version
    let known = Dictionary(
      state.objects.map { ($0.key.name, Int($0.value.object.resourceVersion) ?? -1) }, uniquingKeysWith: { $1 })
    return known == server.history[version] ? nil : "at \(version): \(known), not \(server.history[version])"
  }
}

@Suite struct ListWatchPropertyTests {
  /// Whatever goes wrong, the state is the server's at the version that it names, and once things go right it
  /// catches up.
  @Test(arguments: 0..<UInt64(200))
  func followsTheServer(seed: UInt64) throws {
    var simulation = Simulation(seed: seed)
    for step in 0..<400 {
      simulation.step(faultsInTen: 3)
      if let complaint = simulation.complaint() {
        Issue.record("seed \(seed), step \(step): \(complaint)")
        return
      }
    }
    var steps = 0
    while simulation.machine.state.resourceVersion != String(simulation.server.now)
      || simulation.machine.state.phase != .live, steps < 2000
    {
      simulation.step(faultsInTen: 0)
      steps += 1
    }
    #expect(simulation.machine.state.phase == .live, "seed \(seed)")
    #expect(simulation.machine.state.resourceVersion == String(simulation.server.now), "seed \(seed)")
    #expect(simulation.complaint() == nil, "seed \(seed)")
  }

  /// A server whose pages are of different versions is asked for all at once.
  @Test(arguments: 0..<UInt64(50))
  func aServerThatLosesItsPlaceIsFollowedAsWell(seed: UInt64) throws {
    var simulation = Simulation(seed: seed)
    simulation.keepsPlace = false
    for _ in 0..<30 { simulation.server.change(&simulation.random) }
    for step in 0..<300 {
      simulation.step(faultsInTen: 1)
      if let complaint = simulation.complaint() {
        Issue.record("seed \(seed), step \(step): \(complaint)")
        return
      }
    }
    #expect(simulation.machine.state.isComplete, "seed \(seed)")
  }
}
