import EnvoyAPI
import MeshModel
import PrometheusAPI

/// Reads the labels of Istio's standard metrics (istio.io, "Istio Standard Metrics").
enum IstioReport {
  static let edgeLabels = [
    "reporter", "source_workload", "source_workload_namespace", "source_canonical_service",
    "source_canonical_revision", "destination_workload", "destination_workload_namespace",
    "destination_canonical_service", "destination_canonical_revision", "destination_service",
    "destination_service_name", "destination_service_namespace", "request_protocol",
  ]
  static let answerLabels = ["response_code", "grpc_response_status", "response_flags", "connection_security_policy"]

  /// What has either end in a namespace. A request that never reached a proxy is known by its host alone.
  static func selectors(_ namespace: String) -> [[LabelMatcher]] {
    [
      [LabelMatcher("source_workload_namespace", .equal, namespace)],
      [LabelMatcher("destination_workload_namespace", .equal, namespace)],
      [LabelMatcher("destination_service_namespace", .equal, namespace)],
      [LabelMatcher("destination_service", .matches, #"[^.]+\."# + LabelMatcher.literal(namespace) + #"\..+"#)],
    ]
  }

  typealias Labels = PrometheusAnswer.Labels

  /// The service that requests were for, and the workload that they ended in, where both are known.
  static func backing(_ labels: Labels) -> (workload: EdgeNames.Workload, service: ServiceID)? {
    guard let workload = endpoint(labels, "destination"), let host = labels.known("destination_service"),
      let service = ServiceID(clusterHost: host)
    else { return nil }
    return (workload, service)
  }

  /// `nil` for what says nothing: a caller with a namespace and no name, an address without a workload (Kiali's rules
  /// of data quality), a reporter that is not known.
  static func edge(_ labels: Labels, names: EdgeNames, isTCP: Bool) -> EdgeReport? {
    guard let reporter = EdgeReport.Reporter(name: labels["reporter"]) else { return nil }
    guard let source = source(labels, names) else { return nil }
    let protocolName = labels.known("request_protocol")
    let traffic: EdgeID.Traffic = isTCP ? .tcp : protocolName == "grpc" ? .grpc : .http
    let flags = responseFlags(labels["response_flags"])
    guard let destination = destination(labels, names, from: source, flags: flags) else { return nil }
    let status = traffic == .grpc ? labels.known("grpc_response_status") : nil
    return EdgeReport(
      edge: EdgeID(from: source, to: destination, traffic), reporter: reporter,
      answer: RequestAnswer(code: labels["response_code"], grpcStatus: status, flags: flags),
      security: EdgeReport.Security(policy: labels["connection_security_policy"], reporter: reporter))
  }

  private static func endpoint(_ labels: Labels, _ end: String) -> EdgeNames.Workload? {
    guard let name = labels.known("\(end)_workload"), let namespace = labels.known("\(end)_workload_namespace") else {
      return nil
    }
    return EdgeNames.Workload(namespace: namespace, name: name)
  }

  private static func revision(_ labels: Labels, _ end: String) -> String? {
    labels.known("\(end)_canonical_revision").flatMap { $0 == "latest" ? nil : $0 }
  }

  private static func source(_ labels: Labels, _ names: EdgeNames) -> MeshNode? {
    guard let workload = endpoint(labels, "source") else {
      return labels.known("source_workload_namespace") == nil ? .unknown : nil
    }
    return names.node(
      workload, canonicalService: labels.known("source_canonical_service"), version: revision(labels, "source"))
  }

  private static func destination(
    _ labels: Labels, _ names: EdgeNames, from source: MeshNode, flags: [String]
  ) -> MeshNode? {
    let workload = endpoint(labels, "destination")
    let version = workload.flatMap { _ in revision(labels, "destination") }
    if let workload, let kind = names.gateway(workload) {
      return MeshNode(kind, namespace: workload.namespace, name: workload.name)
    }
    let host = labels.known("destination_service")
    let name = labels.known("destination_service_name")
    if name == "PassthroughCluster" { return .passthrough }
    if name == "BlackHoleCluster" { return .blackHole }
    if let service = host.flatMap({ ServiceID(clusterHost: $0) }) {
      return MeshNode(.service, namespace: service.namespace, name: service.name, version: version)
    }
    if let workload {
      // A host of another name, or a pod reached by its address: the workload tells what it is.
      return names.node(
        workload, canonicalService: labels.known("destination_canonical_service"), version: version)
    }
    guard let host = host.map(withoutPort) else {
      // No cluster was chosen: there was no route.
      return flags.contains("NR") ? .blackHole : .unknown
    }
    if isAddress(host) { return nil }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    // A short name is of the caller's namespace, as Kubernetes resolves it.
    let namespace = labels.known("destination_service_namespace")
    if parts.count == 1, let namespace = namespace ?? (source.namespace.isEmpty ? nil : source.namespace) {
      return MeshNode(.service, namespace: namespace, name: host)
    }
    if parts.count == 2, let namespace, parts[1] == namespace {
      return MeshNode(.service, namespace: namespace, name: String(parts[0]))
    }
    return MeshNode(.external, name: host)
  }

  private static func withoutPort(_ host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), UInt16(host[host.index(after: colon)...]) != nil,
      host.firstIndex(of: ":") == colon
    else { return host }
    return String(host[..<colon])
  }

  private static func isAddress(_ host: String) -> Bool {
    host.contains(":") || host.split(separator: ".").allSatisfy { UInt8($0) != nil }
  }

  private static func responseFlags(_ field: String) -> [String] {
    field == "-" ? [] : field.split(separator: ",").prefix(32).map(String.init)
  }
}

extension PrometheusAnswer.Labels {
  /// What a label says; `nil` where it is not there, or says that it does not know.
  fileprivate func known(_ name: String) -> String? {
    let value = self[name]
    return value.isEmpty || value == "unknown" ? nil : value
  }
}

extension ServiceID {
  /// Of `reviews.bookinfo.svc.cluster.local`, whatever the cluster's domain is.
  init?(clusterHost host: String) {
    let parts = host.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[2] == "svc", !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(namespace: String(parts[1]), name: String(parts[0]))
  }
}

extension EdgeReport.Reporter {
  fileprivate init?(name: String) {
    switch name {
    case "source": self = .source
    case "waypoint": self = .waypoint
    case "destination": self = .destination
    default: return nil
    }
  }
}

extension EdgeReport.Security {
  /// A caller's proxy does not know what the policy is.
  fileprivate init(policy: String, reporter: EdgeReport.Reporter) {
    switch (policy, reporter) {
    case (_, .source): self = .unknown
    case ("mutual_tls", _): self = .mutualTLS
    case ("none", _): self = .plaintext
    default: self = .unknown
    }
  }
}
