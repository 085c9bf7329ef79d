internal import JSON

/// The columns of each type (pkg/printers/internalversion of Kubernetes; additionalPrinterColumns of custom ones).
enum TableColumns {
  typealias Column = Table.Column

  static func columns(of type: ResourceType) -> [Column] {
    switch type {
    case .pods: pods
    case .services: services
    case .deployments: deployments
    case .replicaSets: replicaSets
    case .endpointSlices: endpointSlices
    case .namespaces: [name, Column("Status") { $0.json.at("status", "phase") ?? "" }, age]
    case .events: events
    case .configMaps: [name, Column("Data", type: "integer") { .int($0.json["data"]?.object?.count ?? 0) }, age]
    case .serviceAccounts:
      [name, Column("Secrets", type: "integer") { .int($0.json["secrets"]?.array?.count ?? 0) }, age]
    case .virtualServices: [name, spec("Gateways", "gateways"), spec("Hosts", "hosts"), dateAge]
    case .destinationRules: [name, spec("Host", "host"), dateAge]
    case .serviceEntries:
      [name, spec("Hosts", "hosts"), spec("Location", "location"), spec("Resolution", "resolution"), dateAge]
    case .peerAuthentications:
      [name, Column("Mode") { $0.json.at("spec", "mtls", "mode") ?? .null }, dateAge]
    case .httpRoutes, .grpcRoutes: [name, spec("Hostnames", "hostnames"), dateAge]
    default: [name, dateAge]
    }
  }

  private static let name = Column("Name", format: "name") { .string($0.name) }
  private static let age = Column("Age") { ageCell($0) }
  private static let dateAge = Column("Age", type: "date") { ageCell($0) }

  private static func ageCell(_ object: APIObject) -> JSONValue {
    object.creationTime.map { .string($0.age()) } ?? .null
  }

  /// A column of a custom resource: what is no string stands there as JSON.
  private static func spec(_ name: String, _ field: String) -> Column {
    Column(name) { object in
      switch object.json.at("spec", field) {
      case nil: .null
      case .string(let text): .string(text)
      case let value?: .string(value.text())
      }
    }
  }

  private static func text(_ name: String, priority: Int = 0, _ cell: @escaping @Sendable (APIObject) -> String)
    -> Column
  {
    Column(name, priority: priority) { .string(cell($0)) }
  }

  private static func orNone(_ value: JSONValue?) -> String {
    value?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "<none>"
  }

  private static func labels(_ value: JSONValue?) -> String {
    let pairs = (value?.object ?? [:]).map { "\($0.key)=\($0.value.string ?? "")" }.sorted()
    return pairs.isEmpty ? "<none>" : pairs.joined(separator: ",")
  }

  // MARK: Pods

