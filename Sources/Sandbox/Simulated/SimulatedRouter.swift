internal import JSON

/// Chooses where a request goes, by the routes that a proxy has: domains, the path and the headers of a plain request,
/// weights, and a host of the cluster.
struct SimulatedRouter: Sendable {
  struct Choice: Sendable {
    let cluster: String
    /// `nil` where the cluster has none.
    let host: SimulatedMesh.Host?
    let routeName: String
  }

  private struct Route: Sendable {
    let name: String
    let path: String?
    let prefix: String
    let clusters: [(name: String, weight: Int)]
  }

  private struct Key: Hashable {
    let role: MeshPod.Role
    let configuration: String
    let domain: String
  }

  private var routes: [Key: [Route]] = [:]
  private var hosts: [String: [SimulatedMesh.Host]] = [:]

  init(routes: [MeshPod.Role: [JSONValue]], clusters: [MeshPod.Role: [JSONValue]]) {
    for (role, configurations) in routes {
      for configuration in configurations {
        for virtualHost in configuration["virtual_hosts"]?.array ?? [] {
          let list = (virtualHost["routes"]?.array ?? []).compactMap(Self.route)
          for domain in virtualHost["domains"]?.array?.compactMap(\.string) ?? [] {
            self.routes[Key(role: role, configuration: configuration["name"]?.string ?? "", domain: domain)] = list
          }
        }
      }
    }
    for cluster in clusters.values.joined() {
      let name = cluster["name"]?.string ?? ""
      hosts[name] = SimulatedMesh.hosts(of: cluster)
    }
  }

  func choose(
    role: MeshPod.Role, configuration: String, authority: String, path: String,
    using generator: inout some RandomNumberGenerator
  ) -> Choice? {
    let candidates =
      routes[Key(role: role, configuration: configuration, domain: authority)]
      ?? routes[Key(role: role, configuration: configuration, domain: "*")] ?? []
    guard let route = candidates.first(where: { $0.path.map { $0 == path } ?? path.hasPrefix($0.prefix) }) else {
      return nil
    }
    let total = route.clusters.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return nil }
    var place = Int.random(in: 0..<total, using: &generator)
    for cluster in route.clusters {
      place -= cluster.weight
      guard place < 0 else { continue }
      return Choice(
        cluster: cluster.name, host: hosts[cluster.name]?.randomElement(using: &generator), routeName: route.name)
    }
    return nil
  }

  /// `nil` for a route that asks for headers: the model's requests carry none.
  private static func route(_ json: JSONValue) -> Route? {
    let match = json["match"]
    guard match?["headers"] == nil, match?["query_parameters"] == nil, match?["safe_regex"] == nil else { return nil }
    let action = json["route"]
    var clusters: [(String, Int)] = []
    if let only = action?["cluster"]?.string { clusters = [(only, 1)] }
    for share in action?["weighted_clusters"]?["clusters"]?.array ?? [] {
      clusters.append((share["name"]?.string ?? "", share["weight"]?.int ?? 0))
    }
    return Route(
      name: json["name"]?.string ?? "-", path: match?["path"]?.string,
      prefix: (match?["prefix"] ?? match?["path_separated_prefix"])?.string ?? "/",
      clusters: clusters)
  }
}

extension SimulatedMesh {
  /// The endpoints that stand in a cluster.
  static func hosts(of cluster: JSONValue) -> [Host] {
    let name = cluster["name"]?.string ?? ""
    let groups = cluster["load_assignment"]?["endpoints"]?.array ?? []
    return groups.flatMap { $0["lb_endpoints"]?.array ?? [] }.compactMap { endpoint in
      let socket = endpoint.at("endpoint", "address", "socket_address")
      guard let address = socket?["address"]?.string, let port = socket?["port_value"]?.int else { return nil }
      return Host(cluster: name, address: address, port: port)
    }
  }
}
