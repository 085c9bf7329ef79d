internal import JSON

/// A mesh of as many services as one likes, each with two versions and a split between them, of which every tenth is
/// at work: for trying a console at scale. `service-0` is at the edge; what calls what is `ServiceLayers`.
struct LargeMesh: Sendable {
  let pods: [MeshPod]
  let objects: [JSONValue]
  let calls: ServiceCalls

  init(services count: Int, in block: LoopbackBlock) {
    let gateway = Bookinfo.pods(in: block)[0]
    var pods = [gateway]
    var objects = Bookinfo.kubernetesObjects(pods: [gateway]).filter { object in
      object.namespace != Bookinfo.namespace
    }
    for number in 0..<count {
      let name = "service-\(number)"
      let members = ["v1", "v2"].enumerated().map { place, version in
        // Addresses of the model are only names: nothing listens on them.
        let host = number * 2 + place
        let address = "127.78.\(host / 250).\(host % 250 + 1)"
        return MeshPod(
          role: .sidecar, name: "\(name)-\(version)-7d4b9c6f8-\(Self.suffix(host))", namespace: Bookinfo.namespace,
          workload: "\(name)-\(version)", templateHash: "7d4b9c6f8",
          labels: ["app": name, "version": version, "pod-template-hash": "7d4b9c6f8"], serviceAccount: name,
          address: address, applicationAddress: address)
      }
      pods += members
      objects += Bookinfo.service(
        name, in: Bookinfo.namespace, selector: ["app": name],
        clusterIP: "10.97.\(number / 250).\(number % 250 + 1)", ports: [("http", Bookinfo.port, Bookinfo.port)],
        pods: members)
      objects += members.flatMap { pod in
        let image = Bookinfo.image(of: pod.workload, tag: Bookinfo.healthyImage)
        return [ClusterObject.deployment(of: pod, image: image), ClusterObject.pod(pod, image: image)]
      }
      objects += Self.split(name, isCanary: number % 10 == 3)
    }
    objects += Bookinfo.gatewayResources(to: "service-0")
    (self.pods, self.objects) = (pods, objects)
    calls = ServiceLayers(count: count).calls
  }

  private static func suffix(_ number: Int) -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    var (rest, text) = (number, "")
    for _ in 0..<5 {
      text.append(letters[rest % letters.count])
      rest /= letters.count
    }
    return text
  }

  private static func split(_ name: String, isCanary: Bool) -> [JSONValue] {
    let weights = isCanary ? (90, 10) : (100, 0)
    func destination(_ subset: String, _ weight: Int) -> JSONValue {
      ["destination": ["host": .string(name), "subset": .string(subset)], "weight": .int(weight)]
    }
    return [
      ClusterObject.make(
        "networking.istio.io/v1", "VirtualService", name, in: Bookinfo.namespace,
        [
          "spec": [
            "hosts": [.string(name)],
            "http": [["route": [destination("v1", weights.0), destination("v2", weights.1)]]],
          ]
        ]),
      ClusterObject.make(
        "networking.istio.io/v1", "DestinationRule", name, in: Bookinfo.namespace,
        [
          "spec": [
            "host": .string(name),
            "subsets": .array(["v1", "v2"].map { ["name": .string($0), "labels": ["version": .string($0)]] }),
          ]
        ]),
    ]
  }
}
