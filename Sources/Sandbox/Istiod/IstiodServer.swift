internal import JSON

/// istiod's debug endpoints, as its monitoring port serves them to callers on loopback.
struct IstiodServer: Sendable {
  let status: SyncStatus
  let services: @Sendable () -> [JSONValue]

  static let version = "\(Bookinfo.istioVersion)-56df41f63e513f834c9a3af33d8aed82d1d961f2-Clean"

  func serve(at address: String) async throws(HTTPServerError) -> HTTPServer {
    try await HTTPServer.start(on: .tcp(host: address, port: IstioPort.debug)) { request in await answer(request) }
  }

  func answer(_ request: HTTPServer.Request) async -> HTTPServer.Response {
    guard request.method == "GET" || request.method == "HEAD" else {
      return .text("Method Not Allowed\n", status: 405)
    }
    switch request.path.joined(separator: "/") {
    case "version": return .text(Self.version)
    case "ready": return .text("")
    case "debug/syncz":
      let wanted = request.query["namespace"]
      let entries = await status.entries().filter { wanted == nil || $0.pod.namespace == wanted }
      return .json(.array(entries.map(\.json)), indent: 2)
    case "debug/registryz": return .json(.array(services().map(Self.registryEntry)), indent: 2)
    case "metrics": return metrics(await status.entries())
    default: return .text("404 page not found\n", status: 404)
    }
  }

  private func metrics(_ entries: [SyncStatus.Entry]) -> HTTPServer.Response {
    var text = """
      # HELP pilot_xds Number of endpoints connected to this pilot using XDS.
      # TYPE pilot_xds gauge
      pilot_xds{version="\(Bookinfo.istioVersion)"} \(entries.count)
      # HELP pilot_services Total services known to pilot.
      # TYPE pilot_services gauge
      pilot_services \(services().count)

      """
    for (type, name) in [(ControlPlane.XDSType.cluster, "cds"), (.listener, "lds"), (.route, "rds")] {
      let refusing = entries.filter { $0.types[type]?.refusal != nil }
      guard !refusing.isEmpty else { continue }
      text += "# HELP pilot_xds_\(name)_reject Pilot rejected \(name.uppercased()).\n"
      text += "# TYPE pilot_xds_\(name)_reject gauge\n"
      for entry in refusing { text += "pilot_xds_\(name)_reject{err=\"Internal\",node=\"\(entry.pod.id)\"} 1\n" }
    }
    return .text(text)
  }

  /// A Service in registryz's own mixture of cases; `Resolution` 0 is by client.
  private static func registryEntry(_ service: JSONValue) -> JSONValue {
    let spec = service["spec"]
    let address = spec?["clusterIP"]?.string ?? ""
    let ports = (spec?["ports"]?.array ?? []).map { port -> JSONValue in
      let name = port["name"]?.string ?? ""
      let isHTTP = name.hasPrefix("http")
      return [
        "name": .string(name), "port": port["port"] ?? .null, "protocol": isHTTP ? "HTTP" : "TCP",
      ]
    }
    return [
      "Attributes": [
        "ServiceRegistry": "Kubernetes", "Name": .string(service.name), "Namespace": .string(service.namespace),
        "Labels": service["metadata"]?["labels"] ?? .null, "ExportTo": .null,
        "LabelSelectors": spec?["selector"] ?? .null,
        "Type": spec?["type"] ?? "ClusterIP", "ExternalName": "", "NodeLocal": false,
      ],
      "ports": .array(ports), "creationTime": service["metadata"]?["creationTimestamp"] ?? .null,
      "hostname": .string("\(service.name).\(service.namespace).svc.cluster.local"),
      "clusterVIPs": ["Addresses": ["Kubernetes": [.string(address)]]], "defaultAddress": .string(address),
      "Resolution": 0, "MeshExternal": false,
      "ResourceVersion": service["metadata"]?["resourceVersion"] ?? .null,
    ]
  }
}
