internal import JSON

/// What the control plane knows of the API's objects; the same objects give the same registry.
struct MeshObjects: Equatable, Sendable {
  var services: [JSONValue] = []
  var endpointSlices: [JSONValue] = []
  var pods: [JSONValue] = []
  var virtualServices: [JSONValue] = []
  var destinationRules: [JSONValue] = []
  var gateways: [JSONValue] = []
  var peerAuthentications: [JSONValue] = []
  var httpRoutes: [JSONValue] = []
  var grpcRoutes: [JSONValue] = []
}

/// The services with their ready endpoints.
struct ServiceRegistry: Sendable {
  struct Port: Equatable, Sendable {
    let name: String
    let number: Int
    /// Whether routes are made for it: by the port's name or `appProtocol`, as Istio decides.
    let isHTTP: Bool
    /// Whether its connections are passed on as they are.
    let isBytes: Bool
  }

  struct Endpoint: Equatable, Sendable {
    let address: String
    let portsByName: [String: Int]
    let labels: [String: String]
    /// The SPIFFE id of its pod.
    let principal: String

    /// Whether its pod speaks mutual TLS, as the injector labels it.
    var tlsMode: String? { labels["security.istio.io/tlsMode"] }
  }

  struct Service: Equatable, Sendable {
    let name: String
    let namespace: String
    let clusterIP: String?
    let ports: [Port]
    let selector: [String: String]
    var endpoints: [Endpoint] = []

    let hostname: String

    func port(_ number: Int) -> Port? { ports.first { $0.number == number } }
  }

  /// By host name.
  let services: [Service]
  private let byHostname: [String: Service]

  init(_ objects: MeshObjects) {
    let pods = Dictionary(objects.pods.map { ($0.qualifiedName, $0) }) { first, _ in first }

    var endpointsOfService: [String: [Endpoint]] = [:]
    for slice in objects.endpointSlices {
      let namespace = slice.namespace
      guard let service = slice["metadata"]?["labels"]?["kubernetes.io/service-name"]?.string else { continue }
      var ports: [String: Int] = [:]
      for port in slice["ports"]?.array ?? [] { ports[port["name"]?.string ?? ""] = port["port"]?.int }
      for endpoint in slice["endpoints"]?.array ?? [] where endpoint["conditions"]?["ready"]?.bool ?? true {
        let pod = pods["\(namespace)/\(endpoint["targetRef"]?["name"]?.string ?? "")"]
        let principal = SPIFFE.id(
          namespace: namespace, serviceAccount: pod?["spec"]?["serviceAccountName"]?.string ?? "default")
        for address in endpoint["addresses"]?.array?.compactMap(\.string) ?? [] {
          endpointsOfService["\(namespace)/\(service)", default: []].append(
            Endpoint(
              address: address, portsByName: ports, labels: pod?["metadata"]?["labels"]?.strings ?? [:],
              principal: principal))
        }
      }
    }

    let services = objects.services.map { object in
      let spec = object["spec"]
      let ports = (spec?["ports"]?.array ?? []).compactMap { port -> Port? in
        guard let number = port["port"]?.int else { return nil }
        let name = port["name"]?.string ?? ""
        let kind = port["appProtocol"]?.string ?? String(name.prefix { $0 != "-" })
        let isHTTP = ["http", "http2", "grpc"].contains(kind)
        let isTCP = port["protocol"]?.string ?? "TCP" == "TCP"
        return Port(name: name, number: number, isHTTP: isHTTP, isBytes: isTCP && !isHTTP)
      }
      return Service(
        name: object.name, namespace: object.namespace, clusterIP: spec?["clusterIP"]?.string, ports: ports,
        selector: spec?["selector"]?.strings ?? [:], endpoints: endpointsOfService[object.qualifiedName] ?? [],
        hostname: "\(object.name).\(object.namespace).svc.cluster.local")
    }
    .sorted { $0.hostname < $1.hostname }
    self.services = services
    byHostname = Dictionary(services.map { ($0.hostname, $0) }) { first, _ in first }
  }

  /// All port numbers that have HTTP routes, ascending.
  var httpPorts: [Int] { Set(services.flatMap { $0.ports.filter(\.isHTTP).map(\.number) }).sorted() }

  func service(hostname: String) -> Service? { byHostname[hostname] }

  /// A host as an Istio resource names it, in full: a short name belongs to the resource's namespace.
  static func hostname(_ host: String, in namespace: String) -> String {
    host.contains(".") || host == "*" ? host : "\(host).\(namespace).svc.cluster.local"
  }
}

extension JSONValue {
  var name: String { self["metadata"]?["name"]?.string ?? "" }
  var namespace: String { self["metadata"]?["namespace"]?.string ?? "" }
  var qualifiedName: String { "\(namespace)/\(name)" }

  /// The string members of an object.
  var strings: [String: String] {
    var all: [String: String] = [:]
    for (key, value) in object ?? [:] { all[key] = value.string }
    return all
  }

  init(_ strings: [String: String]) {
    self = .object(JSONObject(strings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}