  private static let pods: [Column] = [
    name,
    text("Ready") { pod in
      let containers = podContainers(pod)
      let ready = statuses(pod).filter { $0["ready"]?.bool == true && containers.contains($0["name"]?.string ?? "") }
      return "\(ready.count)/\(containers.count)"
    },
    text("Status") { pod in
      if pod[metadata: "deletionTimestamp"] != nil { return "Terminating" }
      let waiting = statuses(pod).compactMap { $0.at("state", "waiting", "reason")?.string }
      return waiting.first ?? pod.json.at("status", "phase")?.string ?? "Unknown"
    },
    text("Restarts") { pod in String(statuses(pod).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }) },
    age,
    text("IP", priority: 1) { orNone($0.json.at("status", "podIP")) },
    text("Node", priority: 1) { orNone($0.json.at("spec", "nodeName")) },
    text("Nominated Node", priority: 1) { orNone($0.json.at("status", "nominatedNodeName")) },
    text("Readiness Gates", priority: 1) { _ in "<none>" },
  ]

  /// Sidecars are init containers that restart always; others of those are no longer there.
  private static func podContainers(_ pod: APIObject) -> [String] {
    let sidecars = (pod.json.at("spec", "initContainers")?.array ?? []).filter { $0["restartPolicy"] == "Always" }
    return (sidecars + (pod.json.at("spec", "containers")?.array ?? [])).compactMap { $0["name"]?.string }
  }

  private static func statuses(_ pod: APIObject) -> [JSONValue] {
    (pod.json.at("status", "initContainerStatuses")?.array ?? [])
      + (pod.json.at("status", "containerStatuses")?.array ?? [])
  }

  // MARK: Services and endpoints

  private static let services: [Column] = [
    name,
    text("Type") { $0.json.at("spec", "type")?.string ?? "ClusterIP" },
    text("Cluster-IP") { orNone($0.json.at("spec", "clusterIP")) },
    text("External-IP") { service in
      let ingress = service.json.at("status", "loadBalancer", "ingress")?.array ?? []
      let addresses = ingress.compactMap { $0["ip"]?.string ?? $0["hostname"]?.string }
      guard addresses.isEmpty else { return addresses.joined(separator: ",") }
      return service.json.at("spec", "type") == "LoadBalancer" ? "<pending>" : "<none>"
    },
    text("Port(s)") { service in
      let ports = (service.json.at("spec", "ports")?.array ?? []).map { port in
        "\(port["port"]?.int ?? 0)\(port["nodePort"]?.int.map { ":\($0)" } ?? "")/\(port["protocol"]?.string ?? "TCP")"
      }
      return ports.isEmpty ? "<none>" : ports.joined(separator: ",")
    },
    age,
    text("Selector", priority: 1) { labels($0.json.at("spec", "selector")) },
  ]

  private static let endpointSlices: [Column] = [
    name,
    text("AddressType") { $0.json["addressType"]?.string ?? "" },
    text("Ports") { slice in
      let ports = (slice.json["ports"]?.array ?? []).compactMap { $0["port"]?.int }
      return ports.isEmpty ? "<unset>" : ports.map(String.init).joined(separator: ",")
    },
    text("Endpoints") { slice in
      let addresses = (slice.json["endpoints"]?.array ?? []).flatMap { $0["addresses"]?.array ?? [] }
      let shown = addresses.prefix(3).compactMap(\.string).joined(separator: ",")
      if addresses.isEmpty { return "<unset>" }
      return addresses.count > 3 ? "\(shown) + \(addresses.count - 3) more..." : shown
    },
    age,
  ]

  // MARK: Workloads

  private static func number(_ object: APIObject, _ path: String...) -> Int {
    path.reduce(object.json as JSONValue?) { $0?[$1] }?.int ?? 0
  }

  private static func template(_ field: String) -> @Sendable (APIObject) -> String {
    { object in
      let containers = object.json.at("spec", "template", "spec", "containers")?.array ?? []
      return containers.compactMap { $0[field]?.string }.joined(separator: ",")
    }
  }

  private static let workloadColumns: [Column] = [
    age,
    text("Containers", priority: 1, template("name")),
    text("Images", priority: 1, template("image")),
    text("Selector", priority: 1) { labels($0.json.at("spec", "selector", "matchLabels")) },
  ]

  private static let deployments: [Column] =
    [
      name,
      text("Ready") { "\(number($0, "status", "readyReplicas"))/\(number($0, "spec", "replicas"))" },
      Column("Up-to-date", type: "string") { .int(number($0, "status", "updatedReplicas")) },
      Column("Available", type: "string") { .int(number($0, "status", "availableReplicas")) },
    ] + workloadColumns

  private static let replicaSets: [Column] =
    [
      name,
      Column("Desired", type: "integer") { .int(number($0, "spec", "replicas")) },
      Column("Current", type: "integer") { .int(number($0, "status", "replicas")) },
      Column("Ready", type: "integer") { .int(number($0, "status", "readyReplicas")) },
    ] + workloadColumns

  // MARK: Events

  private static let events: [Column] = [
    text("Last Seen") { event in
      let time = event.json["lastTimestamp"]?.string ?? event.json["eventTime"]?.string
      return time.flatMap { WallTime($0) }?.age() ?? "<unknown>"
    },
    text("Type") { $0.json["type"]?.string ?? "" },
    text("Reason") { $0.json["reason"]?.string ?? "" },
    text("Object") { event in
      let kind = event.json.at("involvedObject", "kind")?.string ?? ""
      return "\(kind.lowercased())/\(event.json.at("involvedObject", "name")?.string ?? "")"
    },
    text("Message") { $0.json["message"]?.string ?? "" },
    Column("Name", format: "name", priority: 1) { .string($0.name) },
  ]
}
