import MeshModel

/// Proxies that refuse their configuration, are behind with it, or do not answer; and certificates near their end.
struct ProxyCheck {
  let observation: Observation
  let rules: HealthRules

  func symptoms() -> [Symptom] { rejected() + stale() + silent() + certificates() }

  private var proxies: [ProxyStatus] { observation.report?.proxies ?? [] }

  private func rejected() -> [Symptom] {
    XDSType.allCases.compactMap { type in
      let refusing = proxies.compactMap { proxy -> (id: ProxyID, reason: String, since: Timestamp?)? in
        guard case .rejected(let reason, let since)? = proxy.sync[type] else { return nil }
        return (proxy.id, reason, since)
      }
      guard let first = refusing.first else { return nil }
      let since = refusing.compactMap(\.since).min()
      return Symptom(
        finding: finding(
          .rejected, type, refusing.map(\.id), verb: refusing.count == 1 ? "rejects" : "reject", figure: first.reason,
          since: since, evidence: [first.reason]),
        suspects: suspects(behind: refusing.map(\.id)), weight: Double(refusing.count))
    }
  }

  private func stale() -> [Symptom] {
    XDSType.allCases.compactMap { type in
      let late = proxies.compactMap { proxy -> (id: ProxyID, since: Timestamp?)? in
        guard case .stale(let since)? = proxy.sync[type] else { return nil }
        return (proxy.id, since)
      }
      guard !late.isEmpty else { return nil }
      let since = late.compactMap(\.since).min()
      let waited = since.map { "sent \(Figures.age(observation.now - $0)) ago and not taken" } ?? "sent and not taken"
      return Symptom(
        finding: finding(
          .stale, type, late.map(\.id), verb: late.count == 1 ? "is behind with" : "are behind with", figure: waited,
          since: since, evidence: [waited]),
        patience: rules.standard.staleAfter, suspects: suspects(behind: late.map(\.id)), weight: Double(late.count))
    }
  }

  private func silent() -> [Symptom] {
    let silent = proxies.compactMap { proxy -> (id: ProxyID, trouble: Trouble)? in
      guard case .silent(let trouble) = proxy.reach else { return nil }
      return (proxy.id, trouble)
    }
    guard let first = silent.first else { return [] }
    return [
      Symptom(
        finding: finding(
          .stale, nil, silent.map(\.id), verb: silent.count == 1 ? "does not answer" : "do not answer",
          figure: "admin API silent", since: proxies.compactMap(\.read).max(), evidence: [first.trouble.what]),
        patience: .seconds(5), weight: Double(silent.count))
    ]
  }

  private func finding(
    _ kind: Finding.Kind, _ type: XDSType?, _ ids: [ProxyID], verb: String, figure: String, since: Timestamp?,
    evidence: [String]
  ) -> Finding {
    let who = ids.count == 1 ? ids[0].pod : Figures.count(ids.count, "proxy", "proxies")
    let names = ids.prefix(3).map(\.pod).joined(separator: ", ") + (ids.count > 3 ? " and \(ids.count - 3) more" : "")
    return Finding(
      id: Finding.ID(kind, .proxies(type)), severity: .warning,
      title: "\(who) \(verb)" + (type.map { " \($0.rawValue)" } ?? ""), figure: figure,
      since: since ?? observation.now, isOlder: since == nil, evidence: evidence + (ids.count > 1 ? [names] : []),
      proxies: ids.sorted())
  }

  /// What a proxy refuses or waits for is mostly a route that not every proxy has: its change is what one looks for.
  private func suspects(behind ids: [ProxyID]) -> [MeshNode] {
    let applied = observation.report?.applied ?? [:]
    let routes = applied.filter { _, applied in
      applied.behind.contains(where: ids.contains) || applied.rejected.contains { ids.contains($0.proxy) }
    }.keys.sorted {
      ($0.resource.namespace, $0.resource.name, $0.rule) < ($1.resource.namespace, $1.resource.name, $1.rule)
    }
    return routes.prefix(8).map { MeshNode(namespace: $0.resource.namespace, name: $0.resource.name) }
  }

  private func certificates() -> [Symptom] {
    (observation.topology?.certificates ?? []).compactMap { certificate in
      let left = certificate.end - observation.now
      let life = certificate.end - certificate.start
      let thresholds = rules.thresholds(
        for: ServiceID(namespace: certificate.proxy.namespace, name: certificate.proxy.pod))
      guard left <= .zero || (left < life * thresholds.certificateLeft && left < thresholds.certificateTime) else {
        return nil
      }
      let isOver = left <= .zero
      return Symptom(
        finding: Finding(
          id: Finding.ID(
            .certificate, .node(MeshNode(namespace: certificate.proxy.namespace, name: certificate.proxy.pod))),
          severity: isOver ? .failing : .warning, title: certificate.proxy.pod,
          figure: isOver ? "certificate ended" : "certificate ends in \(Figures.span(left))",
          since: isOver ? certificate.end : certificate.end - life * thresholds.certificateLeft,
          evidence: ["\(certificate.identity), until \(certificate.end.rfc3339)"], proxies: [certificate.proxy]),
        weight: -left.seconds)
    }
  }
}
