import MeshModel

/// The hosts that the authority of a request can mean, as the virtual hosts of a proxy have it: by its full name, by the
/// shorter ones of a Service, by its cluster IP, or by a wildcard.
struct AuthorityHosts: Sendable {
  /// What the authority of one request says.
  struct Wanted: Equatable, Sendable {
    /// Without its port, in lower case.
    var name: String
    /// The host of rules that it means, the most specific that fits; `nil` when no known rule has such a host.
    var host: String?
  }

  /// Of rules that proxies of one kind carry.
  private struct Names: Sendable {
    /// The host by each name that stands for it from anywhere: `reviews.bookinfo`, `reviews.bookinfo.svc` and on.
    var exact: [String: String] = [:]
    /// `*.example.com` and `*`, the longest first.
    var wildcards: [String] = []

    init(_ rules: [AskedRule]) {
      var suffixes: Set<String> = []
      for host in Set(rules.flatMap(\.route.hosts)) {
        let host = host.lowercased()
        if host.hasPrefix("*") {
          suffixes.insert(host)
          continue
        }
        exact[host] = host
        // NAME.NAMESPACE.svc.DOMAIN
        let labels = host.split(separator: ".", maxSplits: 3)
        guard labels.count >= 3, labels[2] == "svc" else { continue }
        exact["\(labels[0]).\(labels[1])"] = host
        exact["\(labels[0]).\(labels[1]).svc"] = host
      }
      wildcards = suffixes.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }
  }

  private let ofSidecars: Names
  private let ofGateways: Names
  private let byAddress: [String: String]

  init(_ rules: [AskedRule], byAddress: [String: String]) {
    let http = rules.filter { $0.route.id.section == .http }
    ofSidecars = Names(http.filter(\.isForSidecars))
    ofGateways = Names(http.filter(\.isForGateways))
    self.byAddress = byAddress
  }

  func wanted(by request: SeenRequest) -> Wanted {
    let names = request.isGateway ? ofGateways : ofSidecars
    let name = Self.name(request.authority)
    func host() -> String? {
      if let host = byAddress[name]?.lowercased(), names.exact[host] != nil { return host }
      if let host = names.exact[name] { return host }
      if !name.contains("."), let host = names.exact["\(name).\(request.namespace)"] { return host }
      guard !name.isEmpty, name != "-" else { return nil }
      return names.wildcards.first { $0 == "*" || name.hasSuffix($0.dropFirst()) }
    }
    return Wanted(name: name, host: host())
  }

  /// Whether a request to such a host can be one of the rule; `nil` where its authority does not tell.
  func takes(_ rule: AskedRule, _ wanted: Wanted) -> Bool? {
    if let rewritten = rule.rewrittenAuthority { return Self.name(rewritten) == wanted.name }
    // A rule that is delegated to has the hosts of others.
    if rule.route.hosts.isEmpty { return nil }
    return wanted.host.map { host in rule.route.hosts.contains { $0.lowercased() == host } }
  }

  private static func name(_ authority: String) -> String {
    if authority.hasPrefix("[") { return authority.dropFirst().prefix { $0 != "]" }.lowercased() }
    return authority.prefix { $0 != ":" }.lowercased()
  }
}
