internal import EnvoyAPI
internal import JSON
internal import ProxyLogs

/// Translates VirtualServices, the Gateway API's routes and Services into Envoy's RouteConfigurations, in the shape in
/// which istiod does it (pilot/pkg/networking/core/route/route.go).
struct RouteTranslation: Sendable {
  let registry: ServiceRegistry
  let virtualServices: [JSONValue]
  let gateways: [JSONValue]
  let pod: MeshPod

  init(_ objects: MeshObjects, registry: ServiceRegistry, for pod: MeshPod) {
    self.registry = registry
    // The oldest wins where two claim a host.
    virtualServices = (objects.virtualServices + GatewayTranslation(objects).virtualServices).sorted {
      let (one, other) = ($0.creationTime, $1.creationTime)
      return one == other ? $0.qualifiedName < $1.qualifiedName : one < other
    }
    gateways = objects.gateways
    self.pod = pod
  }

  // MARK: Sidecars

  /// The routes of a sidecar's outbound listener for one port. As under Istio all services with that port are in it,
  /// and every VirtualService's hosts, whether or not they have the port.
  func outbound(port: Int) -> JSONValue {
    var hosts: [JSONValue] = []
    var taken = Set<String>()
    for virtualService in virtualServices where virtualService.appliesToMesh {
      for host in virtualService.hosts {
        let routes = routes(of: virtualService, port: port, gateway: "mesh")
        guard !routes.isEmpty, taken.insert(host).inserted else { continue }
        let service = registry.service(hostname: host).flatMap { $0.port(port)?.isHTTP == true ? $0 : nil }
        hosts.append(
          virtualHost("\(host):\(port)", domains: service.map(domains) ?? [host], routes: routes))
      }
    }
    let covered = Set(hosts.compactMap { $0["name"]?.string })
    for service in registry.services where service.port(port)?.isHTTP == true {
      let name = "\(service.hostname):\(port)"
      guard !covered.contains(name) else { continue }
      let cluster = ClusterName(direction: .outbound, port: port, host: service.hostname)
      hosts.append(virtualHost(name, domains: domains(of: service), routes: [defaultRoute(to: cluster)]))
    }
    hosts.sort { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
    hosts.append(
      virtualHost(
        "block_all", domains: ["*"],
        routes: [["name": "block_all", "match": ["prefix": "/"], "direct_response": ["status": 502]]]))
    return configuration(String(port), hosts)
  }

  private func domains(of service: ServiceRegistry.Service) -> [String] {
    var names = [service.hostname, service.hostname + "."]
    if service.namespace == pod.namespace { names.append(service.name) }
    names += ["\(service.name).\(service.namespace).svc", "\(service.name).\(service.namespace)"]
    if let address = service.clusterIP, address != "None" { names.append(address) }
    return names
  }

  // MARK: Gateways

  /// The ports on which a gateway's proxy serves HTTP, by the Gateways that select it.
  var gatewayPorts: [Int] {
    Set(servers.compactMap { $0.server["port"]?["number"]?.int }).sorted()
  }

  private var servers: [(gateway: JSONValue, server: JSONValue)] {
    gateways.filter { gateway in
      let selector = gateway["spec"]?["selector"]?.strings ?? [:]
      return selector.allSatisfy { pod.labels[$0.key] == $0.value }
    }
    .flatMap { gateway in
      (gateway["spec"]?["servers"]?.array ?? [])
        .filter { $0["port"]?["protocol"]?.string?.uppercased() == "HTTP" }.map { (gateway, $0) }
    }
  }

  func gateway(port: Int) -> JSONValue {
    var routesOfHost: [(host: String, routes: [JSONValue])] = []
    for (gateway, server) in servers where server["port"]?["number"]?.int == port {
      let served = (server["hosts"]?.array ?? []).compactMap { $0.string?.split(separator: "/").last.map(String.init) }
      for virtualService in virtualServices {
        let isBound = (virtualService["spec"]?["gateways"]?.array ?? []).contains {
          $0.string == gateway.qualifiedName
            || ($0.string == gateway.name && virtualService.namespace == gateway.namespace)
        }
        guard isBound else { continue }
        for host in virtualService.hosts where host == "*" || served.contains("*") || served.contains(host) {
          let routes = routes(of: virtualService, port: port, gateway: gateway.qualifiedName)
          if let place = routesOfHost.firstIndex(where: { $0.host == host }) {
            routesOfHost[place].routes += routes
          } else {
            routesOfHost.append((host, routes))
          }
        }
      }
    }
    let hosts = routesOfHost.map { virtualHost("\($0.host):\(port)", domains: [$0.host], routes: $0.routes) }
    let nothing = virtualHost(
      "blackhole:\(port)", domains: ["*"],
      routes: [["name": "default", "match": ["prefix": "/"], "direct_response": ["status": 404]]])
    return configuration("http.\(port)", hosts.isEmpty ? [nothing] : hosts)
  }

  // MARK: Rules

  private func routes(of virtualService: JSONValue, port: Int, gateway: String) -> [JSONValue] {
    (virtualService["spec"]?["http"]?.array ?? []).flatMap { rule -> [JSONValue] in
      let matches = rule["match"]?.array ?? []
      if matches.isEmpty { return [route(of: rule, match: nil, in: virtualService, port: port)] }
      return matches.filter { applies($0, port: port, gateway: gateway) }
        .map { route(of: rule, match: $0, in: virtualService, port: port) }
    }
  }

  private func applies(_ match: JSONValue, port: Int, gateway: String) -> Bool {
    if let wanted = match["port"]?.int, wanted != port { return false }
    if let gateways = match["gateways"]?.array?.compactMap(\.string), !gateways.contains(gateway) { return false }
    guard gateway == "mesh" else { return true }
    return (match["sourceLabels"]?.strings ?? [:]).allSatisfy { pod.labels[$0.key] == $0.value }
  }

  private func route(of rule: JSONValue, match: JSONValue?, in virtualService: JSONValue, port: Int) -> JSONValue {
    let isGatewayAPI = GatewayTranslation.made(virtualService)
    let matcher = RouteMatch(match, matchesSegments: isGatewayAPI)
    var route: JSONValue = [:]
    let ruleName = rule["name"]?.string
    let matchName = match?["name"]?.string
    let name = [ruleName, matchName].compactMap { $0 }.joined(separator: ".")
    if !name.isEmpty { route["name"] = .string(name) }
    route["match"] = matcher.envoy

    let action = RouteAction(rule, namespace: virtualService.namespace, port: port, registry: registry)
    var envoy = action.envoy
    if isGatewayAPI, action.key == "route" { envoy["cluster_not_found_response_code"] = "INTERNAL_SERVER_ERROR" }
    route[action.key] = envoy
    route["metadata"] = [
      "filter_metadata": ["istio": ["config": .string(virtualService.configPath(kind: "virtual-service"))]]
    ]
    let target = action.singleCluster.map { "\($0.host ?? ""):\($0.port)" } ?? "\(virtualService.name):\(port)"
    route["decorator"] = ["operation": .string(target + matcher.operation)]
    if let fault = RouteAction.fault(rule["fault"]) {
      route["typed_per_filter_config"] = ["envoy.filters.http.fault": fault]
    }
    return route
  }

  private func defaultRoute(to cluster: ClusterName) -> JSONValue {
    [
      "name": "default", "match": ["prefix": "/"],
      "route": [
        "cluster": .string(cluster.description), "timeout": "0s",
        "retry_policy": RouteAction.defaultRetries, "max_grpc_timeout": "0s",
      ],
      "decorator": ["operation": .string("\(cluster.host ?? ""):\(cluster.port)/*")],
    ]
  }

  private func virtualHost(_ name: String, domains: [String], routes: [JSONValue]) -> JSONValue {
    [
      "name": .string(name), "domains": .array(domains.map { .string($0) }), "routes": .array(routes),
      "include_request_attempt_count": true,
    ]
  }

  private func configuration(_ name: String, _ hosts: [JSONValue]) -> JSONValue {
    [
      "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "name": .string(name),
      "virtual_hosts": .array(hosts), "validate_clusters": false, "max_direct_response_body_size_bytes": 1_048_576,
      "ignore_port_in_host_matching": true,
    ]
  }
}

extension JSONValue {
  fileprivate var creationTime: String { self["metadata"]?["creationTimestamp"]?.string ?? "" }

  fileprivate var appliesToMesh: Bool {
    guard let gateways = self["spec"]?["gateways"]?.array, !gateways.isEmpty else { return true }
    return gateways.contains("mesh")
  }

  /// Those that sidecars route, in full.
  var meshHosts: [String] { appliesToMesh ? hosts : [] }

  /// In full.
  fileprivate var hosts: [String] {
    (self["spec"]?["hosts"]?.array ?? []).compactMap(\.string)
      .map { ServiceRegistry.hostname($0, in: namespace) }
  }

  /// How istiod marks what it made of a resource: `/apis/networking.istio.io/v1/namespaces/N/virtual-service/NAME`.
  func configPath(kind: String) -> String {
    "/apis/networking.istio.io/v1/namespaces/\(namespace)/\(kind)/\(name)"
  }
}
