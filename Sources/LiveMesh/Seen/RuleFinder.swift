import EnvoyAPI
import MeshModel
import ProxyLogs

/// Finds the rule that a request was sent by, from what the access log says of it: the cluster it went to, the
/// authority, the Envoy route's name and the path.
struct RuleFinder: Sendable {
  struct Finding: Equatable, Sendable {
    var rules: [(route: RouteID, destination: Destination)]
    /// False where several rules send to this destination and the log cannot tell which of them did, or where the
    /// authority is none of a known host and the rule is known by its destination alone.
    var isCertain: Bool

    static func == (one: Finding, other: Finding) -> Bool {
      one.rules.map(\.route) == other.rules.map(\.route) && one.isCertain == other.isCertain
        && one.rules.map(\.destination) == other.rules.map(\.destination)
    }
  }

  private struct Target: Hashable {
    let host: String
    let subset: String?
  }

  private let rules: [AskedRule]
  private let byTarget: [Target: [(rule: Int, destination: Destination)]]

  /// The version label of the pod at an address: a Service without subsets has its versions by that.
  private let versions: [String: String]

  private let hosts: AuthorityHosts

  init(_ rules: [AskedRule], versions: [String: String] = [:], hostsByAddress: [String: String] = [:]) {
    self.rules = rules
    self.versions = versions
    hosts = AuthorityHosts(rules, byAddress: hostsByAddress)
    var byTarget: [Target: [(rule: Int, destination: Destination)]] = [:]
    for (place, rule) in rules.enumerated() where rule.route.id.section == .http {
      for destination in rule.route.split.destinations {
        byTarget[Target(host: destination.host, subset: destination.subset), default: []].append((place, destination))
      }
    }
    self.byTarget = byTarget
  }

  func find(_ request: SeenRequest) -> Finding {
    let target = Target(host: request.cluster.host ?? "", subset: request.cluster.subset)
    let sending = (byTarget[target] ?? []).filter { candidate in
      let rule = rules[candidate.rule]
      return request.cluster.leads(to: candidate.destination)
        && (request.isGateway ? rule.isForGateways : rule.isForSidecars)
    }
    // A proxy chooses the virtual host by the authority before any rule: a rule of another host has not sent it.
    let wanted = hosts.wanted(by: request)
    var candidates = sending.filter { hosts.takes(rules[$0.rule], wanted) == true }
    if candidates.isEmpty, let found = findVersion(request, wanted) {
      return Finding(rules: [found], isCertain: true)
    }
    if candidates.isEmpty { candidates = sending.filter { hosts.takes(rules[$0.rule], wanted) == nil } }
    let isToldByHost = candidates.allSatisfy { rules[$0.rule].route.hosts.isEmpty || wanted.host != nil }
    narrow(&candidates) { rules[$0].isNamed(like: request.routeName) }
    if candidates.count > 1, let place = firstByPath(candidates.map(\.rule), request.path) {
      candidates = [candidates[place]]
    }
    return Finding(
      rules: candidates.map { (rules[$0.rule].route.id, $0.destination) },
      isCertain: isToldByHost && candidates.count <= 1)
  }

  /// The version of a Service without routing that the request's address belongs to.
  private func findVersion(
    _ request: SeenRequest, _ wanted: AuthorityHosts.Wanted
  ) -> (route: RouteID, destination: Destination)? {
    guard request.cluster.subset == nil, let address = request.upstream.map(host),
      let version = versions[address]
    else { return nil }
    let target = Target(host: request.cluster.host ?? "", subset: version)
    guard let found = byTarget[target]?.first(where: { rules[$0.rule].route.id.resource.kind == .service }),
      request.isGateway ? rules[found.rule].isForGateways : rules[found.rule].isForSidecars,
      hosts.takes(rules[found.rule], wanted) ?? true
    else { return nil }
    return (rules[found.rule].route.id, found.destination)
  }

  /// An address without its port.
  private func host(_ address: String) -> String {
    let end = address.lastIndex(of: ":") ?? address.endIndex
    let host = address[..<end]
    return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
  }

  /// Keeps those that fit, unless none does: then the log says nothing that helps here.
  private func narrow(_ candidates: inout [(rule: Int, destination: Destination)], _ fits: (Int) -> Bool) {
    guard candidates.count > 1 else { return }
    let fitting = candidates.filter { fits($0.rule) }
    if !fitting.isEmpty { candidates = fitting }
  }

  /// The first that takes the path, provided that each before it certainly does not.
  private func firstByPath(_ candidates: [Int], _ path: String) -> Int? {
    for (place, rule) in candidates.enumerated() {
      switch rules[rule].takes(path: path) {
      case .some(true): return place
      case .some(false): continue
      case nil: return nil
      }
    }
    return nil
  }
}

extension AskedRule {
  /// Whether an Envoy route with this name is made of the rule: Istio names it after the rule, then after the match.
  /// A route without a name shows as `-`, and that of a Service as `default`.
  func isNamed(like routeName: String) -> Bool {
    guard let name = nameInProxies, !name.isEmpty else { return ["", "-", "default"].contains(routeName) }
    return routeName == name || routeName.hasPrefix(name + ".")
  }
}
