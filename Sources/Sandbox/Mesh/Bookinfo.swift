internal import JSON
internal import SandboxClient

/// The sandbox's application: Istio's Bookinfo, as a real cluster would hold it.
enum Bookinfo {
  static let namespace = "bookinfo"
  static let port = 9080
  /// A second port of `ratings`, on which nothing listens any more: what reviews v3's newer image calls at times.
  static let retiredPort = 9081
  static let istioVersion = "1.30.3"
  static let gatewayPort = 8080
  static let healthyImage = "1.20.3"
  static let faultyImage = "1.21.0"

  static let secondDetails = "details-v1-79dfbd6fff-n5k8c"

  static func image(of workload: String, tag: String) -> String {
    "docker.io/istio/examples-bookinfo-\(workload):\(tag)"
  }

  /// The pods, each at its own address: proxies from `.10` on, their applications from `.110` on.
  ///
  /// - Parameters:
  ///   - tlsMode: `istio` where the proxies speak mutual TLS, else `disabled`.
  ///   - hasSecondDetails: whether details v1 has two pods.
  static func pods(
    in block: LoopbackBlock, tlsMode: String = "disabled", hasSecondDetails: Bool = false
  ) -> [MeshPod] {
    var workloads: [(app: String, version: String, hash: String, suffix: String)] = [
      ("productpage", "v1", "7498b5bd44", "cvwwt"), ("details", "v1", "79dfbd6fff", "x4l2p"),
      ("reviews", "v1", "54465994f9", "6c28c"), ("reviews", "v2", "577579b4c5", "kn4c8"),
      ("reviews", "v3", "6d7944df59", "b4fld"), ("ratings", "v1", "5d9f9c7dcd", "8wz7q"),
    ]
    if hasSecondDetails { workloads.append(("details", "v1", "79dfbd6fff", "n5k8c")) }
    let gateway = MeshPod(
      role: .router, name: "istio-ingressgateway-6b96cb7b8b-4v5lb", namespace: "istio-system",
      workload: "istio-ingressgateway", templateHash: "6b96cb7b8b",
      labels: [
        "app": "istio-ingressgateway", "istio": "ingressgateway", "pod-template-hash": "6b96cb7b8b",
        "service.istio.io/canonical-name": "istio-ingressgateway", "service.istio.io/canonical-revision": "latest",
      ],
      serviceAccount: "istio-ingressgateway", address: block.address(10), applicationAddress: nil)
    return [gateway]
      + workloads.enumerated().map { place, it in
        MeshPod(
          role: .sidecar, name: "\(it.app)-\(it.version)-\(it.hash)-\(it.suffix)", namespace: namespace,
          workload: "\(it.app)-\(it.version)", templateHash: it.hash,
          labels: [
            "app": it.app, "version": it.version, "pod-template-hash": it.hash,
            "security.istio.io/tlsMode": tlsMode, "service.istio.io/canonical-name": it.app,
            "service.istio.io/canonical-revision": it.version,
          ],
          serviceAccount: "bookinfo-\(it.app)", address: block.address(UInt8(11 + place)),
          applicationAddress: block.address(UInt8(111 + place)))
      }
  }

  // MARK: Istio's resources

  static func destinations(_ shares: [Scenario.Share]) -> JSONValue {
    .array(
      shares.map {
        ["destination": ["host": "reviews", "subset": .string($0.subset)], "weight": .int($0.weight)]
      })
  }

  /// The routing of `reviews`, with its subsets.
  static func virtualService(split: [Scenario.Share]) -> [JSONValue] {
    let subsets: [JSONValue] = ["v1", "v2", "v3"].map { ["name": .string($0), "labels": ["version": .string($0)]] }
    return [
      ClusterObject.make(
        "networking.istio.io/v1", "VirtualService", "reviews", in: namespace,
        ["spec": ["hosts": ["reviews"], "http": [["name": "primary", "route": destinations(split)]]]]),
      ClusterObject.make(
        "networking.istio.io/v1", "DestinationRule", "reviews", in: namespace,
        ["spec": ["host": "reviews", "subsets": .array(subsets)]]),
    ]
  }

  // MARK: The Gateway API's, which knows no subsets

  /// A Service for each version of `reviews` (Istio, samples/bookinfo/platform/kube/bookinfo-versions.yaml).
  static func versionServices(pods: [MeshPod]) -> [JSONValue] {
    ["v1", "v2", "v3"].enumerated().flatMap { place, version in
      service(
        "reviews-\(version)", in: namespace, selector: ["app": "reviews", "version": version],
        clusterIP: "10.96.9.\(111 + place)", ports: [("http", port, port)],
        pods: pods.filter { $0.app == "reviews" && $0.version == version })
    }
  }

  /// The routing of `reviews` to those.
  static func httpRoute(split: [Scenario.Share]) -> JSONValue {
    let backends = split.map { share -> JSONValue in
      ["name": .string("reviews-\(share.subset)"), "port": .int(port), "weight": .int(share.weight)]
    }
    return ClusterObject.make(
      "gateway.networking.k8s.io/v1", "HTTPRoute", "reviews", in: namespace,
      [
        "spec": [
          "parentRefs": [["group": "", "kind": "Service", "name": "reviews", "port": .int(port)]],
          "rules": [["backendRefs": .array(backends)]],
        ]
      ])
  }

