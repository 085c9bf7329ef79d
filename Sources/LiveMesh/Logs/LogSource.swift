import KubernetesAPI
import MeshModel

/// One log: that of a container of a pod.
struct LogSource: Hashable, Sendable {
  let pod: ProxyID
  let container: String

  init(_ pod: ProxyID, container: String = LogSource.proxy) {
    self.pod = pod
    self.container = container
  }

  /// Istio calls so its proxy in every pod, gateways, waypoints and ztunnel among them.
  static let proxy = "istio-proxy"
}

extension Asked {
  /// The logs that are meant, each once, in the order of the pods; none where the query asks for pods that are not of a
  /// namespace that is looked at.
  func logs(of query: LogQuery) -> [LogSource] {
    switch query {
    case .application(let inner):
      let wanted = Set(logs(of: inner).map(\.pod))
      return pods.flatMap { pod in
        let id = ProxyID(pod)
        guard wanted.contains(id) else { return [LogSource]() }
        return pod.containers.filter { !$0.isSidecar && $0.name != LogSource.proxy }
          .map { LogSource(id, container: $0.name) }
      }
    case .any(let parts):
      var seen: Set<LogSource> = []
      return parts.flatMap { logs(of: $0) }.filter { seen.insert($0).inserted }
    case .proxy(let id): return [LogSource(id)]
    case .destination(let destination): return proxies(behind: destination).map { LogSource($0) }
    case .route(let id):
      let destinations = rules.first { $0.route.id == id }?.route.split.destinations ?? []
      return logs(of: .any(destinations.map(LogQuery.destination)))
    case .node(let node):
      return pods.filter { pod in
        let own = names.node(of: ProxyID(pod), isGateway: pod.isGateway)
        return own == node || own.whole == node
      }.proxyLogs
    case .workload(let namespace, let name):
      return pods.filter { $0.namespace == namespace && $0.workload == name }.proxyLogs
    case .namespace(let name): return pods.filter { $0.namespace == name }.proxyLogs
    case .labels(let labels, let scope):
      return pods.filter { pod in
        guard scope.holds(pod.namespace) else { return false }
        let own = pod.labels
        return labels.allSatisfy { own[$0.key] == $0.value }
      }.proxyLogs
    case .controlPlane, .nodeProxies: return []
    }
  }
}

extension Asked {
  /// The logs of all proxies, gateways first: where requests come in.
  var logsOfProxies: [LogSource] {
    let gateways = pods.filter(\.isGateway)
    return gateways.proxyLogs + pods.filter { !$0.isGateway }.proxyLogs
  }
}

extension ProxyID {
  init(_ pod: Pod) { self.init("\(pod.name).\(pod.namespace)") }
}

extension [Pod] {
  /// Pods without a proxy have no such log.
  fileprivate var proxyLogs: [LogSource] {
    filter { $0.container(LogSource.proxy) != nil }.map { LogSource(ProxyID($0)) }
  }
}
