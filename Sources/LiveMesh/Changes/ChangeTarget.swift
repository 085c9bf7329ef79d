import IstioAPI
import JSON
import KubernetesAPI
import MeshModel

/// What a changed object is about, in its own terms. Which services that are is told by what there is by then.
enum ChangeTarget: Equatable, Sendable {
  case services([ServiceID], version: String?)
  /// Pods with exactly these labels.
  case pods(labels: [String: String], namespace: String)
  /// Pods that have these labels among theirs; `nil` looks in all namespaces.
  case selector([String: String], namespace: String?)
  /// Gateways whose pods have these labels, in whatever namespace: they may be in none that is looked at, and then
  /// what they let in is meant, which is of the namespace.
  case edge([String: String], namespace: String)
  /// What stands for a Gateway of the Gateway API.
  case gateways([String], namespace: String)
  case namespace(String)
  case mesh

  /// Services that one change is said to have touched.
  fileprivate static let mostServices = 50

  init(_ object: KubernetesObject, of kind: WatchedKind, _ differences: [Difference] = []) {
    let spec = object.json["spec"]
    let namespace = object.key.namespace
    switch kind {
    case .virtualService: self = .services(VirtualService(object).concerned, version: nil)
    case .destinationRule: self.init(DestinationRule(object), differences)
    case .serviceEntry:
      self = .services(unique(texts(spec?["hosts"]).compactMap { ServiceID(host: $0) }), version: nil)
    case .service: self = .services([ServiceID(namespace: namespace, name: object.key.name)], version: nil)
    case .deployment, .statefulSet, .daemonSet:
      self = .pods(labels: Deployment(object).podLabels, namespace: namespace)
    case .istioGateway:
      let selector = strings(spec?["selector"])
      self = selector.isEmpty ? .mesh : .edge(selector, namespace: namespace)
    case .gateway: self = .gateways([object.key.name], namespace: namespace)
    case .httpRoute, .grpcRoute:
      let parents = spec?["parentRefs"]?.array ?? []
      let backends = (spec?["rules"]?.array ?? []).flatMap { $0["backendRefs"]?.array ?? [] }
      let named = parents.filter { $0["kind"] == "Service" } + backends
      self = .services(unique(named.compactMap { $0.reference(from: namespace) }), version: nil)
    case .sidecar, .envoyFilter, .authorizationPolicy, .peerAuthentication, .requestAuthentication, .telemetry:
      self.init(policy: spec, in: namespace)
    }
  }

  private init(_ rule: DestinationRule, _ differences: [Difference]) {
    guard let service = ServiceID(host: rule.fullHost) else {
      // `*.payments.svc.cluster.local`, or wider.
      let parts = rule.fullHost.split(separator: ".")
      self = parts.count > 2 && parts[0] == "*" && parts[2] == "svc" ? .namespace(String(parts[1])) : .mesh
      return
    }
    let subsets = Set(
      differences.map { difference -> String? in
        guard difference.path.first == .member("subsets"),
          case .element(let name, _)? = difference.path.dropFirst().first
        else { return nil }
        return name
      })
    let only = subsets.count == 1 ? subsets.first ?? nil : nil
    let version = only.flatMap { name in rule.subsets.first { $0.name == name }?.labels["version"] ?? name }
    self = .services([service], version: version)
  }

  /// Policies select pods by labels, or services and gateways by name, or else are of a whole namespace.
  private init(policy spec: JSONValue?, in namespace: String) {
    let references = (spec?["targetRefs"]?.array ?? []) + (spec?["targetRef"].map { [$0] } ?? [])
    let services = references.filter { $0["kind"] == "Service" || $0["kind"] == "ServiceEntry" }
    let gateways = references.filter { $0["kind"] == "Gateway" }.compactMap { $0["name"]?.string }
    let labels = strings(spec?["selector"]?["matchLabels"] ?? spec?["workloadSelector"]?["labels"])
    if !services.isEmpty {
      self = .services(unique(services.compactMap { $0.reference(from: namespace) }), version: nil)
    } else if !gateways.isEmpty {
      self = .gateways(gateways, namespace: namespace)
    } else if !labels.isEmpty {
      self = .selector(labels, namespace: namespace == WatchedPlace.rootNamespace ? nil : namespace)
    } else {
      self = namespace == WatchedPlace.rootNamespace ? .mesh : .namespace(namespace)
    }
  }
}

/// The services and pods that there are, to tell what a change can have touched.
struct ChangeSurroundings {
  private let services: [Service]
  /// By namespace and one pair of their selectors: of a thousand few are looked at for a pod.
  private var index: [Pair: [(id: ServiceID, selector: [String: String])]] = [:]
  /// The labels of the pods that workloads make.
  private let pods: [(namespace: String, labels: [String: String])]

