internal import JSON

/// The Envoy in front of the API stand-in: it ends TLS, speaks HTTP/2, and passes on who showed a client certificate.
/// Its streams may be silent for as long as they like, since watches are.
struct APIFront: Sendable {
  static let port = 6443

  let address: String
  let certificates: Certificates
  /// The Unix socket on which the stand-in itself listens: nobody else can reach it, so that it may believe the front.
  let backend: String

  var bootstrap: JSONValue {
    let manager: JSONValue = [
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      "stat_prefix": "api", "stream_idle_timeout": "0s", "request_timeout": "0s",
      "forward_client_cert_details": "SANITIZE_SET", "set_current_client_cert_details": ["subject": true],
      "upgrade_configs": [["upgrade_type": "websocket"], ["upgrade_type": "SPDY/3.1"]],
      "route_config": [
        "virtual_hosts": [
          [
            "name": "api", "domains": ["*"],
            "routes": [
              ["match": ["prefix": "/"], "route": ["cluster": "api", "timeout": "0s", "idle_timeout": "0s"]]
            ],
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
    func file(_ path: String) -> JSONValue { ["filename": .string(path)] }
    let tls: JSONValue = [
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      "require_client_certificate": false,
      "common_tls_context": [
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_certificates": [
          [
            "certificate_chain": file(certificates.serverCertificate), "private_key": file(certificates.serverKey),
          ]
        ],
        "validation_context": ["trusted_ca": file(certificates.authority)],
      ],
    ]
    return [
      "node": ["id": "api-front", "cluster": "api-front"],
      "static_resources": [
        "listeners": [
          [
            "name": "api", "address": socketAddress(address, Self.port),
            "filter_chains": [
              [
                "filters": [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]],
                "transport_socket": ["name": "envoy.transport_sockets.tls", "typed_config": tls],
              ]
            ],
          ]
        ],
        "clusters": [
          [
            "name": "api", "type": "STATIC", "connect_timeout": "2s",
            "circuit_breakers": [
              "thresholds": [["max_connections": 4096, "max_pending_requests": 4096, "max_requests": 4096]]
            ],
            "load_assignment": [
              "cluster_name": "api",
              "endpoints": [
                ["lb_endpoints": [["endpoint": ["address": ["pipe": ["path": .string(backend)]]]]]]
              ],
            ],
          ]
        ],
      ],
    ]
  }
}
