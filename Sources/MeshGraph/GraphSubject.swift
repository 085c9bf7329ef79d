public import MeshModel

/// A node of a graph as expressions ask about it.
public struct GraphSubject: ExpressionSubject {
  let node: ServiceGraph.Node
  let graph: ServiceGraph

  public init(node: ServiceGraph.Node, graph: ServiceGraph) {
    self.node = node
    self.graph = graph
  }

  public static let fields = Field.allCases.map(\.field)

  private enum Field: String, CaseIterable {
    case err, rps, p50, p95, p99, ns, name, version, kind, flags, codes, ejected, mtls, healthy, idle

    var field: ExpressionField {
      switch self {
      case .err: ExpressionField(rawValue, .share, "requests that fail, of all that are sent to it")
      case .rps: ExpressionField(rawValue, .number, "requests each second")
      case .p50, .p95, .p99: ExpressionField(rawValue, .time, "percentile of the answer's time")
      case .ns: ExpressionField(rawValue, .text, "namespace")
      case .name: ExpressionField(rawValue, .text, "service, gateway or host")
      case .version: ExpressionField(rawValue, .text, "version of the service")
      case .kind:
        ExpressionField(rawValue, .text, "service, ingress, egress, external, passthrough, black hole, unknown")
      case .flags: ExpressionField(rawValue, .text, "response flags seen")
      case .codes: ExpressionField(rawValue, .text, "codes answered")
      case .ejected: ExpressionField(rawValue, .number, "endpoints that callers have ejected")
      case .mtls: ExpressionField(rawValue, .flag, "all requests come over mutual TLS")
      case .healthy: ExpressionField(rawValue, .flag, "nothing is known to be wrong with it")
      case .idle: ExpressionField(rawValue, .flag, "it gets no requests")
      }
    }
  }

  public func value(of field: ExpressionField) -> ExpressionValue? {
    guard let field = Field(rawValue: field.name) else { return nil }
    func time(_ span: Duration?) -> ExpressionValue? { span.map { .number($0.seconds) } }
    switch field {
    case .err: return node.traffic?.errorRate.map { .number($0) }
    case .rps: return node.traffic.flatMap { graph.perSecond($0.requests) }.map { .number($0) }
    case .p50: return time(node.traffic?.p50)
    case .p95: return time(node.traffic?.p95)
    case .p99: return time(node.traffic?.p99)
    case .ns: return .texts([node.id.namespace])
    case .name: return .texts(node.members.map(\.name))
    case .version: return .texts(node.members.compactMap(\.version))
    case .kind: return .texts(node.members.map(\.kind.name))
    case .flags: return node.traffic.map { .texts($0.flags.keys.map(\.code)) }
    case .codes: return node.traffic.map { .texts(Array($0.codes.keys)) }
    case .ejected: return .number(Double(node.ejected))
    case .mtls:
      switch node.security {
      case .mutualTLS: return .flag(true)
      case .plaintext, .mixed: return .flag(false)
      case .unknown: return nil
      }
    case .healthy: return .flag(!node.health.isUnhealthy)
    case .idle: return .flag(node.health == .idle)
    }
  }

  public var words: [String] { node.members.map(\.description) }
}

extension MeshNode.Kind {
  /// As a person calls it.
  public var name: String {
    switch self {
    case .ingress: "ingress"
    case .unknown: "unknown"
    case .service: "service"
    case .egress: "egress"
    case .external: "external"
    case .passthrough: "passthrough"
    case .blackHole: "black hole"
    }
  }
}