  private struct Pair: Hashable {
    let namespace: String
    let key: String
    let value: String
  }

  init(services: [Service], pods: [(namespace: String, labels: [String: String])]) {
    self.services = services
    self.pods = pods
    for service in services {
      let selector = service.selector
      guard let first = selector.min(by: { $0.key < $1.key }) else { continue }
      let pair = Pair(namespace: service.namespace, key: first.key, value: first.value)
      index[pair, default: []].append((service.id, selector))
    }
  }

  func reach(of target: ChangeTarget) -> ObservedChange.Reach {
    switch target {
    case .services(let services, let version): return .services(services, version: version)
    case .pods(let labels, let namespace):
      return .services(services(before: labels, in: namespace), version: Self.version(of: labels))
    case .selector(let wanted, let namespace):
      let selected = pods.filter { pod in
        (namespace ?? pod.namespace) == pod.namespace && wanted.allSatisfy { pod.labels[$0.key] == $0.value }
      }
      // Pods of no known workload: their Services are those that ask for the same.
      guard !selected.isEmpty else {
        let asking = services.filter { (namespace ?? $0.namespace) == $0.namespace && $0.selects(wanted) }
        return .services(unique(asking.map(\.id).sorted()), version: wanted["version"])
      }
      return .services(
        unique(selected.flatMap { services(before: $0.labels, in: $0.namespace) }.sorted()), version: wanted["version"])
    case .edge(let selector, let namespace):
      if case .services(let services, _) = reach(of: .selector(selector, namespace: nil)), !services.isEmpty {
        return .services(services, version: nil)
      }
      return .namespace(namespace)
    case .gateways(let names, let namespace):
      let found = services.filter {
        $0.namespace == namespace
          && ($0.labels["gateway.networking.k8s.io/gateway-name"].map(names.contains) ?? false)
      }
      return .services(unique(found.map(\.id).sorted()), version: nil)
    case .namespace(let namespace): return .namespace(namespace)
    case .mesh: return .mesh
    }
  }

  private func services(before labels: [String: String], in namespace: String) -> [ServiceID] {
    let asking = labels.flatMap { index[Pair(namespace: namespace, key: $0.key, value: $0.value)] ?? [] }
    let found = asking.filter { $0.selector.allSatisfy { labels[$0.key] == $0.value } }
    return unique(found.map(\.id).sorted())
  }

  /// As subsets and Istio's telemetry name it; `latest` is what Istio calls the pods that have none.
  private static func version(of labels: [String: String]) -> String? {
    let names = ["version", "app.kubernetes.io/version", "service.istio.io/canonical-revision"]
    return names.lazy.compactMap { labels[$0] }.first { !$0.isEmpty && $0 != "latest" }
  }
}

extension VirtualService {
  /// The hosts that it routes, then where it sends their requests; those outside of the cluster last.
  fileprivate var concerned: [ServiceID] {
    let named = rules.flatMap { rule in
      rule.destinations.map(\.destination.fullHost) + rule.mirrors.map(\.destination.fullHost)
    }
    let all = unique((fullHosts + named).compactMap { ServiceID(host: $0) })
    return all.filter { !$0.namespace.isEmpty } + all.filter { $0.namespace.isEmpty }
  }
}

extension ServiceID {
  /// The Service at a host of the cluster, or a host outside, which is of no namespace; `nil` for a wildcard.
  fileprivate init?(host: String) {
    guard !host.isEmpty, !host.contains("*") else { return nil }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 2, parts[2] == "svc" {
      self.init(namespace: String(parts[1]), name: String(parts[0]))
    } else {
      self.init(namespace: "", name: host)
    }
  }
}

extension JSONValue {
  /// The Service that a reference of the Gateway API names.
  fileprivate func reference(from namespace: String) -> ServiceID? {
    guard let name = self["name"]?.string, self["kind"].map({ $0 == "Service" }) ?? true else { return nil }
    return ServiceID(namespace: self["namespace"]?.string ?? namespace, name: name)
  }
}

extension Service {
  fileprivate var id: ServiceID { ServiceID(namespace: namespace, name: name) }
}

private func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }

/// In their order, each once: the first, where somebody names more than anybody would read.
private func unique(_ all: [ServiceID]) -> [ServiceID] {
  var seen = Set<ServiceID>()
  return Array(all.filter { seen.insert($0).inserted }.prefix(ChangeTarget.mostServices))
}
