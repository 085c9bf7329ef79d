import JSON
import MeshModel

/// One line of the journal: a change as it was begun, or what became of one. Written as one JSON object.
enum JournalLine: Equatable, Sendable {
  case started(Change, time: Timestamp, context: String, user: String)
  /// `uid` is that of the object that the change made.
  case ended(Change.ID, ChangeRecord.Outcome, uid: String? = nil, time: Timestamp)
  case ramp(RampLine)

  var id: Change.ID {
    switch self {
    case .started(let change, _, _, _): change.id
    case .ended(let id, _, _, _): id
    case .ramp(let line): line.id
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
      ]
      for (key, value) in change.edit.journalMembers { line[key] = value }
      if let match = change.match { line["match"] = .string(match) }
      if let undoes = change.undoes { line["undoes"] = .int(undoes) }
      if let uid = change.uid { line["uid"] = .string(uid) }
      if let note = change.note { line["note"] = .string(note) }
      return line
    case .ended(let id, let outcome, let uid, let time):
      var line: JSONValue = ["id": .int(id), "time": .string(time.rfc3339)]
      if let uid { line["uid"] = .string(uid) }
      switch outcome {
      case .started: line["event"] = "started"
      case .made(let resourceVersion):
        line["event"] = "made"
        line["resourceVersion"] = .string(resourceVersion)
      case .failed(let reason):
        line["event"] = "failed"
        line["reason"] = .string(reason)
      case .overwritten(let now):
        line["event"] = "overwritten"
        line["now"] = .string(now)
      case .unknown(let reason):
        line["event"] = "unknown"
        line["reason"] = .string(reason)
      }
      return line
    case .ramp(let line): return line.json
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
      self = .ended(id, .made(resourceVersion: version), uid: line["uid"]?.string, time: time)
    case "failed": self = .ended(id, .failed(line["reason"]?.string ?? ""), time: time)
    case "overwritten": self = .ended(id, .overwritten(now: line["now"]?.string ?? ""), time: time)
    case "unknown": self = .ended(id, .unknown(line["reason"]?.string ?? ""), time: time)
    default:
      guard let ramp = RampLine(journal: line, id: id, time: time) else { return nil }
      self = .ramp(ramp)
    }
  }
}

extension Change {
  fileprivate init?(journal line: JSON, id: Int) {
    guard let resource = ResourceID(journal: line), let version = line["resourceVersion"]?.string,
      let route = RouteID(journal: line, in: resource), let edit = Edit(journal: line, in: resource)
    else { return nil }
    self.init(
      id: id, route: route, match: line["match"]?.string, resourceVersion: version, edit: edit,
      undoes: line["undoes"]?.int, uid: line["uid"]?.string, note: line["note"]?.string)
  }
}

extension ResourceID {
  init?(journal line: JSON) {
    guard let kind = line["kind"]?.string.flatMap(ResourceKind.init(rawValue:)),
      let namespace = line["namespace"]?.string, let name = line["name"]?.string
    else { return nil }
    self.init(kind: kind, namespace: namespace, name: name)
  }
}