  static func destinationRule(_ service: String, trafficPolicy: JSONValue) -> JSONValue {
    ClusterObject.make(
      "networking.istio.io/v1", "DestinationRule", service, in: namespace,
      ["spec": ["host": .string(service), "trafficPolicy": trafficPolicy]])
  }

  /// The gateway, and the routes from it to the service at the edge.
  static func gatewayResources(to service: String) -> [JSONValue] {
    func match(_ kind: String, _ uri: String) -> JSONValue { ["uri": [kind: .string(uri)]] }
    return [
      ClusterObject.make(
        "networking.istio.io/v1", "Gateway", "bookinfo-gateway", in: namespace,
        [
          "spec": [
            "selector": ["istio": "ingressgateway"],
            "servers": [
              ["hosts": ["*"], "port": ["name": "http", "number": .int(gatewayPort), "protocol": "HTTP"]]
            ],
          ]
        ]),
      ClusterObject.make(
        "networking.istio.io/v1", "VirtualService", "bookinfo", in: namespace,
        [
          "spec": [
            "hosts": ["*"], "gateways": ["bookinfo-gateway"],
            "http": [
              [
                "match": [
                  match("exact", "/productpage"), match("prefix", "/static"), match("exact", "/login"),
                  match("exact", "/logout"), match("prefix", "/api/v1/products"),
                ],
                "route": [["destination": ["host": .string(service), "port": ["number": .int(port)]]]],
              ]
            ],
          ]
        ]),
    ]
  }

  // MARK: Kubernetes' objects

  static func kubernetesObjects(pods: [MeshPod]) -> [JSONValue] {
    let namespaces = ["default", "istio-system", namespace, "kube-system"].map { name in
      var labels: JSONValue = ["kubernetes.io/metadata.name": .string(name)]
      if name == namespace { labels["istio-injection"] = "enabled" }
      return ClusterObject.make(
        "v1", "Namespace", name, in: nil,
        ["spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"]], labels: labels)
    }
    var objects = namespaces
    let apps = ["details", "productpage", "ratings", "reviews"]
    for (place, app) in apps.enumerated() {
      var ports = [("http", port)]
      if app == "ratings" { ports.append(("http-legacy", retiredPort)) }
      let members = pods.filter { $0.app == app }
      objects += service(
        app, in: namespace, selector: ["app": app], clusterIP: "10.96.9.\(104 + place)",
        ports: ports.map { ($0.0, $0.1, $0.1) }, pods: members)
    }
    let gateways = pods.filter { $0.role == .router }
    objects += service(
      "istio-ingressgateway", in: "istio-system", selector: ["istio": "ingressgateway"], clusterIP: "10.96.71.174",
      ports: [("http2", 80, gatewayPort)], pods: gateways)
    for (place, pod) in pods.enumerated() {
      let replicas = pods.count { $0.workload == pod.workload }
      if pods.firstIndex(where: { $0.workload == pod.workload }) == place {
        objects.append(ClusterObject.deployment(of: pod, replicas: replicas, image: defaultImage(of: pod)))
      }
      objects.append(ClusterObject.pod(pod, image: defaultImage(of: pod)))
    }
    return objects
  }

  private static func defaultImage(of pod: MeshPod) -> String {
    pod.role == .router ? "docker.io/istio/proxyv2:\(istioVersion)" : image(of: pod.workload, tag: healthyImage)
  }

  static func service(
    _ name: String, in namespace: String, selector: [String: String], clusterIP: String,
    ports: [(name: String, port: Int, target: Int)], pods: [MeshPod]
  ) -> [JSONValue] {
    let service = ClusterObject.make(
      "v1", "Service", name, in: namespace,
      [
        "spec": [
          "ports": .array(
            ports.map {
              [
                "name": .string($0.name), "protocol": "TCP", "port": .int($0.port), "targetPort": .int($0.target),
              ]
            }),
          "selector": JSONValue(selector), "clusterIP": .string(clusterIP), "clusterIPs": [.string(clusterIP)],
          "type": "ClusterIP", "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
          "internalTrafficPolicy": "Cluster",
        ],
        "status": ["loadBalancer": [:]],
      ], labels: ["app": .string(name), "service": .string(name)])
    let slice = ClusterObject.make(
      "discovery.k8s.io/v1", "EndpointSlice", "\(name)-dxxjt", in: namespace,
      [
        "addressType": "IPv4",
        "endpoints": .array(
          pods.map { pod in
            [
              "addresses": [.string(pod.address)],
              "conditions": ["ready": true, "serving": true, "terminating": false],
              "targetRef": ["kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name)],
              "nodeName": "node-1", "zone": "zone-a",
            ]
          }),
        "ports": .array(
          ports.map { ["name": .string($0.name), "protocol": "TCP", "port": .int($0.target)] }),
      ],
      labels: [
        "kubernetes.io/service-name": .string(name),
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      ])
    return [service, slice]
  }
}
