internal import JSON
internal import ProxyLogs

/// The listeners of ports whose connections are passed on as they are, by the `tls` and `tcp` rules of VirtualServices
/// (pilot/pkg/networking/core/networkfilter.go, tls.go).
struct ByteTranslation: Sendable {
  let registry: ServiceRegistry
  let virtualServices: [JSONValue]
  let pod: MeshPod

  /// One for each port number: under Istio each Service has its own address, here all share the proxy's. Ports that only
  /// root may listen on are left out.
  var listeners: [JSONValue] {
    var ports: Set<Int> = []
    return registry.services.flatMap { service in
      service.ports.filter { $0.isBytes && $0.number >= 1024 }.compactMap { port -> JSONValue? in
        guard let address = service.clusterIP, address != "None", ports.insert(port.number).inserted else { return nil }
        return listener("\(address)_\(port.number)", chains(of: service, port.number), port.number)
      }
    }
  }

  private func listener(_ name: String, _ chains: [JSONValue], _ port: Int) -> JSONValue {
    [
      "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": .string(name),
      "address": socketAddress(pod.address, port), "traffic_direction": "OUTBOUND",
      "listener_filters": [MutualTLS.inspector], "filter_chains": .array(chains),
    ]
  }

  /// A chain for each TLS match, and one for what is left: by the first TCP rule that fits the port, else to the Service.
  private func chains(of service: ServiceRegistry.Service, _ port: Int) -> [JSONValue] {
    var chains: [JSONValue] = []
    var rest: JSONValue?
    for virtualService in virtualServices where virtualService.meshHosts.contains(service.hostname) {
      func fits(_ match: JSONValue) -> Bool { match["port"]?.int.map { $0 == port } ?? true }
      for rule in virtualService["spec"]?["tls"]?.array ?? [] {
        for match in rule["match"]?.array ?? [] where fits(match) {
          var chain = chain(of: rule, in: virtualService, port)
          chain["filter_chain_match"] = ["server_names": match["sniHosts"] ?? []]
          chains.append(chain)
        }
      }
      let rule = (virtualService["spec"]?["tcp"]?.array ?? []).first { rule in
        let matches = rule["match"]?.array ?? []
        return matches.isEmpty || matches.contains(where: fits)
      }
      if let rule, rest == nil { rest = chain(of: rule, in: virtualService, port) }
    }
    let own = ClusterName(direction: .outbound, port: port, host: service.hostname)
    return chains + [rest ?? ["filters": [proxy(["cluster": .string(own.description)], own.description)]]]
  }

  private func chain(of rule: JSONValue, in virtualService: JSONValue, _ port: Int) -> JSONValue {
    let action = RouteAction(rule, namespace: virtualService.namespace, port: port, registry: registry).envoy
    let target: JSONValue =
      action["cluster"].map { ["cluster": $0] } ?? ["weighted_clusters": action["weighted_clusters"] ?? [:]]
    return [
      "metadata": [
        "filter_metadata": ["istio": ["config": .string(virtualService.configPath(kind: "virtual-service"))]]
      ],
      "filters": [proxy(target, "outbound|\(port)||\(virtualService.name).\(virtualService.namespace)")],
    ]
  }

  private func proxy(_ target: JSONValue, _ statPrefix: String) -> JSONValue {
    var configuration: JSONValue = [
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      "stat_prefix": .string(statPrefix), "access_log": [AccessLog.toStandardOutput],
    ]
    for (key, value) in target.object ?? [:] { configuration[key] = value }
    return ["name": "envoy.filters.network.tcp_proxy", "typed_config": configuration]
  }
}
