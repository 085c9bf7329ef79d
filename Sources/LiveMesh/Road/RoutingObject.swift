import GatewayAPI
import IstioAPI
import JSON
import KubernetesAPI
import MeshModel

/// An object that routes, of whichever kind, read to be edited in place.
struct RoutingObject: KubernetesResource {
  /// Never asked for: whoever reads one says which kind.
  static let type = ResourceType.virtualService
  let object: KubernetesObject

  init(_ object: KubernetesObject) { self.object = object }

  /// `nil` where the object has no such rule.
  func rule(_ id: RouteID) -> EditableRule? {
    switch id.resource.kind {
    case .virtualService: EditableRule(id, in: VirtualService(object))
    case .httpRoute: EditableRule(id, in: HTTPRoute(object))
    case .grpcRoute: EditableRule(id, in: GRPCRoute(object))
    case .service: nil
    }
  }
}

/// A rule as an edit sees it: what it says, and where in its object it says so.
struct EditableRule: Equatable, Sendable {
  /// A destination as written: the same one may stand twice.
  struct Entry: Equatable, Sendable {
    let destination: Destination
    let weight: Int?
    let place: JSONPointer
  }

  let id: RouteID
  let place: JSONPointer
  /// Which requests it takes, as `Route.match` says it.
  let match: String
  let split: TrafficSplit
  let mirrors: [Route.Mirror]
  let entries: [Entry]
  /// What an absent weight stands for.
  let absentWeight: Int

  /// Why the weights of this rule cannot be written one by one; `nil` when they can.
  var obstacle: String? {
    if entries.count < 2 { return "the rule has a single destination, which takes everything" }
    if entries.count != split.shares.count { return "the rule names a destination twice: change it in the resource" }
    return nil
  }

  /// What gives the destinations these weights; `nil` where they are other ones.
  func weightEdits(to after: TrafficSplit) -> [FieldEdit]? {
    var edits: [FieldEdit] = []
    for entry in entries {
      guard let weight = after[entry.destination]?.value else { return nil }
      // What need not be written is left as it is.
      let isAsAbsent = entry.weight == nil && weight == absentWeight
      edits.append(
        FieldEdit(entry.place, from: entry.weight.map { .int($0) }, to: isAsAbsent ? nil : .int(weight)))
    }
    return edits
  }
}

extension EditableRule {
  init?(_ id: RouteID, in service: VirtualService) {
    let rule = RuleID(id)
    guard let found = service.rule(rule) else { return nil }
    self.id = id
    place = rule.place
    match = found.matchText
    split = TrafficSplit(found)
    mirrors = found.mirrors.map(Route.Mirror.init)
    entries = found.destinations.enumerated().map { number, entry in
      Entry(destination: Destination(entry.destination), weight: entry.weight, place: rule.weightPlace(of: number))
    }
    absentWeight = 0
  }
}

extension EditableRule {
  init?(_ id: RouteID, in route: some GatewayRoute) {
    guard let found = route.rule(id.rule) else { return nil }
    self.id = id
    place = found.place
    match = found.matchText
    split = TrafficSplit(found)
    mirrors = found.mirrors.map(Route.Mirror.init)
    entries = found.backends.enumerated().map { number, backend in
      Entry(
        destination: Destination(backend.reference), weight: backend.weight, place: found.weightPlace(of: number))
    }
    absentWeight = GatewayRule.Backend.defaultWeight
  }
}

extension RuleID {
  init(_ id: RouteID) { self.init(layer: id.section.layer, index: id.rule) }
}

extension Route.Mirror {
  init(_ mirror: RouteRule.Mirror) {
    self.init(destination: Destination(mirror.destination), percent: mirror.percent)
  }
}

extension RoutingObject {
  /// What copies another part of a rule's requests to a destination; `nil` where it copies none there.
  func mirrorEdits(of rule: EditableRule, to destination: Destination, percent: Double) -> [FieldEdit]? {
    guard let place = rule.mirrors.firstIndex(where: { $0.destination == destination }) else { return nil }
    switch rule.id.resource.kind {
    case .virtualService:
      return VirtualService(object).mirrorEdits(of: RuleID(rule.id), mirror: place, to: percent)
    case .httpRoute: return HTTPRoute(object).mirrorEdits(of: rule.id.rule, mirror: place, to: percent)
    case .grpcRoute: return GRPCRoute(object).mirrorEdits(of: rule.id.rule, mirror: place, to: percent)
    case .service: return nil
    }
  }

  /// The rule that takes the canary's requests from another one; `nil` where that cannot be told apart.
  func canaryRule(_ canary: CanaryRule, from rule: EditableRule) -> JSONValue? {
    guard let place = rule.entries.firstIndex(where: { $0.destination == canary.destination }) else { return nil }
    switch rule.id.resource.kind {
    case .virtualService:
      return VirtualService(object).headerRule(
        for: RuleID(rule.id), header: canary.header, value: canary.value, to: place)
    case .httpRoute:
      return HTTPRoute(object).headerRule(for: rule.id.rule, header: canary.header, value: canary.value, to: place)
    case .grpcRoute:
      return GRPCRoute(object).headerRule(for: rule.id.rule, header: canary.header, value: canary.value, to: place)
    case .service: return nil
    }
  }
}
