import KubernetesAPI

/// The pods that have not ended, found by the labels that Services select: each Service would otherwise have to look at
/// every pod.
struct PodIndex {
  private struct Label: Hashable {
    let namespace: String
    let key: String
    let value: String
  }

  let pods: [Pod]
  /// In the order of `pods`.
  let labels: [[String: String]]
  private var byLabel: [Label: [Int]] = [:]

  init(_ all: [Pod]) {
    pods = all.filter { !$0.isFinished }
    labels = pods.map(\.labels)
    for (place, pod) in pods.enumerated() {
      for (key, value) in labels[place] {
        byLabel[Label(namespace: pod.namespace, key: key, value: value), default: []].append(place)
      }
    }
  }

  /// The places of the pods that a Service sends requests to, in order; none for a Service without a selector.
  func selected(by service: Service) -> [Int] {
    let selector = service.selector
    let lists = selector.map {
      byLabel[Label(namespace: service.namespace, key: $0.key, value: $0.value)] ?? []
    }
    guard let shortest = lists.min(by: { $0.count < $1.count }) else { return [] }
    return shortest.filter { place in selector.allSatisfy { labels[place][$0.key] == $0.value } }
  }
}
