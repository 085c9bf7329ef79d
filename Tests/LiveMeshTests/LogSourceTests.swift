import IstioAPI
import JSON
import KubernetesAPI
import MeshModel
import Testing

@testable import LiveMesh

@Suite struct LogSourceTests {
  private func pod(
    _ name: String, app: String, version: String = "v1", containers: [String] = ["app", "istio-proxy"]
  ) throws -> Pod {
    let json: JSONValue = [
      "metadata": [
        "name": .string(name), "namespace": "shop", "labels": ["app": .string(app), "version": .string(version)],
        "ownerReferences": [["kind": "StatefulSet", "name": .string("\(app)-\(version)"), "controller": true]],
      ],
      "spec": ["containers": .array(containers.map { ["name": .string($0), "image": "x"] })],
      "status": ["phase": "Running"],
    ]
    return Pod(try object(json))
  }

  private func object(_ json: JSONValue) throws -> KubernetesObject {
    try #require(KubernetesObject(try JSON(parsing: json.text())))
  }

  private func asked() throws -> Asked {
    var resources = AskedResources()
    resources.virtualServices = []
    resources.pods = try [
      pod("cart-1", app: "cart"), pod("cart-2", app: "cart", version: "v2"),
      pod("job", app: "job", containers: ["app"]),
      pod("gate", app: "gate", containers: ["istio-proxy"]),
    ]
    let service: JSONValue = [
      "metadata": ["name": "cart", "namespace": "shop"],
      "spec": ["selector": ["app": "cart"], "ports": [["port": 80, "protocol": "TCP"]]],
    ]
    resources.services = [Service(try object(service))]
    return Asked(resources)
  }

  @Test(arguments: [
    ("cart", ["cart-1.shop istio-proxy", "cart-2.shop istio-proxy"]),
    ("cart/v2", ["cart-2.shop istio-proxy"]),
    ("pod/gate", ["gate.shop istio-proxy"]),
    ("deploy/cart-v1", ["cart-1.shop istio-proxy"]),
    ("ns/shop", ["cart-1.shop istio-proxy", "cart-2.shop istio-proxy", "gate.shop istio-proxy"]),
    ("app=cart,version=v2", ["cart-2.shop istio-proxy"]),
    ("app:cart", ["cart-1.shop app", "cart-2.shop app"]),
    (
      "pod/gate + cart + deploy/cart-v1",
      ["gate.shop istio-proxy", "cart-1.shop istio-proxy", "cart-2.shop istio-proxy"]
    ),
    ("nobody", []),
  ])
  func aQueryMeansTheseLogs(_ text: String, _ logs: [String]) throws {
    let asked = try asked()
    let query = try #require(LogQuery(text, in: .namespace("shop")))
    #expect(query.parts.flatMap { asked.logs(of: $0) }.unique.map { "\($0.pod) \($0.container)" } == logs)
  }

  @Test func aRuleMeansItsDestinationsAndANodeItsPods() throws {
    let asked = try asked()
    let rule = asked.routes[0].id
    #expect(asked.logs(of: .route(rule)).map(\.pod.pod) == ["cart-1", "cart-2"])
    let node = MeshNode(namespace: "shop", name: "cart", version: "v2")
    #expect(asked.logs(of: .node(node)).map(\.pod.pod) == ["cart-2"])
    #expect(asked.logs(of: .node(node.whole)).map(\.pod.pod) == ["cart-1", "cart-2"])
  }
}

extension [LogSource] {
  fileprivate var unique: [LogSource] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
