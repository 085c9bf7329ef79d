internal import JSON

/// The listeners of a proxy. Without iptables nothing is redirected to port 15001, so that applications call it
/// themselves; everything behind it is as under Istio.
struct ListenerTranslation: Sendable {
  let pod: MeshPod
  let files: ProxyFiles
  let security: MutualTLS?
  let mode: MutualTLS.Mode

  func outbound(port: Int) -> JSONValue {
    listener(
      "0.0.0.0_\(port)", pod.address, IstioPort.outbound(for: port), direction: "OUTBOUND",
      connectionManager(.source, statPrefix: "outbound_0.0.0.0_\(port);", routes: subscription(String(port))))
  }

  func gateway(port: Int) -> JSONValue {
    var manager = connectionManager(
      .source, statPrefix: "outbound_0.0.0.0_\(port);", routes: subscription("http.\(port)"))
    manager["use_remote_address"] = true
    return listener("0.0.0.0_\(port)", pod.address, port, direction: "OUTBOUND", manager)
  }

  var inbound: JSONValue {
    let port = Bookinfo.port
    let routes: JSONValue = [
      "name": .string("inbound|\(port)||"), "validate_clusters": false,
      "virtual_hosts": [
        [
          "name": .string("inbound|http|\(port)"), "domains": ["*"],
          "routes": [
            [
              "name": "default", "match": ["prefix": "/"],
              "route": [
                "cluster": .string("inbound|\(port)||"), "timeout": "0s",
                "retry_policy": ["retry_on": "reset-before-request", "num_retries": 2],
                "max_stream_duration": ["max_stream_duration": "0s", "grpc_timeout_header_max": "0s"],
              ],
              "decorator": ["operation": .string("\(pod.app).\(pod.domain):\(port)/*")],
            ]
          ],
        ]
      ],
    ]
    let manager = connectionManager(
      .destination, statPrefix: "inbound_0.0.0.0_\(port);", routes: ("route_config", routes))
    var listener = listener("virtualInbound", pod.address, port, direction: "INBOUND", manager)
    if let security {
      listener["listener_filters"] = [MutualTLS.inspector]
      listener["filter_chains"] = .array(security.chains(mode, filters: Self.filters(manager)))
    }
    return listener
  }

  private func subscription(_ name: String) -> (key: String, value: JSONValue) {
    let source: JSONValue = [
      "resource_api_version": "V3", "initial_fetch_timeout": "0s",
      "path_config_source": ["path": .string(files.routes(name))],
    ]
    return ("rds", ["route_config_name": .string(name), "config_source": source])
  }

  private func listener(
    _ name: String, _ address: String, _ port: Int, direction: String, _ manager: JSONValue
  ) -> JSONValue {
    [
      "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": .string(name),
      "address": socketAddress(address, port), "traffic_direction": .string(direction),
      "filter_chains": [["filters": Self.filters(manager)]],
    ]
  }

  private static func filters(_ manager: JSONValue) -> JSONValue {
    [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]]
  }

  private func connectionManager(
    _ reporter: RequestLabels.Reporter, statPrefix: String, routes: (key: String, value: JSONValue)
  ) -> JSONValue {
    func filter(_ name: String, _ type: String) -> JSONValue {
      [
        "name": .string("envoy.filters.http.\(name)"),
        "typed_config": ["@type": .string("type.googleapis.com/envoy.extensions.filters.http.\(name).v3.\(type)")],
      ]
    }
    return [
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      "stat_prefix": .string(statPrefix), routes.key: routes.value,
      "http_filters": [filter("fault", "HTTPFault"), filter("cors", "Cors"), filter("router", "Router")],
      "access_log": [AccessLog.toStandardOutput, RequestLog.accessLog(reporter, to: files.requests)],
      "server_name": "istio-envoy", "use_remote_address": false,
      "normalize_path": true, "stream_idle_timeout": "0s", "upgrade_configs": [["upgrade_type": "websocket"]],
      "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
    ]
  }
}

extension IstioPort {
  /// Where applications send what goes to a service's port. Under Istio that is always 15001, and the original
  /// destination tells the ports apart; here each has its own.
  static func outbound(for port: Int) -> Int { port == Bookinfo.port ? outbound : 20_000 + port % 10_000 }
}

/// Istio's default access log (pilot/pkg/model/telemetry_logging.go).
enum AccessLog {
  static let format =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    + "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    + "\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    + "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
    + "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% "
    + "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"

  static let toStandardOutput: JSONValue = [
    "name": "envoy.access_loggers.file",
    "typed_config": [
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/stdout",
      "log_format": ["text_format_source": ["inline_string": .string(format)]],
    ],
  ]
}
