import JSON
import MeshModel

/// One line of the journal: a change as it was begun, or what became of one. Written as one JSON object.
enum JournalLine: Equatable, Sendable {
  case started(Change, time: Timestamp, context: String, user: String)
  case ended(Change.ID, ChangeRecord.Outcome, time: Timestamp)

  var id: Change.ID {
    switch self {
    case .started(let change, _, _, _): change.id
    case .ended(let id, _, _): id
    }
  }
}

extension JournalLine {
  var json: JSONValue {
    switch self {
    case .started(let change, let time, let context, let user):
      var line: JSONValue = [
        "id": .int(change.id), "event": "started", "time": .string(time.rfc3339), "context": .string(context),
        "user": .string(user), "kind": .string(change.route.resource.kind.rawValue),
        "namespace": .string(change.route.resource.namespace), "name": .string(change.route.resource.name),
        "section": .string(change.route.section.rawValue), "rule": .int(change.route.rule),
        "resourceVersion": .string(change.resourceVersion),
        "before": change.before.json, "after": change.after.json,
      ]
      if let match = change.match { line["match"] = .string(match) }
      if let undoes = change.undoes { line["undoes"] = .int(undoes) }
      if let uid = change.uid { line["uid"] = .string(uid) }
      return line
    case .ended(let id, let outcome, let time):
      var line: JSONValue = ["id": .int(id), "time": .string(time.rfc3339)]
      switch outcome {
      case .started: line["event"] = "started"
      case .made(let resourceVersion):
        line["event"] = "made"
        line["resourceVersion"] = .string(resourceVersion)
      case .failed(let reason):
        line["event"] = "failed"
        line["reason"] = .string(reason)
      case .unknown(let reason):
        line["event"] = "unknown"
        line["reason"] = .string(reason)
      }
      return line
    }
  }

  /// `nil` for a line that is torn, or that a newer version wrote.
  init?(_ text: [UInt8]) {
    guard let line = try? JSON(parsing: text), let id = line["id"]?.int,
      let time = line["time"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    switch line["event"]?.string {
    case "started":
      guard let change = Change(journal: line, id: id) else { return nil }
      self = .started(
        change, time: time, context: line["context"]?.string ?? "", user: line["user"]?.string ?? "")
    case "made":
      guard let version = line["resourceVersion"]?.string else { return nil }
      self = .ended(id, .made(resourceVersion: version), time: time)
    case "failed": self = .ended(id, .failed(line["reason"]?.string ?? ""), time: time)
    case "unknown": self = .ended(id, .unknown(line["reason"]?.string ?? ""), time: time)
    default: return nil
    }
  }
}

extension Change {
  fileprivate init?(journal line: JSON, id: Int) {
    guard let kind = line["kind"]?.string.flatMap(ResourceKind.init(rawValue:)),
      let namespace = line["namespace"]?.string, let name = line["name"]?.string,
      let section = line["section"]?.string.flatMap(RouteID.Section.init(rawValue:)), let rule = line["rule"]?.int,
      let version = line["resourceVersion"]?.string,
      let before = line["before"].flatMap(TrafficSplit.init(journal:)),
      let after = line["after"].flatMap(TrafficSplit.init(journal:))
    else { return nil }
    self.init(
      id: id,
      route: RouteID(
        resource: ResourceID(kind: kind, namespace: namespace, name: name), section: section, rule: rule),
      match: line["match"]?.string, resourceVersion: version, before: before, after: after,
      undoes: line["undoes"]?.int,
      uid: line["uid"]?.string)
  }
}

extension TrafficSplit {
  fileprivate var json: JSONValue {
    .array(
      shares.map { share in
        var entry: JSONValue = ["host": .string(share.destination.host), "weight": .int(share.weight.value)]
        if let subset = share.destination.subset { entry["subset"] = .string(subset) }
        if let port = share.destination.port { entry["port"] = .int(port) }
        return entry
      })
  }

  fileprivate init?(journal entries: JSON) {
    var shares: [Share] = []
    for entry in entries.elements {
      guard let host = entry["host"]?.string, let weight = entry["weight"]?.int else { return nil }
      let destination = Destination(host: host, subset: entry["subset"]?.string, port: entry["port"]?.int)
      shares.append(Share(destination: destination, weight: Weight(Int(Int32(clamping: weight)))))
    }
    self.init(shares)
  }
}
