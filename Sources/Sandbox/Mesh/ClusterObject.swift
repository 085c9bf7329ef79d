internal import JSON

/// Makes the objects that a real cluster would hold for the sandbox's pods. What the API server itself fills in (uid,
/// resource version, times) is left to it.
enum ClusterObject {
  static func make(
    _ apiVersion: String, _ kind: String, _ name: String, in namespace: String?, _ rest: JSONObject,
    labels: JSONValue = .null
  ) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    if let namespace { metadata["namespace"] = .string(namespace) }
    if !labels.isNull { metadata["labels"] = labels }
    var object = JSONObject([("apiVersion", .string(apiVersion)), ("kind", .string(kind)), ("metadata", metadata)])
    for (key, value) in rest { object[key] = value }
    return .object(object)
  }

  static func deployment(of pod: MeshPod, replicas: Int = 1, image: String) -> JSONValue {
    let selector: JSONValue =
      pod.role == .router
      ? ["istio": "ingressgateway"] : ["app": .string(pod.app), "version": .string(pod.version)]
    return make(
      "apps/v1", "Deployment", pod.workload, in: pod.namespace,
      [
        "spec": [
          "replicas": .int(replicas), "selector": ["matchLabels": selector],
          "template": [
            "metadata": ["labels": selector],
            "spec": [
              "containers": [container(of: pod, image: image)], "restartPolicy": "Always",
              "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
              "serviceAccountName": .string(pod.serviceAccount), "schedulerName": "default-scheduler",
            ],
          ],
          "strategy": [
            "type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"],
          ],
          "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        ],
        "status": [
          "observedGeneration": 1, "replicas": .int(replicas), "updatedReplicas": .int(replicas),
          "readyReplicas": .int(replicas), "availableReplicas": .int(replicas),
          "conditions": [
            [
              "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
              "message": "Deployment has minimum availability.",
            ]
          ],
        ],
      ], labels: pod.role == .router ? ["app": .string(pod.app)] : selector)
  }

  static func pod(_ pod: MeshPod, image: String) -> JSONValue {
    let proxy: JSONValue = [
      "name": "istio-proxy", "image": .string("docker.io/istio/proxyv2:\(Bookinfo.istioVersion)"),
      "args": ["proxy", .string(pod.role.rawValue)], "restartPolicy": "Always",
      "ports": [["name": "http-envoy-prom", "containerPort": .int(IstioPort.prometheus), "protocol": "TCP"]],
      "resources": [:], "imagePullPolicy": "IfNotPresent",
    ]
    let ready: JSONValue = ["ready": true, "started": true, "restartCount": 0, "state": ["running": [:]]]
    func status(_ name: String, _ image: JSONValue?) -> JSONValue {
      var status = ready
      status["name"] = .string(name)
      status["image"] = image
      return status
    }

    var spec: JSONValue = [
      "serviceAccountName": .string(pod.serviceAccount), "nodeName": "node-1", "restartPolicy": "Always",
      "dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 30, "schedulerName": "default-scheduler",
    ]
    var state: JSONValue = [
      "phase": "Running",
      "conditions": .array(
        ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map {
          ["type": .string($0), "status": "True"]
        }),
      "hostIP": "192.0.2.2", "podIP": .string(pod.address), "podIPs": [["ip": .string(pod.address)]],
    ]
    var annotations: JSONValue = ["istio.io/rev": "default"]
    switch pod.role {
    case .sidecar:
      // As injected since Kubernetes 1.29: an init container that goes on running.
      spec["initContainers"] = [proxy]
      spec["containers"] = [container(of: pod, image: image)]
      state["initContainerStatuses"] = [status("istio-proxy", proxy["image"])]
      state["containerStatuses"] = [status(pod.app, .string(image))]
      annotations["kubectl.kubernetes.io/default-container"] = .string(pod.app)
      annotations["kubectl.kubernetes.io/default-logs-container"] = .string(pod.app)
      annotations["sidecar.istio.io/status"] = .string(
        #"{"initContainers":["istio-proxy"],"containers":null,"revision":"default"}"#)
    case .router:
      spec["containers"] = [proxy]
      state["containerStatuses"] = [status("istio-proxy", proxy["image"])]
    }
    var object = make(
      "v1", "Pod", pod.name, in: pod.namespace, ["spec": spec, "status": state], labels: JSONValue(pod.labels))
    object["metadata"]?["generateName"] = .string("\(pod.workload)-\(pod.templateHash)-")
    object["metadata"]?["annotations"] = annotations
    object["metadata"]?["ownerReferences"] = [
      [
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": .string("\(pod.workload)-\(pod.templateHash)"),
        "controller": true, "blockOwnerDeletion": true,
      ]
    ]
    return object
  }

  private static func container(of pod: MeshPod, image: String) -> JSONValue {
    [
      "name": .string(pod.role == .router ? "istio-proxy" : pod.app), "image": .string(image),
      "imagePullPolicy": "IfNotPresent", "resources": [:],
      "ports": [
        [
          "containerPort": .int(pod.role == .router ? Bookinfo.gatewayPort : Bookinfo.port), "protocol": "TCP",
        ]
      ],
    ]
  }
}
