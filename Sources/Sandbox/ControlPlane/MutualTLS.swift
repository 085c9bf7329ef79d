internal import EnvoyAPI
internal import JSON
internal import ProxyLogs

/// What a mode of mutual TLS becomes in a proxy, as istiod writes it (pilot/pkg/networking/core, cluster_tls.go and
/// listener_inbound.go).
struct MutualTLS: Sendable {
  /// By the PeerAuthentication that holds for a pod: that of the pod, else of its namespace, else of the mesh.
  enum Mode: String, Sendable {
    case permissive = "PERMISSIVE", strict = "STRICT", disable = "DISABLE"

    init(for pod: MeshPod, by peerAuthentications: [JSONValue]) {
      func mode(_ isMeant: (JSONValue) -> Bool) -> Mode? {
        peerAuthentications.first(where: isMeant)?["spec"]?["mtls"]?["mode"]?.string.flatMap { Mode(rawValue: $0) }
      }
      func selector(_ policy: JSONValue) -> [String: String] {
        policy["spec"]?["selector"]?["matchLabels"]?.strings ?? [:]
      }
      self =
        mode { policy in
          policy.namespace == pod.namespace && !selector(policy).isEmpty
            && selector(policy).allSatisfy { pod.labels[$0.key] == $0.value }
        } ?? mode { $0.namespace == pod.namespace && selector($0).isEmpty }
        ?? mode { $0.namespace == "istio-system" && selector($0).isEmpty } ?? .permissive
    }
  }

  let identity: WorkloadIdentity

  // MARK: Upstream

  /// The members of a cluster that say when it speaks TLS: always or never where a DestinationRule says so, otherwise
  /// with the endpoints whose pods can.
  func upstream(
    _ name: ClusterName, mode: String?, principals: [String]
  ) -> [(key: String, value: JSONValue)] {
    switch mode {
    case nil:
      let plain: JSONValue = [
        "name": "envoy.transport_sockets.raw_buffer",
        "typed_config": [
          "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"
        ],
      ]
      return [
        (
          "transport_socket_matches",
          [
            [
              "name": "tlsMode-istio", "match": ["tlsMode": "istio"],
              "transport_socket": client(name, principals),
            ], ["name": "tlsMode-disabled", "match": [:], "transport_socket": plain],
          ]
        )
      ]
    case "ISTIO_MUTUAL": return [("transport_socket", client(name, principals))]
    default: return []
    }
  }

  private func client(_ name: ClusterName, _ principals: [String]) -> JSONValue {
    var context = common
    context["alpn_protocols"] = ["istio", "http/1.1"]
    var validation = context["validation_context"] ?? [:]
    validation["match_typed_subject_alt_names"] = .array(
      principals.map { ["san_type": "URI", "matcher": ["exact": .string($0)]] })
    context["validation_context"] = validation
    let server = "\(name.direction.rawValue)_.\(name.port)_.\(name.subset ?? "")_.\(name.host ?? "")"
    return [
      "name": "envoy.transport_sockets.tls",
      "typed_config": [
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": context, "sni": .string(server),
      ],
    ]
  }

  // MARK: Downstream

  /// The chains of an inbound listener: TLS between proxies of the mesh, and plaintext where the mode allows it.
  func chains(_ mode: Mode, filters: JSONValue) -> [JSONValue] {
    var context = common
    // Without h2: what stands behind speaks HTTP/1.1, and so does the caller's cluster.
    context["alpn_protocols"] = ["http/1.1"]
    let mutual: JSONValue = [
      "filter_chain_match": [
        "transport_protocol": "tls",
        "application_protocols": ["istio", "istio-http/1.0", "istio-http/1.1", "istio-h2"],
      ],
      "filters": filters,
      "transport_socket": [
        "name": "envoy.transport_sockets.tls",
        "typed_config": [
          "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
          "common_tls_context": context, "require_client_certificate": true,
        ],
      ],
    ]
    let plain: JSONValue = ["filter_chain_match": ["transport_protocol": "raw_buffer"], "filters": filters]
    switch mode {
    case .permissive: return [mutual, plain]
    case .strict: return [mutual]
    case .disable: return [plain]
    }
  }

  static let inspector: JSONValue = [
    "name": "envoy.filters.listener.tls_inspector",
    "typed_config": [
      "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
    ],
  ]

  private var common: JSONValue {
    func file(_ path: String) -> JSONValue { ["filename": .string(path)] }
    return [
      "tls_certificates": [
        ["certificate_chain": file(identity.certificate), "private_key": file(identity.key)]
      ],
      "validation_context": ["trusted_ca": file(identity.authority)],
    ]
  }
}
