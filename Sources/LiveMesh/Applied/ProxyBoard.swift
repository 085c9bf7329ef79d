import EnvoyAPI
import IstioAPI
public import MeshModel
import Synchronization
public import Transport

/// A proxy that can be asked directly.
public struct ProxyEndpoint: Hashable, Sendable {
  /// What it is called; `nil` when it is to say so itself.
  public var name: ProxyID?
  public var endpoint: Endpoint

  public init(name: ProxyID? = nil, endpoint: Endpoint) {
    self.name = name
    self.endpoint = endpoint
  }
}

/// What all proxies and control planes say of themselves, gathered for whoever wants to know. The asking begins when
/// somebody does.
final class ProxyBoard: Sendable {
  struct State: Equatable, Sendable {
    /// By the place of their endpoint in the list that was given.
    var readings: [Int: ProxyReading] = [:]
    var controlPlanes: [Int: ControlPlane] = [:]

    /// Whether each of so many proxies has told its routes, or does not answer.
    func knowsAll(_ count: Int) -> Bool {
      readings.count == count
        && readings.values.allSatisfy { reading in
          if case .silent = reading.reach { true } else { reading.routes != nil }
        }
    }
  }

  struct ControlPlane: Equatable, Sendable {
    var version: String?
    var proxies: [ProxySync] = []
    var trouble: Trouble?
  }

  let state: Hub<State>
  let pace: PollPace
  /// What proxies' logs said last of routes that they refused; told by whoever reads the logs.
  let refusals = Hub<[ProxyID: LoggedRefusal]> { _ in }
  private let knownRefusals = Mutex<[ProxyID: LoggedRefusal]>([:])
  /// How many proxies are asked.
  let size: Int

  init(proxies: [ProxyEndpoint], istiod: [Endpoint], client: any HTTPClient, clock: MeshClock) {
    let pace = PollPace(clock: clock, crowd: proxies.count)
    self.pace = pace
    size = proxies.count
    state = Hub { hub in
      let pool = RoutePool()
      // What is not there must not be waited for.
      hub.publish(State())
      await withTaskGroup(of: Void.self) { group in
        for (number, proxy) in proxies.enumerated() {
          let poller = ProxyPoller(
            admin: EnvoyAdmin(proxy.endpoint, over: client), pace: pace, clock: clock, pool: pool, name: proxy.name
          ) { reading in
            hub.change { $0.readings.replace(number, with: reading) }
          }
          group.addTask { await poller.run() }
        }
        for (number, endpoint) in istiod.enumerated() {
          let istiod = IstiodClient(endpoint, over: client)
          group.addTask {
            await Self.poll(istiod, pace, clock) { plane in
              hub.change { $0.controlPlanes.replace(number, with: plane) }
            }
          }
        }
      }
    }
  }

  func note(_ refusal: LoggedRefusal, of proxy: ProxyID) {
    let changed = knownRefusals.withLock { known -> [ProxyID: LoggedRefusal]? in
      if let before = known[proxy], before.time > refusal.time { return nil }
      known[proxy] = refusal
      return known
    }
    if let changed { refusals.publish(changed) }
  }

  private static func poll(
    _ istiod: IstiodClient, _ pace: PollPace, _ clock: MeshClock, _ publish: (ControlPlane) -> Void
  ) async {
    var plane = ControlPlane()
    while !Task.isCancelled {
      let began = clock.now()
      do throws(IstiodError) {
        if plane.version == nil { plane.version = try await istiod.version() }
        plane.proxies = try await istiod.proxies()
        plane.trouble = nil
      } catch {
        if Task.isCancelled { return }
        // What it said last stays; a control plane that is away changes nothing in the proxies.
        plane.trouble = Trouble(error)
      }
      publish(plane)
      await pace.wait(afterAnswerThatTook: clock.now() - began, jitter: .random(in: 0...1))
    }
  }
}

extension Dictionary where Value: Equatable {
  /// Whether that changed anything.
  fileprivate mutating func replace(_ key: Key, with value: Value) -> Bool {
    guard self[key] != value else { return false }
    self[key] = value
    return true
  }
}

extension Trouble {
  fileprivate init(_ error: IstiodError) {
    switch error {
    case .transport(let error): self.init(error, what: "istiod does not answer")
    case .unauthorized: self.init(.unauthenticated, "\(error)")
    case .forbidden: self.init(.forbidden, "\(error)")
    case .notServed, .notIstiod: self.init(.misconfigured, "\(error)")
    case .failed: self.init(.serverFailed, "\(error)")
    }
  }
}
