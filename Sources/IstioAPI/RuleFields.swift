public import JSON
public import KubernetesAPI

extension RuleID {
  /// Where the rule stands in its VirtualService.
  public var place: JSONPointer { JSONPointer(["spec", layer.rawValue, String(index)]) }

  /// Where the weight of one of its destinations stands, counted from 0.
  public func weightPlace(of destination: Int) -> JSONPointer {
    place.appending("route").appending(destination).appending("weight")
  }
}

extension VirtualService {
  /// What sets the part of a rule's requests that is copied, of 100; `mirror` counts as `RouteRule.mirrors` does. `nil`
  /// when there is no such mirror.
  public func mirrorEdits(of rule: RuleID, mirror: Int, to percent: Double) -> [FieldEdit]? {
    guard let found = self.rule(rule), found.mirrors.indices.contains(mirror), let json = json[rule.place] else {
      return nil
    }
    let value = JSONValue.number(percent)
    let isSingle = json["mirror"].map { !$0.isNull } ?? false
    if isSingle, mirror == 0 {
      // The old names of the field hold whole numbers only, and count where the new one is absent.
      let old = ["mirrorPercent", "mirror_percent"].filter { json[$0] != nil && json["mirrorPercentage"] == nil }
      return [percentageEdit(at: rule.place, "mirrorPercentage", in: json, to: value)]
        + old.map { FieldEdit(rule.place.appending($0), from: json[$0], to: nil) }
    }
    let index = mirror - (isSingle ? 1 : 0)
    let place = rule.place.appending("mirrors").appending(index)
    guard let entry = self.json[place] else { return nil }
    return [percentageEdit(at: place, "percentage", in: entry, to: value)]
  }

  private func percentageEdit(at place: JSONPointer, _ key: String, in json: JSONValue, to value: JSONValue)
    -> FieldEdit
  {
    let field = place.appending(key)
    guard json[key]?.object != nil else { return FieldEdit(field, from: json[key], to: ["value": value]) }
    return FieldEdit(field.appending("value"), from: json[key]?["value"], to: value)
  }

  /// The rule that takes, of what a rule takes, the requests with a header, and gives them to one of its destinations
  /// (counted from 0). All else is that rule's, but for its name. `nil` for rules that see no headers, have no such
  /// destination, or look at that header themselves.
  public func headerRule(for rule: RuleID, header: String, value: String, to destination: Int) -> JSONValue? {
    guard rule.layer == .http, var copy = json[rule.place], let routes = copy["route"]?.array,
      routes.indices.contains(destination), copy.object != nil
    else { return nil }
    let matches = copy["match"]?.array ?? []
    var narrowed: [JSONValue] = []
    for var match in matches.isEmpty ? [[:]] : matches {
      let looked = ["headers", "withoutHeaders"].flatMap { match[$0]?.object?.keys ?? [] }
      guard match.object != nil, !looked.contains(where: { $0.lowercased() == header.lowercased() }) else { return nil }
      var headers = match["headers"]?.object ?? JSONObject()
      headers[header] = ["exact": .string(value)]
      match["headers"] = .object(headers)
      // A name of a match tells requests apart as one of a rule does.
      match["name"] = nil
      narrowed.append(match)
    }
    var route = routes[destination]
    guard route.object != nil else { return nil }
    route["weight"] = nil
    copy["name"] = nil
    copy["match"] = .array(narrowed)
    copy["route"] = [route]
    return copy
  }
}

extension JSONValue {
  /// Whole where it is: `10`, not `10.0`.
  public static func number(_ value: Double) -> JSONValue { Int(exactly: value).map { .int($0) } ?? .double(value) }
}
