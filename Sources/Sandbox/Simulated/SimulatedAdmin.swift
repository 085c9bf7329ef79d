internal import JSON

/// Answers what Envoy's admin API would, for all proxies of the model: the pod's id is the first part of the path.
struct SimulatedAdmin: Sendable {
  let mesh: SimulatedMesh
  private let pods: [String: MeshPod]

  init(_ mesh: SimulatedMesh) {
    self.mesh = mesh
    pods = Dictionary(mesh.pods.map { ($0.id, $0) }) { first, _ in first }
  }

  func serve(at address: String) async throws(HTTPServerError) -> HTTPServer {
    try await HTTPServer.start(on: .tcp(host: address, port: IstioPort.admin)) { answer($0) }
  }

  func answer(_ request: HTTPServer.Request) -> HTTPServer.Response {
    guard let id = request.path.first, let pod = pods[id] else {
      return .text("the path begins with POD.NAMESPACE\n", status: 404)
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return .text("the model cannot be changed by its admin API\n", status: 405)
    }
    switch request.path.dropFirst().joined(separator: "/") {
    case "ready": return .text("LIVE\n")
    case "server_info": return .json(serverInfo(of: pod))
    case "clusters": return .json(["cluster_statuses": .array(clusters(of: pod))])
    case "config_dump": return configurationDump(of: pod, request.query)
    case "stats": return .json(stats(of: pod))
    case "certs": return .json(["certificates": []])
    case "listeners":
      let port = pod.role == .router ? Bookinfo.gatewayPort : IstioPort.outbound
      return .json([
        "listener_statuses": [
          ["name": .string("0.0.0.0_\(port)"), "local_address": socketAddress(pod.address, port)]
        ]
      ])
    default: return .text("invalid path. the model knows no such endpoint\n", status: 404)
    }
  }

  private func serverInfo(of pod: MeshPod) -> JSONValue {
    let uptime = JSONValue.string("\((ContinuousClock.now - mesh.began).components.seconds)s")
    return [
      "version": "simulated/1.40.0/Clean/RELEASE/none", "state": "LIVE", "uptime_current_epoch": uptime,
      "uptime_all_epochs": uptime, "hot_restart_version": "disabled",
      "node": [
        "id": .string(pod.nodeID), "cluster": .string(pod.nodeCluster),
        "metadata": ["ISTIO_VERSION": .string(Bookinfo.istioVersion), "NAME": .string(pod.name)],
      ],
    ]
  }

  /// Values are strings and zeros are left out, as Envoy does.
  private func clusters(of pod: MeshPod) -> [JSONValue] {
    let counters = mesh.counters(of: pod)
    return (mesh.configuration(of: pod)?.clusters[pod.role] ?? []).map { cluster in
      let hosts = SimulatedMesh.hosts(of: cluster).map { host -> JSONValue in
        let counted = counters[host] ?? SimulatedMesh.Counters()
        let values: [(String, Int)] = [
          ("cx_connect_fail", counted.connectFailures), ("cx_total", min(counted.requests, 1)),
          ("rq_error", counted.errors + counted.connectFailures), ("rq_success", counted.requests - counted.errors),
          ("rq_timeout", 0), ("rq_total", counted.requests),
        ]
        return [
          "address": socketAddress(host.address, host.port),
          "stats": .array(
            values.map { name, value in
              value == 0
                ? ["name": .string(name)] : ["name": .string(name), "value": .string("\(value)")]
            }),
          "health_status": ["eds_health_status": "HEALTHY"], "weight": 1, "locality": [:],
        ]
      }
      return ["name": cluster["name"] ?? "", "added_via_api": true, "host_statuses": .array(hosts)]
    }
  }

  private func configurationDump(of pod: MeshPod, _ query: HTTPServer.Query) -> HTTPServer.Response {
    guard let taken = mesh.configuration(of: pod) else { return .json(["configs": []]) }
    let dump = taken.dumps[pod.role] ?? SimulatedRouteDump([], version: taken.version, time: taken.time)
    return switch query["resource"] {
    case "dynamic_route_configs": dump.answer(mask: query["mask"])
    case nil: dump.whole()
    default: .json(["configs": []])
    }
  }

  /// Only what says how far the proxy is; the rest of Istio's default list is of no use to anyone.
  private func stats(of pod: MeshPod) -> JSONValue {
    let version = mesh.configuration(of: pod)?.version ?? ""
    var stats: [JSONValue] = []
    for owner in ["cluster_manager.cds", "listener_manager.lds"] {
      stats.append(["name": .string("\(owner).version_text"), "value": .string(version)])
      for (name, value) in [
        ("update_attempt", 1), ("update_success", 1), ("update_rejected", 0), ("update_failure", 0),
      ] {
        stats.append(["name": .string("\(owner).\(name)"), "value": .int(value)])
      }
    }
    return ["stats": .array(stats)]
  }
}
