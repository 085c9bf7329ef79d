import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel

/// What the cluster's resources ask for, all read together. A kind that could not be listed is `nil`: what the others
/// say is shown all the same.
struct AskedResources: Equatable, Sendable {
  var virtualServices: [VirtualService]?
  var destinationRules: [DestinationRule]?
  /// Empty where the Gateway API is not installed, as it is in most clusters.
  var httpRoutes: [HTTPRoute]? = []
  var grpcRoutes: [GRPCRoute]? = []
  var services: [Service]?
  var pods: [Pod]?
}

/// The rules of all resources, and the pods behind them.
struct Asked: Equatable, Sendable {
  /// Ordered by namespace, resource and rule; rules without destinations among them.
  var rules: [AskedRule] = []
  /// The pods that have a proxy.
  var proxies: [ProxyPod] = []
  /// The version label of the pod at an address, to tell the versions of a Service apart that has no subsets.
  var versions: [String: String] = [:]
  /// The host of the Service at a cluster IP.
  var hostsByAddress: [String: String] = [:]
  /// What pods and clusters are called in the service graph.
  var names = NodeNames()
  /// Those that have not finished, by namespace and name.
  private(set) var pods: [Pod] = []
  /// What there is, as far as the resources tell.
  var topology = Topology()
  /// The proxies of the pods behind each Service, with the labels that its subsets go by.
  private var backing: [String: [(proxy: ProxyID, labels: [String: String])]] = [:]
  private var subsets: [String: [String: [String: String]]] = [:]

  struct ProxyPod: Equatable, Sendable {
    var id: ProxyID
    var kind: ProxyStatus.Kind
    /// The tag of the proxy's image.
    var version: String?
  }

  var routes: [Route] { rules.map(\.route).filter { !$0.split.shares.isEmpty } }

  /// The HTTP rules of a resource, in order.
  var byResource: [ResourceID: [AskedRule]] {
    Dictionary(grouping: rules.filter { $0.route.id.section == .http }, by: \.route.id.resource)
  }

  /// The TLS rules of a resource, then its TCP rules, in order.
  var byteRules: [ResourceID: [AskedRule]] {
    Dictionary(grouping: rules.filter { $0.route.id.section != .http }, by: \.route.id.resource)
  }

  /// The proxies of the pods that a destination's requests end in.
  func proxies(behind destination: Destination) -> [ProxyID] {
    let pods = backing[destination.host] ?? []
    guard let subset = destination.subset else { return pods.map(\.proxy) }
    let wanted = subsets[destination.host]?[subset] ?? ["version": subset]
    return pods.filter { pod in wanted.allSatisfy { pod.labels[$0.key] == $0.value } }.map(\.proxy)
  }

  init() {}

