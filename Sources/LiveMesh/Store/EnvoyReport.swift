import EnvoyAPI
import MeshModel
import PrometheusAPI
import ProxyLogs

/// Reads the labels of Envoy's counters of clusters, as a proxy under Istio writes them and a scrape of pods marks them:
/// poorer than Istio's own metrics, since only the caller reports, and it is known by its pod alone.
enum EnvoyReport {
  /// A scrape of Kubernetes pods names namespace and pod in one of these ways.
  private static let namespaceLabels = ["namespace", "kubernetes_namespace"]
  private static let podLabels = ["pod", "pod_name", "kubernetes_pod_name"]
  /// Under Istio's tags, and under Envoy's own.
  private static let clusterLabels = ["cluster_name", "envoy_cluster_name"]
  private static let codeLabels = ["response_code", "envoy_response_code"]

  static let edgeLabels = clusterLabels + namespaceLabels + podLabels + ["app", "version"]
  static let answerLabels = codeLabels

  /// Counters by class of codes have the same name as those by code, and no code: they would count twice.
  static let counted = codeLabels.map { [LabelMatcher($0, .notEqual, "")] }

  static func selectors(_ namespace: String) -> [[LabelMatcher]] {
    let hosts = #"outbound\|[0-9]+\|[^|]*\|[^.]+\."# + LabelMatcher.literal(namespace) + #"\..+"#
    return namespaceLabels.map { [LabelMatcher($0, .equal, namespace)] }
      + clusterLabels.map { [LabelMatcher($0, .matches, hosts)] }
  }

  /// `nil` for what is no request of a mesh: inbound clusters, those of the proxy itself, sums by class of codes.
  static func edge(_ labels: PrometheusAnswer.Labels, names: EdgeNames) -> EdgeReport? {
    guard let cluster = labels.first(clusterLabels), let destination = destination(cluster) else { return nil }
    return EdgeReport(
      edge: EdgeID(from: source(labels, names), to: destination), reporter: .source,
      answer: RequestAnswer(code: labels.first(codeLabels) ?? ""), security: .unknown)
  }

  private static func destination(_ cluster: String) -> MeshNode? {
    switch cluster {
    case "PassthroughCluster": return .passthrough
    case "BlackHoleCluster": return .blackHole
    default:
      guard let name = ClusterName(cluster), name.direction == .outbound, let host = name.host else { return nil }
      guard let service = ServiceID(clusterHost: host) else { return MeshNode(.external, name: host) }
      return MeshNode(.service, namespace: service.namespace, name: service.name, version: name.subset)
    }
  }

  private static func source(_ labels: PrometheusAnswer.Labels, _ names: EdgeNames) -> MeshNode {
    guard let pod = labels.first(podLabels) else { return .unknown }
    let workload = EdgeNames.Workload(
      namespace: labels.first(namespaceLabels) ?? "", name: workloadName(ofPod: pod))
    return names.node(workload, canonicalService: labels.first(["app"]), version: labels.first(["version"]))
  }
}

extension PrometheusAnswer.Labels {
  fileprivate func first(_ names: [String]) -> String? {
    names.lazy.map { self[$0] }.first { !$0.isEmpty }
  }
}
