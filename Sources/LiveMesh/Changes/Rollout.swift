import JSON
import KubernetesAPI
import MeshModel

/// A Deployment's newest change of its pods, told by the ReplicaSets that it keeps of its templates.
struct Rollout {
  /// How long after a change its ReplicaSet is made, at most.
  private static let promptness: Duration = .seconds(10)

  /// When its ReplicaSet was made.
  let time: Timestamp
  let differences: [Difference]

  /// The newest revision against the one before; `nil` where there are not two, or the newest one's ReplicaSet was there
  /// already, as after a rollback: then nothing tells when that was.
  init?(of deployment: KubernetesObject, in replicaSets: [ReplicaSet]) {
    let revisions = replicaSets.filter { $0.object.isOwned(by: deployment) }.compactMap { set in
      set.revision.map { ($0, set) }
    }.sorted { $0.0 > $1.0 }
    guard revisions.count > 1, let made = revisions[0].1.object.creationTimestamp.flatMap({ Timestamp($0) }),
      revisions.dropFirst().allSatisfy({
        ($0.1.object.creationTimestamp ?? "") <= revisions[0].1.object.creationTimestamp ?? ""
      })
    else { return nil }
    time = made
    differences = Difference.all(from: revisions[1].1.template, to: revisions[0].1.template)
  }

  /// Whether a change at a time was the one that rolled it out.
  func follows(_ time: Timestamp) -> Bool {
    let delay = self.time - time
    return delay >= .zero && delay <= Self.promptness
  }
}

/// The pods of one revision of a Deployment.
struct ReplicaSet: KubernetesResource {
  static let type = ResourceType(group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets")
  let object: KubernetesObject

  init(_ object: KubernetesObject) { self.object = object }

  var revision: Int? { object.annotations["deployment.kubernetes.io/revision"].flatMap { Int($0) } }

  /// As the Deployment had it: without the label that the controller adds.
  var template: JSONValue? {
    guard case .object(var template)? = json["spec"]?["template"] else { return nil }
    guard case .object(var metadata)? = template["metadata"], case .object(var labels)? = metadata["labels"] else {
      return .object(template)
    }
    labels["pod-template-hash"] = nil
    metadata["labels"] = .object(labels)
    template["metadata"] = .object(metadata)
    return .object(template)
  }
}

extension KubernetesObject {
  fileprivate func isOwned(by owner: KubernetesObject) -> Bool {
    ownerReferences.contains { $0.isController && $0.kind == "Deployment" && $0.uid == owner.uid }
  }
}
