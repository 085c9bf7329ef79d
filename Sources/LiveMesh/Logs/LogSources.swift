import KubernetesAPI
import MeshModel
import Synchronization

/// Says which logs a query means, anew whenever pods come or go.
struct LogSources: Sendable {
  /// Where Istio itself runs, as it is installed by default.
  static let rootNamespace = "istio-system"
  /// Between two looks for the pods of Istio itself, which are of no namespace that is followed.
  private static let interval: Duration = .seconds(15)

  let kubernetes: KubernetesClient
  let clock: MeshClock
  /// What is asked of the namespace that a part of a query is about.
  let asked: @Sendable (LogQuery) -> Hub<Asked>

  enum Event: Sendable {
    /// - Parameter isWhole: Whether every part of the query has been looked at.
    case logs([LogSource], isWhole: Bool = true)
    case trouble(Trouble)
  }

  func feed(_ query: LogQuery) -> AsyncStream<Event> {
    let (stream, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(16))
    let parts = query.parts
    let known = Mutex([[LogSource]?](repeating: nil, count: parts.count))
    let tell: @Sendable (Int, [LogSource]) -> Void = { place, logs in
      let event = known.withLock { known -> Event? in
        guard known[place] != logs else { return nil }
        known[place] = logs
        var seen: Set<LogSource> = []
        let all = known.flatMap { $0 ?? [] }.filter { seen.insert($0).inserted }
        return .logs(all, isWhole: known.allSatisfy { $0 != nil })
      }
      if let event { continuation.yield(event) }
    }
    let task = Task {
      await withDiscardingTaskGroup { group in
        for (place, part) in parts.enumerated() {
          group.addTask {
            switch part.istioItself {
            case let (labels, container)?:
              await follow(labels, container, { tell(place, $0) }, { continuation.yield(.trouble($0)) })
            case nil: await follow(part) { tell(place, $0) }
            }
          }
        }
      }
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  private func follow(_ part: LogQuery, _ tell: @Sendable ([LogSource]) -> Void) async {
    if case .proxy(let id) = part { return tell([LogSource(id)]) }
    for await event in asked(part).feed() { if case .value(let asked) = event { tell(asked.logs(of: part)) } }
  }

  private func follow(
    _ labels: String, _ container: String, _ tell: @Sendable ([LogSource]) -> Void,
    _ complain: @Sendable (Trouble) -> Void
  ) async {
    while !Task.isCancelled {
      do throws(KubernetesError) {
        let pods = try await kubernetes.list(Pod.self, in: Self.rootNamespace, labels: labels)
        tell(pods.map { LogSource(ProxyID($0), container: container) })
      } catch {
        complain(Trouble(error, doing: "list the pods of \(Self.rootNamespace)"))
      }
      await clock.sleep(Self.interval)
    }
  }
}

extension LogQuery {
  /// The namespace that is named; `nil` where what is meant says it in another way.
  var namespace: String? {
    switch self {
    case .route(let id): return id.resource.namespace
    case .node(let node): return node.namespace
    case .workload(let namespace, _), .namespace(let namespace):
      return namespace
    case .application(let inner): return inner.namespace
    case .proxy(let id): return id.namespace
    case .destination, .labels, .controlPlane, .nodeProxies, .any: return nil
    }
  }

  /// The labels and the container of the parts of Istio that run beside the mesh.
  fileprivate var istioItself: (labels: String, container: String)? {
    switch self {
    case .controlPlane: ("app=istiod", "discovery")
    case .nodeProxies: ("app=ztunnel", LogSource.proxy)
    default: nil
    }
  }
}
