import IstioAPI
import KubernetesAPI
import MeshModel

/// What changed, told from one state of the objects to the next. Does no I/O and knows no time of its own.
///
/// A list that is read anew is a state like any other: what differs from the one before has happened in between.
struct ChangeLedger {
  /// How far back changes from before the console are looked for.
  static let past: Duration = .seconds(24 * 3600)
  /// Changes that are kept: the newest.
  static let most = 500

  private struct Known {
    var objects: [ObjectKey: KubernetesObject] = [:]
    var isListed = false
  }

  /// A change before it is known what it can have touched.
  struct Entry {
    var id: ObservedChange.ID
    var action: ObservedChange.Action
    var time: Timestamp
    var by: String?
    var fields: [ObservedChange.Field] = []
    var moreFields = 0
    var weights: [RuleEdit] = []
    var target: ChangeTarget
    /// Counts what was taken, to tell the order of what happened in one second.
    var number: Int
  }

  private var known: [WatchedPlace: Known] = [:]
  /// Newest first.
  private(set) var entries: [Entry] = []
  private var taken = 0

  /// Whether any objects are known.
  var hasListedAny: Bool { known.values.contains(where: \.isListed) }

  func object(_ kind: WatchedKind, _ key: ObjectKey) -> KubernetesObject? {
    known.lazy.filter { $0.key.kind == kind }.compactMap { $0.value.objects[key] }.first
  }

  /// The objects of a watch as they are now: the first state tells of the time before, each later one what happened.
  /// Says whether there is anything new: most of what objects go through is not of interest here.
  mutating func take<Resource: KubernetesResource>(
    _ objects: [ObjectKey: Resource], of place: WatchedPlace, at now: Timestamp
  ) -> Bool {
    let kind = place.kind
    var state = known[place] ?? Known()
    let isFirst = !state.isListed
    var news: [Entry] = []
    if state.isListed {
      for (key, old) in state.objects where objects[key] == nil { news.append(deletion(of: old, kind, at: now)) }
      for (key, resource) in objects {
        let old = state.objects[key]
        guard old?.resourceVersion != resource.object.resourceVersion else { continue }
        if let entry = change(from: old, to: resource.object, kind, at: now) { news.append(entry) }
      }
    } else {
      news = objects.values.flatMap { past(of: $0.object, kind, at: now) }
    }
    state.objects = objects.mapValues(\.object)
    state.isListed = true
    known[place] = state
    keep(news)
    return isFirst || !news.isEmpty
  }

  /// Tells afterwards what a change from before the console changed.
  mutating func explain(_ id: ObservedChange.ID, _ fields: [ObservedChange.Field], more: Int) {
    guard let place = entries.firstIndex(where: { $0.id == id }) else { return }
    (entries[place].fields, entries[place].moreFields) = (fields, more)
  }

  /// The newest first.
  var changes: [ObservedChange] {
    // StatefulSets and DaemonSets have their templates where Deployments have theirs.
    let workloads = known.filter { $0.key.kind.isWorkload }.values.flatMap(\.objects.values)
    let surroundings = ChangeSurroundings(
      services: known.filter { $0.key.kind == .service }.values.flatMap(\.objects.values).map(Service.init),
      pods: workloads.map { ($0.key.namespace, Deployment($0).podLabels) })
    return entries.map { entry in
      ObservedChange(
        id: entry.id, action: entry.action, time: entry.time, by: entry.by, fields: entry.fields,
        moreFields: entry.moreFields, reach: surroundings.reach(of: entry.target), weights: entry.weights)
    }
  }

  private mutating func keep(_ news: [Entry]) {
    guard !news.isEmpty else { return }
    var ids = Set(entries.map(\.id))
    for entry in news.sorted(by: { ($0.time, $0.id.object) < ($1.time, $1.id.object) }) {
      guard ids.insert(entry.id).inserted else { continue }
      taken += 1
      var entry = entry
      entry.number = taken
      entries.append(entry)
    }
    entries.sort { ($0.time, $0.number) > ($1.time, $1.number) }
    if entries.count > Self.most { entries.removeLast(entries.count - Self.most) }
  }
}

// MARK: Entries

extension ChangeLedger {
  private func id(_ object: KubernetesObject, _ kind: WatchedKind, _ version: String) -> ObservedChange.ID {
    ObservedChange.ID(
      object: .init(kind: kind.kind, namespace: object.key.namespace, name: object.key.name), version: version)
  }

  private func change(
    from old: KubernetesObject?, to new: KubernetesObject, _ kind: WatchedKind, at now: Timestamp
  ) -> Entry? {
    let author = ChangeAuthor.author(from: old, to: new)
    var entry = Entry(
      id: id(new, kind, new.resourceVersion), action: .created, time: min(author?.time ?? now, now),
      by: author?.manager, target: ChangeTarget(new, of: kind), number: 0)
    guard let old else { return entry }
    let differences = ChangedObject.differences(
      from: ChangedObject(old, of: kind), to: ChangedObject(new, of: kind))
    // Under its name now is another one, made anew.
    if old.uid == new.uid {
      guard !differences.isEmpty else { return nil }
      entry.action = .changed
      if kind == .virtualService { entry.weights = RuleEdit.all(from: old, to: new) }
    }
    (entry.fields, entry.moreFields) = Difference.fields(differences)
    entry.target = ChangeTarget(new, of: kind, differences)
    return entry
  }

  private func deletion(of old: KubernetesObject, _ kind: WatchedKind, at now: Timestamp) -> Entry {
    Entry(
      id: id(old, kind, "deleted after \(old.resourceVersion)"), action: .deleted, time: now, by: nil,
      target: ChangeTarget(old, of: kind), number: 0)
  }

  /// What an object tells of the time before: its making, and the last change of each manager.
  private func past(of object: KubernetesObject, _ kind: WatchedKind, at now: Timestamp) -> [Entry] {
    let target = ChangeTarget(object, of: kind)
    let created = object.creationTimestamp.flatMap { Timestamp($0) }
    func entry(_ action: ObservedChange.Action, _ time: Timestamp, _ manager: String?) -> Entry? {
      guard now - time <= Self.past else { return nil }
      return Entry(
        id: id(object, kind, "\(time.rfc3339) \(manager ?? "")"), action: action, time: min(time, now), by: manager,
        target: target, number: 0)
    }
    let authors = ChangeAuthor.all(of: object)
    var entries = authors.compactMap { entry($0.time == created ? .created : .changed, $0.time, $0.manager) }
    // Whoever made it has changed it since, and keeps only that time.
    if let created, !authors.contains(where: { $0.time == created }), let entry = entry(.created, created, nil) {
      entries.append(entry)
    }
    return entries
  }
}

extension RuleEdit {
  /// The rules of a VirtualService that take the same requests as before and divide them otherwise.
  fileprivate static func all(from old: KubernetesObject, to new: KubernetesObject) -> [RuleEdit] {
    let before = AskedRule.all(of: VirtualService(old)).map(\.route)
    return AskedRule.all(of: VirtualService(new)).map(\.route).compactMap { route in
      guard let old = before.first(where: { $0.id == route.id && $0.match == route.match }), old.split != route.split,
        old.isSplit, route.isSplit
      else { return nil }
      return RuleEdit(route: route.id, match: route.match, before: old.split, after: route.split)
    }
  }
}
