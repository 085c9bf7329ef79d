/// Who a request came from, whom it was for and what became of it: what Istio's metrics tell requests apart by
/// (istio.io, "Istio Standard Metrics"; Envoy's contrib/istio/filters/http/istio_stats).
struct RequestLabels: Hashable, Sendable {
  enum Reporter: String, Sendable { case source, destination }

  /// A service as its cluster's metadata name it.
  struct Service: Hashable, Sendable {
    var host: String
    var name: String
    var namespace: String?
  }

  let reporter: Reporter
  /// The ids of the pod whose proxy tells this and of the one at the other end; `nil` where that one never made itself
  /// known: a caller outside the mesh, or a destination that did not answer.
  let pod: String
  let peer: String?
  var service: Service
  /// 0 where no response was sent.
  var code: Int
  /// As Envoy writes them: `URX,UF`, or `-`.
  var flags: String
  /// `nil` where the request is not gRPC.
  var grpcStatus: String?
  /// The two ends' SPIFFE ids, by the certificates that they showed.
  var ownPrincipal: String?
  var peerPrincipal: String?

  /// The labels in Istio's order, with the ones that a scrape of the pod would add: `name="value",…`.
  func text(pods: [String: MeshPod]) -> String {
    let (own, other) = (pods[pod], peer.flatMap { pods[$0] })
    let isSource = reporter == .source
    let source = Self.workload(isSource ? own : other, isOwn: isSource, isSource ? ownPrincipal : peerPrincipal)
    let destination = Self.workload(isSource ? other : own, isOwn: !isSource, isSource ? peerPrincipal : ownPrincipal)
    let serviceNamespace = service.namespace ?? destination.namespace
    let security = isSource ? "unknown" : ownPrincipal != nil && peerPrincipal != nil ? "mutual_tls" : "none"
    let labels: [(name: String, value: String)] = [
      ("reporter", reporter.rawValue), ("source_workload", source.name),
      ("source_canonical_service", source.canonicalService), ("source_canonical_revision", source.canonicalRevision),
      ("source_workload_namespace", source.namespace), ("source_principal", source.principal),
      ("source_app", source.app), ("source_version", source.version), ("source_cluster", source.cluster),
      ("destination_workload", destination.name), ("destination_workload_namespace", destination.namespace),
      ("destination_principal", destination.principal), ("destination_app", destination.app),
      ("destination_version", destination.version), ("destination_service", service.host),
      ("destination_canonical_service", destination.canonicalService),
      ("destination_canonical_revision", destination.canonicalRevision),
      ("destination_service_name", service.name), ("destination_service_namespace", serviceNamespace),
      ("destination_cluster", destination.cluster), ("request_protocol", grpcStatus == nil ? "http" : "grpc"),
      ("response_code", String(code)), ("grpc_response_status", grpcStatus ?? ""), ("response_flags", flags),
      ("connection_security_policy", security), ("pod", own?.name ?? ""), ("namespace", own?.namespace ?? ""),
    ]
    return labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
  }

  private struct Workload {
    var name = "unknown"
    var namespace = "unknown"
    var app = "unknown"
    var version = "unknown"
    var canonicalService = "unknown"
    var canonicalRevision = "latest"
    var cluster = "unknown"
    var principal = "unknown"
  }

  /// A proxy says of itself what its labels say, be it nothing; of others it says `unknown` then.
  private static func workload(_ pod: MeshPod?, isOwn: Bool, _ principal: String?) -> Workload {
    var workload = Workload()
    workload.principal = principal ?? "unknown"
    guard let pod else { return workload }
    workload.name = pod.workload
    workload.namespace = pod.namespace
    workload.app = pod.app
    workload.version = pod.labels["version"] ?? (isOwn ? "" : "unknown")
    workload.canonicalService = pod.labels["service.istio.io/canonical-name"] ?? pod.app
    workload.canonicalRevision = pod.labels["service.istio.io/canonical-revision"] ?? pod.version
    workload.cluster = "Kubernetes"
    return workload
  }

  /// As Prometheus' text format has label values; hosts are what clients write.
  private static func escaped(_ value: String) -> String {
    guard
      value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") })
    else { return value }
    var text = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
