/// Whose logs are wanted: of the proxies, where nothing else is said. Pods that come are among them from then on.
public indirect enum LogQuery: Hashable, Sendable {
  /// That of one pod.
  case proxy(ProxyID)
  /// The proxies of the pods behind a destination.
  case destination(Destination)
  /// The proxies behind every destination of a rule.
  case route(RouteID)
  /// The proxies of a node of the service graph: a service, a version of one, a gateway.
  case node(MeshNode)
  /// The proxies of the pods of a Deployment, or of what else owns them.
  case workload(namespace: String, name: String)
  case namespace(String)
  /// The proxies of the pods that carry all of these labels.
  case labels([String: String], in: Scope)
  /// istiod, all replicas.
  case controlPlane
  /// ztunnel on all nodes.
  case nodeProxies
  /// What the pods' own containers write, in place of their proxies.
  case application(LogQuery)
  case any([LogQuery])

  /// All of these together, each once.
  public func union(_ others: some Sequence<LogQuery>) -> LogQuery {
    var all = parts
    for part in others.flatMap(\.parts) where !all.contains(part) { all.append(part) }
    return all.count == 1 ? all[0] : .any(all)
  }

  /// What it is made of, in order: itself where it is one thing.
  public var parts: [LogQuery] { if case .any(let parts) = self { parts.flatMap(\.parts) } else { [self] } }
}

extension LogQuery: CustomStringConvertible {
  /// As a person writes it, and `init(_:in:)` reads it.
  public var description: String {
    switch self {
    case .proxy(let id): "pod/\(id)"
    case .destination(let destination): destination.description
    case .route(let id): "route/\(id.resource.name)#\(id.rule)"
    case .node(let node): "node/\(node.name)\(node.version.map { "/\($0)" } ?? "")"
    case .workload(_, let name): "deploy/\(name)"
    case .namespace(let name): "ns/\(name)"
    case .labels(let labels, _):
      labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    case .controlPlane: "istiod"
    case .nodeProxies: "ztunnel"
    case .application(let query): "app:\(query)"
    case .any(let parts): parts.map(\.description).joined(separator: " + ")
    }
  }

  /// Reads `reviews`, `reviews/v3`, `reviews.shop/v3`, `pod/NAME[.NAMESPACE]`, `deploy/NAME`, `ns/NAME`,
  /// `app=reviews,version=v3`, `istiod`, `ztunnel`, each with `app:` before it for the pods' own containers, and several
  /// of these with `+` between them. A Service is looked for in `scope`'s namespace where none is named. `nil` for a
  /// text without a name.
  public init?(_ text: String, in scope: Scope) {
    let texts = text.split(separator: "+", omittingEmptySubsequences: false)
    let parts = texts.prefix(64).compactMap { Self.part($0.trimmed, in: scope) }
    guard parts.count == texts.count, let first = parts.first else { return nil }
    self = first.union(parts.dropFirst())
  }

  private static func part(_ text: Substring, in scope: Scope) -> LogQuery? {
    guard !text.isEmpty, !text.contains(where: \.isWhitespace) else { return nil }
    if text.hasPrefix("app:") { return part(text.dropFirst("app:".count), in: scope).map { .application($0) } }
    if text == "istiod" { return .controlPlane }
    if text == "ztunnel" { return .nodeProxies }
    if text.contains("=") { return labels(text).map { .labels($0, in: scope) } }
    let namespace = if case .namespace(let name) = scope { name } else { "default" }
    guard let slash = text.firstIndex(of: "/") else { return destination(text, subset: nil, namespace) }
    let (kind, name) = (text[..<slash], text[text.index(after: slash)...])
    guard !kind.isEmpty, !name.isEmpty, !name.contains("/") else { return nil }
    switch kind {
    case "pod": return .proxy(ProxyID(name.contains(".") ? String(name) : "\(name).\(namespace)"))
    case "deploy": return .workload(namespace: namespace, name: String(name))
    case "ns": return .namespace(String(name))
    default: return destination(kind, subset: String(name), namespace)
    }
  }

  private static func destination(_ name: Substring, subset: String?, _ namespace: String) -> LogQuery? {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.allSatisfy({ !$0.isEmpty }) else { return nil }
    let host =
      switch labels.count {
      case 1: "\(name).\(namespace).svc.cluster.local"
      case 2: "\(name).svc.cluster.local"
      default: String(name)
      }
    return .destination(Destination(host: host, subset: subset))
  }

  private static func labels(_ text: Substring) -> [String: String]? {
    var labels: [String: String] = [:]
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else { return nil }
      labels[String(sides[0])] = String(sides[1])
    }
    return labels
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    return start.prefix(start.count - start.reversed().prefix { $0 == " " }.count)
  }
}
