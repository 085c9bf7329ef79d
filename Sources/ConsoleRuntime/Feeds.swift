import Console
import MeshModel

/// The feeds that are open: one task for each subscription, which ends when the subscription does.
final class Feeds {
  private let mesh: any Mesh
  private let inbox: Inbox
  private var open: [Subscription: (token: Int, task: Task<Void, Never>)] = [:]
  private var tokens: Set<Int> = []
  private var nextToken = 0

  init(mesh: any Mesh, inbox: Inbox) {
    self.mesh = mesh
    self.inbox = inbox
  }

  deinit {
    for feed in open.values { feed.task.cancel() }
  }

  /// Opens what is new in the set and closes what has left it.
  func follow(_ wanted: Set<Subscription>) {
    for (subscription, feed) in open where !wanted.contains(subscription) {
      feed.task.cancel()
      tokens.remove(feed.token)
      open[subscription] = nil
    }
    for subscription in wanted where open[subscription] == nil {
      nextToken += 1
      guard let task = start(subscription, token: nextToken) else { continue }
      open[subscription] = (nextToken, task)
      tokens.insert(nextToken)
    }
  }

  /// Whether a message of this feed still counts: a feed that was closed may have left some.
  func isOpen(_ token: Int) -> Bool { tokens.contains(token) }

  private func start(_ subscription: Subscription, token: Int) -> Task<Void, Never>? {
    switch subscription {
    case .routes(let scope): read(mesh.routes(in: scope), token) { .routes($0) }
    case .proxies(let scope): read(mesh.proxies(in: scope), token) { .proxies($0) }
    case .traffic(let scope, let window): read(mesh.traffic(in: scope, over: window), token) { .traffic($0) }
    case .edges(let scope, let window, let moment):
      read(mesh.edges(in: scope, over: window, at: moment), token) { .edges($0) }
    case .topology(let scope): read(mesh.topology(in: scope), token) { .topology($0) }
    case .changes(let scope): read(mesh.changes(in: scope), token) { .changes($0) }
    case .log(let query): read(mesh.log(query), token) { .log(query, $0) }
    case .trail(let request, let times, let scope):
      read(mesh.trail(of: request, between: times, in: scope), token) { .trail(request: request, $0) }
    case .levels: read(mesh.levels(), token) { .levels($0) }
    case .propagation(let change): read(mesh.propagation(of: change), token) { .propagation(change.id, $0) }
    case .ramps: read(mesh.ramps(), token) { .ramps($0) }
    case .clock: nil
    }
  }

  private func read<Value: Sendable>(
    _ feed: Feed<Value>, _ token: Int, _ message: @escaping @Sendable (FeedEvent<Value>) -> Message
  ) -> Task<Void, Never> {
    Task { [inbox] in
      for await event in feed { await inbox.put(message(event), of: token) }
    }
  }
}
