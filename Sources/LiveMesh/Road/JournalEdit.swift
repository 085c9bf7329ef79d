import JSON
import MeshModel

/// Edits as members of a journal's line. One of weights has `before` and `after`, as the first journals had; any other
/// is named by `edit`, so that whoever does not know it passes the line over.
extension Edit {
  var journalMembers: [(String, JSONValue)] {
    switch self {
    case .weights(let before, let after, let along):
      let others = along.map { edit -> JSONValue in
        var entry: JSONValue = [
          "section": .string(edit.route.section.rawValue), "rule": .int(edit.route.rule), "before": edit.before.json,
          "after": edit.after.json,
        ]
        if let match = edit.match { entry["match"] = .string(match) }
        return entry
      }
      return [("before", before.json), ("after", after.json)] + (others.isEmpty ? [] : [("along", .array(others))])
    case .mirror(let destination, let before, let after):
      return [
        ("edit", "mirror"), ("destination", destination.json), ("percentBefore", .double(before)),
        ("percentAfter", .double(after)),
      ]
    case .canary(let rule, let direction):
      return [
        ("edit", "canary"), ("direction", .string(direction.rawValue)), ("header", .string(rule.header)),
        ("value", .string(rule.value)), ("destination", rule.destination.json),
      ]
    case .firstRoute(let first, let direction):
      var members: [(String, JSONValue)] = [
        ("edit", "firstRoute"), ("direction", .string(direction.rawValue)), ("host", .string(first.host)),
        ("split", first.split.json), ("subsets", .array(first.subsets.map { .string($0) })),
      ]
      if let port = first.port { members.append(("port", .int(port))) }
      if let rule = first.destinationRule { members.append(("destinationRule", .string(rule))) }
      return members
    case .controller(let action):
      return [
        ("edit", "controller"), ("verb", .string(action.verb.rawValue)), ("objectKind", .string(action.object.kind)),
        ("objectNamespace", .string(action.object.namespace)), ("objectName", .string(action.object.name)),
      ]
    }
  }

  init?(journal line: JSON, in resource: ResourceID) {
    let direction = line["direction"]?.string.flatMap(Direction.init(rawValue:))
    switch line["edit"]?.string {
    case nil:
      guard let before = line["before"].flatMap(TrafficSplit.init(journal:)),
        let after = line["after"].flatMap(TrafficSplit.init(journal:))
      else { return nil }
      var along: [RuleEdit] = []
      for entry in line["along"].map({ Array($0.elements) }) ?? [] {
        guard let edit = RuleEdit(journal: entry, in: resource) else { return nil }
        along.append(edit)
      }
      self = .weights(before: before, after: after, along: along)
    case "mirror":
      guard let destination = line["destination"].flatMap(Destination.init(journal:)),
        let before = line["percentBefore"]?.double, let after = line["percentAfter"]?.double
      else { return nil }
      self = .mirror(to: destination, before: before, after: after)
    case "canary":
      guard let direction, let header = line["header"]?.string, let value = line["value"]?.string,
        let destination = line["destination"].flatMap(Destination.init(journal:))
      else { return nil }
      self = .canary(CanaryRule(header: header, value: value, destination: destination), direction)
    case "firstRoute":
      guard let direction, let host = line["host"]?.string,
        let split = line["split"].flatMap(TrafficSplit.init(journal:))
      else { return nil }
      let subsets = line["subsets"]?.elements.compactMap(\.string) ?? []
      self = .firstRoute(
        FirstRoute(
          host: host, port: line["port"]?.int, split: split, subsets: subsets,
          destinationRule: line["destinationRule"]?.string), direction)
    case "controller":
      guard let verb = line["verb"]?.string.flatMap(ControllerAction.Verb.init(rawValue:)),
        let kind = line["objectKind"]?.string, let namespace = line["objectNamespace"]?.string,
        let name = line["objectName"]?.string
      else { return nil }
      self = .controller(ControllerAction(verb, .init(kind: kind, namespace: namespace, name: name)))
    default: return nil
    }
  }
}

extension RouteID {
  init?(journal line: JSON, in resource: ResourceID) {
    guard let section = line["section"]?.string.flatMap(Section.init(rawValue:)), let rule = line["rule"]?.int else {
      return nil
    }
    self.init(resource: resource, section: section, rule: rule)
  }
}

extension RuleEdit {
  fileprivate init?(journal entry: JSON, in resource: ResourceID) {
    guard let route = RouteID(journal: entry, in: resource),
      let before = entry["before"].flatMap(TrafficSplit.init(journal:)),
      let after = entry["after"].flatMap(TrafficSplit.init(journal:))
    else { return nil }
    self.init(route: route, match: entry["match"]?.string, before: before, after: after)
  }
}

extension Destination {
  var json: JSONValue {
    var entry: JSONValue = ["host": .string(host)]
    if let subset { entry["subset"] = .string(subset) }
    if let port { entry["port"] = .int(port) }
    return entry
  }

  init?(journal entry: JSON) {
    guard let host = entry["host"]?.string else { return nil }
    self.init(host: host, subset: entry["subset"]?.string, port: entry["port"]?.int)
  }
}

extension TrafficSplit {
  var json: JSONValue {
    .array(
      shares.map { share in
        var entry = share.destination.json
        entry["weight"] = .int(share.weight.value)
        return entry
      })
  }

  init?(journal entries: JSON) {
    var shares: [Share] = []
    for entry in entries.elements {
      guard let destination = Destination(journal: entry), let weight = entry["weight"]?.int else { return nil }
      shares.append(Share(destination: destination, weight: Weight(Int(Int32(clamping: weight)))))
    }
    self.init(shares)
  }
}
