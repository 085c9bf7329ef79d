internal import EnvoyAPI
internal import JSON
internal import ProxyLogs

/// Translates Services, EndpointSlices and DestinationRules into Envoy clusters, named and marked as istiod does.
/// Endpoints stand in the clusters: a subscription by file for each cluster would take an inotify instance each.
struct ClusterTranslation: Sendable {
  let registry: ServiceRegistry
  let destinationRules: [JSONValue]
  let pod: MeshPod
  let security: MutualTLS?

  var clusters: [JSONValue] {
    let rules = Dictionary(
      destinationRules.map { (ServiceRegistry.hostname($0["spec"]?["host"]?.string ?? "", in: $0.namespace), $0) }
    ) { first, _ in first }
    var all: [JSONValue] = []
    for service in registry.services where service.clusterIP != "None" {
      let rule = rules[service.hostname]
      for port in service.ports where port.isHTTP || port.isBytes {
        all.append(cluster(of: service, port: port, subset: nil, rule: rule))
        for subset in rule?["spec"]?["subsets"]?.array ?? [] {
          all.append(cluster(of: service, port: port, subset: subset, rule: rule))
        }
      }
    }
    if let application = pod.applicationAddress {
      all.append(inbound(application))
    }
    return all
  }

  private func cluster(
    of service: ServiceRegistry.Service, port: ServiceRegistry.Port, subset: JSONValue?, rule: JSONValue?
  ) -> JSONValue {
    let subsetName = subset?["name"]?.string
    let name = ClusterName(direction: .outbound, port: port.number, subset: subsetName, host: service.hostname)
    let labels = subset?["labels"]?.strings ?? [:]
    let endpoints = service.endpoints.filter { endpoint in labels.allSatisfy { endpoint.labels[$0.key] == $0.value } }
    let policy = subset?["trafficPolicy"] ?? rule?["spec"]?["trafficPolicy"]

    var istio: JSONValue = [
      "services": [
        ["host": .string(service.hostname), "name": .string(service.name), "namespace": .string(service.namespace)]
      ]
    ]
    if let rule { istio["config"] = .string(rule.configPath(kind: "destination-rule")) }
    if let subsetName { istio["subset"] = .string(subsetName) }

    var cluster = staticCluster(
      name.description,
      endpoints.compactMap { endpoint in
        endpoint.portsByName[port.name].map { endpointEntry(endpoint.address, $0, tlsMode: endpoint.tlsMode) }
      })
    let principals = Set(service.endpoints.map(\.principal)).sorted()
    for (key, value) in security?.upstream(name, mode: policy?["tls"]?["mode"]?.string, principals: principals) ?? [] {
      cluster[key] = value
    }
    cluster["lb_policy"] = "LEAST_REQUEST"
    cluster["circuit_breakers"] = ["thresholds": [thresholds(policy?["connectionPool"])]]
    cluster["common_lb_config"] = ["healthy_panic_threshold": [:]]
    cluster["metadata"] = ["filter_metadata": ["istio": istio]]
    if let detection = policy?["outlierDetection"] { cluster["outlier_detection"] = outlierDetection(detection) }
    if let limit = policy?["connectionPool"]?["http"]?["maxRequestsPerConnection"]?.int, limit > 0 {
      cluster["typed_extension_protocol_options"] = [
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": [
          "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
          "common_http_protocol_options": ["max_requests_per_connection": .int(limit)],
          "explicit_http_config": ["http_protocol_options": [:]],
        ]
      ]
    }
    return cluster
  }

  private func inbound(_ application: String) -> JSONValue {
    let services = registry.services.filter { service in
      service.namespace == pod.namespace && !service.selector.isEmpty
        && service.selector.allSatisfy { pod.labels[$0.key] == $0.value }
    }
    var cluster = staticCluster(
      "inbound|\(Bookinfo.port)||", [endpointEntry(application, Bookinfo.port, tlsMode: nil)])
    cluster["circuit_breakers"] = ["thresholds": [thresholds(nil)]]
    cluster["metadata"] = [
      "filter_metadata": [
        "istio": [
          "services": .array(
            services.map {
              ["host": .string($0.hostname), "name": .string($0.name), "namespace": .string($0.namespace)]
            })
        ]
      ]
    ]
    return cluster
  }

  private func staticCluster(_ name: String, _ endpoints: [JSONValue]) -> JSONValue {
    [
      "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": .string(name), "type": "STATIC",
      "connect_timeout": "10s", "alt_stat_name": .string(name + ";"),
      "load_assignment": [
        "cluster_name": .string(name),
        "endpoints": [["lb_endpoints": .array(endpoints)]],
      ],
    ]
  }

  private func endpointEntry(_ address: String, _ port: Int, tlsMode: String?) -> JSONValue {
    var entry: JSONValue = ["endpoint": ["address": socketAddress(address, port)]]
    if let tlsMode {
      entry["metadata"] = ["filter_metadata": ["envoy.transport_socket_match": ["tlsMode": .string(tlsMode)]]]
    }
    return entry
  }

  private func thresholds(_ pool: JSONValue?) -> JSONValue {
    let unlimited = 4_294_967_295
    return [
      "max_connections": .int(pool?["tcp"]?["maxConnections"]?.int ?? unlimited),
      "max_pending_requests": .int(pool?["http"]?["http1MaxPendingRequests"]?.int ?? unlimited),
      "max_requests": .int(pool?["http"]?["http2MaxRequests"]?.int ?? unlimited),
      "max_retries": .int(pool?["http"]?["maxRetries"]?.int ?? unlimited), "track_remaining": true,
    ]
  }

  private func outlierDetection(_ detection: JSONValue) -> JSONValue {
    var result: JSONValue = ["enforcing_success_rate": 0]
    if let count = detection["consecutive5xxErrors"]?.int {
      result["consecutive_5xx"] = .int(count)
      result["enforcing_consecutive_5xx"] = .int(count > 0 ? 100 : 0)
    }
    if let count = detection["consecutiveGatewayErrors"]?.int {
      result["consecutive_gateway_failure"] = .int(count)
      result["enforcing_consecutive_gateway_failure"] = .int(count > 0 ? 100 : 0)
    }
    if let interval = detection["interval"]?.string.flatMap(envoyDuration) { result["interval"] = .string(interval) }
    if let time = detection["baseEjectionTime"]?.string.flatMap(envoyDuration) {
      result["base_ejection_time"] = .string(time)
    }
    if let percent = detection["maxEjectionPercent"]?.int { result["max_ejection_percent"] = .int(percent) }
    return result
  }
}

func socketAddress(_ address: String, _ port: Int) -> JSONValue {
  ["socket_address": ["address": .string(address), "port_value": .int(port)]]
}
