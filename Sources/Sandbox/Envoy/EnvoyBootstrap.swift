internal import JSON

/// How a proxy of the mesh is started: Istio's bootstrap, with files in place of a connection to istiod.
struct EnvoyBootstrap: Sendable {
  enum Stats: String, Sendable, CaseIterable {
    /// Istio's default inclusion list: no `cluster.outbound…`, no `vhost…` without route statistics.
    case `default`
    case all
  }

  let pod: MeshPod
  let stats: Stats
  let files: ProxyFiles

  var json: JSONValue {
    [
      "node": node, "admin": ["profile_path": "/dev/null", "address": socketAddress(pod.address, IstioPort.admin)],
      "dynamic_resources": ["lds_config": source(files.listeners), "cds_config": source(files.clusters)],
      "static_resources": [
        "clusters": [
          [
            "name": "prometheus_stats", "type": "STATIC", "connect_timeout": "0.250s",
            "load_assignment": [
              "cluster_name": "prometheus_stats",
              "endpoints": [
                ["lb_endpoints": [["endpoint": ["address": socketAddress(pod.address, IstioPort.admin)]]]]
              ],
            ],
          ]
        ],
        "listeners": [prometheus],
      ],
      "cluster_manager": [
        "upstream_bind_config": ["source_address": ["address": .string(pod.address), "port_value": 0]]
      ],
      "layered_runtime": [
        "layers": [
          ["name": "global config", "static_layer": ["re2.max_program_size.error_level": "32768"]],
          ["name": "admin", "admin_layer": [:]],
        ]
      ],
      "stats_config": statsConfiguration,
      "application_log_config": [
        "log_format": ["text_format": "%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t"]
      ],
    ]
  }

  private func source(_ path: String) -> JSONValue {
    [
      "resource_api_version": "V3", "initial_fetch_timeout": "0s", "path_config_source": ["path": .string(path)],
    ]
  }

  private var node: JSONValue {
    [
      "id": .string(pod.nodeID), "cluster": .string(pod.nodeCluster),
      "locality": ["region": "region-1", "zone": "zone-a"],
      "metadata": [
        "NAME": .string(pod.name), "NAMESPACE": .string(pod.namespace), "WORKLOAD_NAME": .string(pod.workload),
        "OWNER": .string("kubernetes://apis/apps/v1/namespaces/\(pod.namespace)/deployments/\(pod.workload)"),
        "LABELS": JSONValue(pod.labels), "INSTANCE_IPS": .string(pod.address), "CLUSTER_ID": "Kubernetes",
        "MESH_ID": "cluster.local", "SERVICE_ACCOUNT": .string(pod.serviceAccount),
        "ISTIO_VERSION": .string(Bookinfo.istioVersion), "NODE_NAME": "node-1",
        "ENVOY_PROMETHEUS_PORT": .int(IstioPort.prometheus), "INTERCEPTION_MODE": "NONE",
      ],
    ]
  }

  private var prometheus: JSONValue {
    let manager: JSONValue = [
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      "stat_prefix": "stats",
      "route_config": [
        "virtual_hosts": [
          [
            "name": "backend", "domains": ["*"],
            "routes": [["match": ["prefix": "/stats/prometheus"], "route": ["cluster": "prometheus_stats"]]],
          ]
        ]
      ],
      "http_filters": [
        [
          "name": "envoy.filters.http.router",
          "typed_config": ["@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"],
        ]
      ],
    ]
    return [
      "name": "prometheus", "address": socketAddress(pod.address, IstioPort.prometheus),
      "filter_chains": [
        ["filters": [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]]]
      ],
    ]
  }

  private var statsConfiguration: JSONValue {
    let tags: [(name: String, regex: String)] = [
      ("cluster_name", #"^cluster(\.(.+);)"#),
      ("http_conn_manager_prefix", #"^http\.(((?:[_.[:digit:]\w]*|[_\[\]aAbBcCdDeEfF[:digit:]\w\:]*));\.)"#),
      ("response_code", #"_rq(_(\d{3}))$"#), ("response_code_class", #"_rq(_(\dxx))$"#),
      ("listener_address", #"^listener\.(((?:[_.[:digit:]]*|[_\[\]aAbBcCdDeEfF[:digit:]]*))\.)"#),
    ]
    var configuration: JSONValue = [
      "use_all_default_tags": false,
      "stats_tags": .array(tags.map { ["tag_name": .string($0.name), "regex": .string($0.regex)] }),
    ]
    guard stats == .default else { return configuration }
    let prefixes = [
      "reporter=", "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm", "component", "istio",
    ]
    let suffixes = ["rbac.allowed", "rbac.denied", "shadow_allowed", "shadow_denied", "downstream_cx_active"]
    configuration["stats_matcher"] = [
      "inclusion_list": [
        "patterns": .array(
          prefixes.map { ["prefix": .string($0)] } + suffixes.map { ["suffix": .string($0)] }
            + [["safe_regex": ["regex": #"vhost\..*\.route\..*"#]]])
      ]
    ]
    return configuration
  }
}
