internal import JSON

/// What a failing readiness probe changes in a cluster: the kubelet in the pod, the controllers in the EndpointSlices
/// and the Deployment.
struct Readiness {
  private let cluster: Cluster

  init(_ cluster: Cluster) { self.cluster = cluster }

  /// The probes of all pods of a Deployment fail from now on.
  func fail(_ workload: String) throws(SandboxError) {
    let now = JSONValue.string(WallTime.now.text)
    let names = cluster.objects.objects(.pods, in: Bookinfo.namespace).objects.map(\.name)
      .filter { $0.hasPrefix("\(workload)-") }
    for name in names {
      try cluster.edit(.pods, name, in: Bookinfo.namespace, by: "kubelet", subresource: "status") { pod in
        let containers = (pod.at("status", "containerStatuses")?.array ?? []).map { status -> JSONValue in
          var status = status
          status["ready"] = false
          return status
        }
        let unready = containers.compactMap { $0["name"]?.string }.joined(separator: " ")
        return pod.setting(.array(containers), at: ["status", "containerStatuses"])
          .settingConditions(
            ["Ready", "ContainersReady"],
            to: [
              "status": "False", "lastTransitionTime": now, "reason": "ContainersNotReady",
              "message": .string("containers with unready status: [\(unready)]"),
            ])
      }
    }
    for slice in cluster.objects.objects(.endpointSlices, in: Bookinfo.namespace).objects {
      let endpoints = slice.json["endpoints"]?.array ?? []
      guard endpoints.contains(where: { names.contains($0.at("targetRef", "name")?.string ?? "") }) else { continue }
      try cluster.edit(.endpointSlices, slice.name, in: Bookinfo.namespace, by: "kube-controller-manager") { slice in
        let changed = endpoints.map { endpoint -> JSONValue in
          guard names.contains(endpoint.at("targetRef", "name")?.string ?? "") else { return endpoint }
          return endpoint.setting(["ready": false, "serving": false, "terminating": false], at: ["conditions"])
        }
        return slice.setting(.array(changed), at: ["endpoints"])
      }
    }
    let manager = "kube-controller-manager"
    try cluster.edit(.deployments, workload, in: Bookinfo.namespace, by: manager, subresource: "status") { deployment in
      var status = deployment["status"] ?? [:]
      status["readyReplicas"] = nil
      status["availableReplicas"] = nil
      status["unavailableReplicas"] = .int(names.count)
      return deployment.setting(status, at: ["status"])
        .settingConditions(
          ["Available"],
          to: [
            "status": "False", "lastTransitionTime": now, "lastUpdateTime": now, "reason": "MinimumReplicasUnavailable",
            "message": "Deployment does not have minimum availability.",
          ])
    }
  }
}

extension JSONValue {
  fileprivate func settingConditions(_ types: [String], to members: JSONObject) -> JSONValue {
    let conditions = (at("status", "conditions")?.array ?? []).map { condition -> JSONValue in
      guard types.contains(condition["type"]?.string ?? "") else { return condition }
      return members.reduce(condition) { $0.setting($1.value, at: [$1.key]) }
    }
    return setting(.array(conditions), at: ["status", "conditions"])
  }
}
