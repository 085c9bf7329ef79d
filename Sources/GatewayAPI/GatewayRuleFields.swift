public import JSON
public import KubernetesAPI

extension GatewayRoute {
  /// What sets the part of a rule's requests that is copied, of 100; `mirror` counts as `GatewayRule.mirrors` does.
  /// `nil` when there is no such mirror.
  public func mirrorEdits(of rule: Int, mirror: Int, to percent: Double) -> [FieldEdit]? {
    guard let found = self.rule(rule), found.mirrors.indices.contains(mirror) else { return nil }
    let place = found.place.appending("filters").appending(found.mirrors[mirror].filter).appending("requestMirror")
    let percentPlace = place.appending("percent")
    let fractionPlace = place.appending("fraction")
    let (percentBefore, fractionBefore) = (json[percentPlace], json[fractionPlace])
    // One of the two at most may stand there, and `percent` is whole (gateway-api, `HTTPRequestMirrorFilter`).
    if let whole = Int(exactly: percent) {
      return [FieldEdit(percentPlace, from: percentBefore, to: .int(whole))]
        + (fractionBefore == nil ? [] : [FieldEdit(fractionPlace, from: fractionBefore, to: nil)])
    }
    guard let numerator = Int(exactly: (percent * 1000).rounded()) else { return nil }
    let fraction: JSONValue = ["numerator": .int(numerator), "denominator": 100_000]
    return [FieldEdit(fractionPlace, from: fractionBefore, to: fraction)]
      + (percentBefore == nil ? [] : [FieldEdit(percentPlace, from: percentBefore, to: nil)])
  }

  /// The rule that takes, of what a rule takes, the requests with a header, and gives them to one of its backends
  /// (counted from 0). All else is that rule's, but for its name. As it asks for more, proxies try it first. `nil` for
  /// rules that have no such backend, or look at that header themselves.
  public func headerRule(for rule: Int, header: String, value: String, to backend: Int) -> JSONValue? {
    guard let found = self.rule(rule), var copy = json[found.place], copy.object != nil,
      let backends = copy["backendRefs"]?.array, backends.indices.contains(backend)
    else { return nil }
    let matches = copy["matches"]?.array ?? []
    var narrowed: [JSONValue] = []
    for var match in matches.isEmpty ? [[:]] : matches {
      let headers = match["headers"]?.array ?? []
      let isLookedAt = headers.contains { $0["name"]?.string?.lowercased() == header.lowercased() }
      guard match.object != nil, !isLookedAt else { return nil }
      match["headers"] = .array(headers + [["type": "Exact", "name": .string(header), "value": .string(value)]])
      narrowed.append(match)
    }
    var chosen = backends[backend]
    guard chosen.object != nil else { return nil }
    chosen["weight"] = nil
    copy["name"] = nil
    copy["matches"] = .array(narrowed)
    copy["backendRefs"] = [chosen]
    return copy
  }
}