  init(_ resources: AskedResources) {
    let index = PodIndex(resources.pods ?? [])
    let pods = index.pods
    self.pods = pods
    proxies = pods.compactMap(ProxyPod.init)
    for (pod, labels) in zip(pods, index.labels) {
      if let ip = pod.ip, let version = labels["version"] { versions[ip] = version }
    }
    for rule in resources.destinationRules ?? [] {
      for subset in rule.subsets { subsets[rule.fullHost, default: [:]][subset.name] = subset.labels }
    }
    var podsOf: [String: [Pod]] = [:]
    var selection: [ServiceID: [Int]] = [:]
    for service in resources.services ?? [] {
      let host = resolvedHost(service.name, in: service.namespace)
      let selected = index.selected(by: service)
      selection[ServiceID(namespace: service.namespace, name: service.name)] = selected
      podsOf[host] = selected.map { pods[$0] }
      if let address = service.clusterIP { hostsByAddress[address] = host }
      backing[host] = selected.filter { pods[$0].container("istio-proxy") != nil }
        .map { (ProxyID("\(pods[$0].name).\(pods[$0].namespace)"), index.labels[$0]) }
    }
    names = NodeNames(pods, selection)
    topology = TopologyBuilder(resources, pods, selection).topology()

    var rules = (resources.virtualServices ?? []).flatMap(AskedRule.all)
    rules += (resources.httpRoutes ?? []).flatMap { AskedRule.all(of: $0, kind: .httpRoute) }
    rules += (resources.grpcRoutes ?? []).flatMap { AskedRule.all(of: $0, kind: .grpcRoute) }
    // Rules of TLS and TCP leave a host's HTTP requests to its Service.
    let routed = Set(rules.filter { $0.isForSidecars && $0.route.id.section == .http }.flatMap(\.route.hosts))
    for service in resources.services ?? [] where resources.virtualServices != nil && service.isRoutable {
      let host = resolvedHost(service.name, in: service.namespace)
      if !routed.contains(host) { rules.append(AskedRule(service, host: host, pods: podsOf[host] ?? [])) }
    }
    if resources.pods != nil {
      for place in rules.indices {
        for destination in rules[place].route.split.destinations {
          guard let pods = podsOf[destination.host] else { continue }
          var chosen = pods
          if let subset = destination.subset {
            let isVersion = rules[place].route.id.resource.kind == .service
            guard let labels = isVersion ? ["version": subset] : subsets[destination.host]?[subset] else { continue }
            chosen = pods.filter { pod in labels.allSatisfy { pod.labels[$0.key] == $0.value } }
          }
          rules[place].route.readiness[destination] = Route.Readiness(
            ready: chosen.filter { $0.isReady && !$0.isBeingDeleted }.count, total: chosen.count)
        }
      }
    }
    self.rules = rules.sorted { $0.route.id.order < $1.route.id.order }
  }

  static func == (one: Asked, other: Asked) -> Bool {
    one.rules == other.rules && one.proxies == other.proxies && one.versions == other.versions
      && one.hostsByAddress == other.hostsByAddress && one.names == other.names && one.topology == other.topology
      && one.subsets == other.subsets && one.pods.elementsEqual(other.pods) { $0.object.key == $1.object.key }
      && one.backing.mapValues { $0.map(\.proxy) } == other.backing.mapValues { $0.map(\.proxy) }
  }
}

extension AskedRule {
  /// A Service without any routing: its requests spread over its pods, so that each version's share is that of its
  /// ready pods.
  fileprivate init(_ service: Service, host: String, pods: [Pod]) {
    let versions = Set(pods.compactMap { $0.labels["version"] }).sorted()
    let shares =
      versions.count > 1
      ? versions.map { version in
        TrafficSplit.Share(
          destination: Destination(host: host, subset: version),
          weight: Weight(pods.filter { $0.labels["version"] == version && $0.isReady }.count))
      }
      : [TrafficSplit.Share(destination: Destination(host: host), weight: 100)]
    let route = Route(
      id: RouteID(
        resource: ResourceID(kind: .service, namespace: service.namespace, name: service.name), rule: 0),
      resourceVersion: service.object.resourceVersion, mesh: "istio", hosts: [host], split: TrafficSplit(shares))
    self.init(route: route, matches: [], isForSidecars: true, isForGateways: false)
  }
}

extension Service {
  /// Whether requests of a mesh can go to it.
  fileprivate var isRoutable: Bool {
    kind != "ExternalName" && !selector.isEmpty && ports.contains { $0.transport == "TCP" }
  }
}

extension Asked.ProxyPod {
  fileprivate init?(_ pod: Pod) {
    guard let proxy = pod.container("istio-proxy") ?? pod.injected else { return nil }
    id = ProxyID("\(pod.name).\(pod.namespace)")
    kind = pod.containers.allSatisfy { $0.name == "istio-proxy" } ? .gateway : .sidecar
    let tag = proxy.image.split(separator: "/").last?.split(separator: "@").first?.split(separator: ":")
    version = tag.flatMap { $0.count == 2 ? String($0[1]) : nil }
  }
}

extension Pod {
  /// Istio's proxy is an init container that keeps running, or a container like the others.
  fileprivate var injected: Container? { containers.first { $0.image.contains("/proxyv2") } }
}

extension RouteID {
  fileprivate var order: (String, String, String, Int, Int) {
    let place = RouteRule.Layer.allCases.firstIndex(of: section.layer) ?? 0
    return (resource.namespace, resource.name, resource.kind.rawValue, place, rule)
  }
}
