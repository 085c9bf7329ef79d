internal import JSON

/// A filter chain of a listener that passes connections on as they are (`tcp_proxy`): what TLS and TCP rules become.
public struct ByteRoute: Equatable, Sendable {
  public var listener: String
  /// The names (SNI) that the chain is for; empty for any.
  public var serverNames: [String]
  /// The port that the chain is for, or that its listener has.
  public var port: Int?
  /// The resource that the control plane made the chain from. Istio names it for sidecars.
  public var origin: ResourceOrigin?
  /// A single cluster takes all, as weight 1.
  public var clusters: [WeightedCluster]

  public init(
    listener: String, serverNames: [String] = [], port: Int? = nil, origin: ResourceOrigin? = nil,
    clusters: [WeightedCluster]
  ) {
    self.listener = listener
    self.serverNames = serverNames
    self.port = port
    self.origin = origin
    self.clusters = clusters
  }
}

extension EnvoyAdmin {
  /// Those of all listeners that a control plane sent, in the proxy's order. A big answer: ask for it when
  /// `dynamicListeners` says that it has moved.
  public func byteRoutes() async throws(EnvoyAdminError) -> [ByteRoute] {
    try await configuration(.dynamicListeners).flatMap { ByteRoute.all(in: $0) }
  }
}

extension ByteRoute {
  fileprivate static func all(in entry: JSON) -> [ByteRoute] {
    guard let listener = entry["active_state"]?["listener"] else { return [] }
    let port = listener["address"]?["socket_address"]?["port_value"]?.int
    let chains = listener.list("filter_chains") + (listener["default_filter_chain"].map { [$0] } ?? [])
    return chains.compactMap { ByteRoute($0, listener: listener["name"]?.string ?? "", port: port) }
  }

  /// `nil` for a chain that does something else.
  private init?(_ chain: JSON, listener: String, port: Int?) {
    guard
      let proxy = chain.list("filters").lazy.compactMap({ $0["typed_config"] }).first(where: {
        $0["@type"]?.string?.hasSuffix(".tcp_proxy.v3.TcpProxy") ?? false
      })
    else { return nil }
    let match = chain["filter_chain_match"]
    let clusters =
      if let name = proxy["cluster"]?.string {
        [WeightedCluster(name: name, weight: 1)]
      } else {
        proxy["weighted_clusters"]?.list("clusters").compactMap { cluster in
          cluster["name"]?.string.map { WeightedCluster(name: $0, weight: cluster["weight"]?.unsigned ?? 0) }
        } ?? []
      }
    self.init(
      listener: listener, serverNames: match?.list("server_names").compactMap(\.string) ?? [],
      port: match?["destination_port"]?.int ?? port,
      origin: (chain["metadata"]?["filter_metadata"]?["istio"]?["config"]?.string).flatMap { ResourceOrigin($0) },
      clusters: clusters)
  }
}
