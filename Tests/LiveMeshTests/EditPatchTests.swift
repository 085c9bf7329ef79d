import JSON
import KubernetesAPI
import MeshModel
import Peers
import Testing

@testable import LiveMesh

/// What is not named is not touched: whole objects are compared before and after, with fields that nobody here knows.
@Suite struct EditPatchTests {
  private static let unknown: JSONValue = ["kept": true, "list": [1, ["deep": "x"]]]

  private func object(_ spec: JSONValue, kind: String = "VirtualService") throws -> RoutingObject {
    let json: JSONValue = [
      "apiVersion": "networking.istio.io/v1", "kind": .string(kind),
      "metadata": [
        "name": "reviews", "namespace": "bookinfo", "uid": "u", "resourceVersion": "7",
        "annotations": ["example.com/note": "kept"],
      ],
      "spec": spec, "status": Self.unknown,
    ]
    return RoutingObject(try #require(KubernetesObject(JSON(parsing: json.bytes()))))
  }

  /// A rule with one to four destinations, any of its weights absent, and things of all kinds beside.
  private func rule(_ random: inout SeededGenerator) -> JSONValue {
    let routes: [JSONValue] = (1...Int.random(in: 1...4, using: &random)).map { number in
      var route: JSONValue = ["destination": ["host": "reviews", "subset": .string("v\(number)")]]
      if Bool.random(using: &random) { route["weight"] = .int(.random(in: 0...1000, using: &random)) }
      if Bool.random(using: &random) { route["headers"] = Self.unknown }
      return route
    }
    var rule: JSONValue = ["route": .array(routes)]
    if Bool.random(using: &random) { rule["match"] = [["uri": ["prefix": "/api"], "future": Self.unknown]] }
    if Bool.random(using: &random) { rule["name"] = "primary" }
    if Bool.random(using: &random) { rule["timeout"] = "2s" }
    if Bool.random(using: &random) { rule["x"] = Self.unknown }
    if Bool.random(using: &random) {
      rule["mirror"] = ["host": "reviews", "subset": "v9"]
      switch Int.random(in: 0...3, using: &random) {
      case 0: rule["mirrorPercentage"] = ["value": 12.5, "x": Self.unknown]
      case 1: rule["mirrorPercent"] = 10
      case 2: rule["mirrorPercentage"] = [:]
      default: break
      }
    }
    if Bool.random(using: &random) {
      rule["mirrors"] = [
        ["destination": ["host": "audit"], "percentage": ["value": 3]], ["destination": ["host": "b"]],
      ]
    }
    return rule
  }

  private func spec(_ random: inout SeededGenerator) -> JSONValue {
    let rules = (1...Int.random(in: 1...4, using: &random)).map { _ in rule(&random) }
    return ["hosts": ["reviews"], "http": .array(rules), "exportTo": ["*"], "future": Self.unknown]
  }

  private func id(_ rule: Int) -> RouteID { ruleID(rule) }

  /// The object after a patch, as the server would keep it.
  private func patched(_ object: RoutingObject, _ patch: JSONPatch, version: String = "8") throws -> RoutingObject {
    var json = try patch.applied(to: object.json)
    json["metadata"]?["resourceVersion"] = .string(version)
    return RoutingObject(try #require(KubernetesObject(JSON(parsing: json.bytes()))))
  }

  /// Takes away what stands at these places, and the version, so that the rest can be compared.
  private func rest(_ object: RoutingObject, without places: [JSONPointer]) throws -> JSONValue {
    let there = places.filter { object.json[$0] != nil }
    var json = try JSONPatch(there.reversed().map { .remove($0) }).applied(to: object.json)
    json["metadata"]?["resourceVersion"] = nil
    return json
  }

  @Test(arguments: 0..<400) func weightsAreSetAndNothingElse(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = try object(spec(&random))
    let rules = (0..<4).compactMap { before.rule(id($0)) }
    let chosen = rules.filter { $0.obstacle == nil && Bool.random(using: &random) }
    var fields: [FieldEdit] = []
    var wanted: [RouteID: TrafficSplit] = [:]
    for rule in chosen {
      var split = rule.split
      for place in split.shares.indices { split.shares[place].weight = Weight(.random(in: 0...1000, using: &random)) }
      wanted[rule.id] = split
      fields += try #require(rule.weightEdits(to: split))
    }
    let after = try patched(before, .setting(fields, resourceVersion: "7"))
    for rule in rules {
      #expect(after.rule(rule.id)?.split == wanted[rule.id] ?? rule.split, "seed \(seed)")
    }
    #expect(try rest(after, without: fields.map(\.place)) == rest(before, without: fields.map(\.place)), "seed \(seed)")

    // Turned back field by field it is, to the byte, what it was.
    let back = fields.map { FieldEdit($0.place, from: $0.after ?? $0.before, to: $0.before) }
    let undone = try patched(after, .setting(back, resourceVersion: "8"), version: "7")
    #expect(undone.json == before.json, "seed \(seed)")
    // Somebody was faster.
    #expect(throws: JSONPatchError.self) { try JSONPatch.setting(fields, resourceVersion: "7").applied(to: after.json) }
  }

  @Test(arguments: 0..<400) func mirrorPercentagesAreSetAndNothingElse(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = try object(spec(&random))
    for rule in (0..<4).compactMap({ before.rule(id($0)) }) {
      for mirror in rule.mirrors {
        let percent = Bool.random(using: &random) ? Double(Int.random(in: 0...100, using: &random)) : 0.5
        let fields = try #require(before.mirrorEdits(of: rule, to: mirror.destination, percent: percent))
        let after = try patched(before, .setting(fields, resourceVersion: "7"))
        let mirrors = rule.mirrors.map {
          $0.destination == mirror.destination ? Route.Mirror(destination: $0.destination, percent: percent) : $0
        }
        #expect(after.rule(rule.id)?.mirrors == mirrors, "seed \(seed)")
        #expect(after.rule(rule.id)?.split == rule.split)
        let places = fields.map(\.place)
        #expect(try rest(after, without: places) == rest(before, without: places), "seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<400) func aCanaryRuleIsPutInFrontAndTakenAway(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = try object(spec(&random))
    let rule = try #require((0..<4).compactMap { before.rule(id($0)) }.randomElement(using: &random))
    let target = rule.split.destinations[0]
    let canary = CanaryRule(header: "X-Canary", value: "1", destination: target)
    let made = try #require(before.canaryRule(canary, from: rule))
    let after = try patched(
      before, JSONPatch(JSONPatch.setting([], resourceVersion: "7").operations + [.add(rule.place, made)]))
    let there = try #require(after.rule(rule.id))
    #expect(there.split == canary.split)
    #expect(there.match.contains("x-canary=1"))
    // All else is the rule's own.
    for key in ["timeout", "x", "mirror", "mirrors", "mirrorPercentage"] {
      #expect(made[key] == before.json[rule.place]?[key], "seed \(seed)")
    }
    let next = RouteID(resource: rule.id.resource, rule: rule.id.rule + 1)
    #expect(after.json[after.rule(next)!.place] == before.json[rule.place])
    let undone = try patched(
      after, JSONPatch(JSONPatch.setting([], resourceVersion: "8").operations + [.remove(rule.place)]), version: "7")
    #expect(undone.json == before.json, "seed \(seed)")
  }

  @Test func aRuleThatLooksAtTheHeaderItselfIsNotNarrowedByIt() throws {
    let object = try object([
      "http": [
        [
          "match": [["headers": ["X-Canary": ["exact": "2"]]]],
          "route": [["destination": ["host": "reviews", "subset": "v1"]]],
        ]
      ]
    ])
    let rule = try #require(object.rule(id(0)))
    let canary = CanaryRule(header: "x-canary", value: "1", destination: rule.split.destinations[0])
    #expect(object.canaryRule(canary, from: rule) == nil)
  }

  @Test func aPatchTestsEachFieldThatItRead() throws {
    let object = try object([
      "http": [
        [
          "route": [
            ["destination": ["host": "reviews", "subset": "v1"], "weight": 90],
            ["destination": ["host": "reviews", "subset": "v2"]],
            ["destination": ["host": "reviews", "subset": "v3"], "weight": 10],
          ]
        ]
      ]
    ])
    let fields = try #require(object.rule(id(0))?.weightEdits(to: TrafficSplit([v1: 75, v2: 15, v3: 10])))
    #expect(
      JSONPatch.setting(fields, resourceVersion: "7").json.text() == #"""
        [{"op":"test","path":"/metadata/resourceVersion","value":"7"},{"op":"test","path":"/spec/http/0/route/0/weight","value":90},{"op":"test","path":"/spec/http/0/route/2/weight","value":10},{"op":"replace","path":"/spec/http/0/route/0/weight","value":75},{"op":"add","path":"/spec/http/0/route/1/weight","value":15}]
        """#)
    #expect(object.rule(id(0))?.weightEdits(to: TrafficSplit([v1: 1, v2: 2])) == nil)
    #expect(object.rule(id(9)) == nil)
  }
}
