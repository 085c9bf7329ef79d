/// A change in the time line: one of the journal, one that was observed, or one that is both; or a moment of a ramp,
/// whose changes stand there too.
public struct TimelineEntry: Identifiable, Hashable, Sendable {
  public enum ID: Hashable, Sendable {
    case ours(Change.ID)
    case observed(ObservedChange.ID)
    case ramp(Change.ID, place: Int)
  }

  /// As the journal has it; `nil` for somebody else's.
  public let record: ChangeRecord?
  /// As the cluster told it; `nil` where it was not made, or nobody saw it.
  public let observed: ObservedChange?
  public let ramp: RampMoment?
  public let id: ID
  /// The change of the journal that undid this one.
  public var undoneBy: Change.ID?
  /// How far one of ours came, where that was followed.
  public var progress: Propagation?
  /// What health did after it, where somebody looked.
  public var effect: ChangeEffect?

  public init(_ observed: ObservedChange) {
    record = nil
    ramp = nil
    self.observed = observed
    id = .observed(observed.id)
  }

  public init(_ moment: RampMoment) {
    record = nil
    observed = nil
    ramp = moment
    id = .ramp(moment.ramp.id, place: moment.place)
  }

  public init(_ record: ChangeRecord, seenAs observed: ObservedChange? = nil) {
    self.record = record
    self.observed = observed
    ramp = nil
    id = .ours(record.id)
  }
}

extension TimelineEntry {
  public var isOurs: Bool { record != nil || ramp != nil }

  /// What the journal counts it as.
  public var number: Change.ID? { record?.id ?? ramp?.ramp.id }

  /// Who made one of ours.
  public var user: String? { record?.user ?? ramp?.ramp.user }

  public var time: Timestamp { record?.time ?? ramp?.time ?? observed?.time ?? Timestamp(seconds: 0) }

  public var object: ObservedChange.ObjectID {
    if let observed { return observed.object }
    let resource = record?.change.route.resource ?? ramp?.ramp.plan.route.resource
    return .init(
      kind: resource?.kind.rawValue ?? "", namespace: resource?.namespace ?? "", name: resource?.name ?? "")
  }

  /// `nil` for a moment of a ramp, which changes nothing by itself.
  public var action: ObservedChange.Action? { ramp == nil ? observed?.action ?? .changed : nil }

  /// The field manager; of one of ours that was not observed, this program's.
  public var by: String? { observed.map(\.by) ?? (isOurs ? Self.manager : nil) }

  /// The field manager that changes of the journal are written as.
  static let manager = "meshdeck"

  /// What it changed: as it was observed, else as the journal has it.
  public var fields: [ObservedChange.Field] {
    if let observed, !observed.fields.isEmpty { return observed.fields }
    guard case .weights(let before, let after, let along) = record?.change.edit else { return [] }
    return Self.fields(before, after) + along.flatMap { Self.fields($0.before, $0.after) }
  }

  public var moreFields: Int { observed?.moreFields ?? 0 }

  private static func fields(_ before: TrafficSplit, _ after: TrafficSplit) -> [ObservedChange.Field] {
    after.shares.filter { before[$0.destination] != $0.weight }.map { share in
      .init(
        name: share.destination.shortName, before: before[share.destination].map { "\($0)" },
        after: "\(share.weight)")
    }
  }

  /// What was done, without who and when: `v1 90 → 75  v3 10 → 25`.
  public var what: String {
    guard let record else { return ramp?.what ?? observed?.what ?? "" }
    let text: String
    if let observed, !observed.fields.isEmpty {
      text = observed.what
    } else if case .weights(_, _, let along) = record.change.edit, along.isEmpty {
      text = fields.map(\.description).joined(separator: "  ")
    } else {
      text = "\(record.change.edit)"
    }
    switch record.outcome {
    case .made: return text
    case .failed: return "not made: \(text)"
    case .started, .unknown, .overwritten: return observed == nil ? "maybe made: \(text)" : text
    }
  }

  /// Why one of ours was not made, or is not known to have been.
  public var problem: String? {
    switch record?.outcome {
    case .failed(let reason), .unknown(let reason): reason
    case .started: observed == nil ? "the program ended before the server's answer was written down" : nil
    case .overwritten(let now): observed == nil ? "when it was looked for, the rule said \(now)" : nil
    case .made: nil
    case nil: ramp?.problem
    }
  }
}

/// All changes of which anything is known, ours and everyone's.
public enum Timeline {
  /// Of the journal only the newest are put there.
  public static let mostRecords = 500
  /// The server tells whole seconds, and clocks differ.
  private static let slack: Duration = .seconds(2)

  /// Newest first. A change of the journal and what was observed of it are one entry.
  /// - Parameters:
  ///   - records: the journal, newest first.
  ///   - observed: newest first.
  ///   - ramps: of the journal, newest first.
  public static func entries(
    journal records: [ChangeRecord], observed: [ObservedChange], ramps: [RampRecord] = []
  ) -> [TimelineEntry] {
    var byObject = Dictionary(grouping: observed.indices) { observed[$0].object }
    var undone: [Change.ID: Change.ID] = [:]
    var entries: [TimelineEntry] = []
    var taken = Set<Int>()
    for record in records.prefix(mostRecords) {
      if case .made = record.outcome, let before = record.change.undoes, undone[before] == nil {
        undone[before] = record.id
      }
      let resource = record.change.route.resource
      let object = ObservedChange.ObjectID(
        kind: resource.kind.rawValue, namespace: resource.namespace, name: resource.name)
      let place = byObject[object]?.first { record.isSeen(as: observed[$0], slack) }
      if let place {
        taken.insert(place)
        byObject[object]?.removeAll { $0 == place }
      }
      entries.append(TimelineEntry(record, seenAs: place.map { observed[$0] }))
    }
    for place in entries.indices { entries[place].undoneBy = entries[place].record.flatMap { undone[$0.id] } }
    entries += observed.indices.filter { !taken.contains($0) }.map { TimelineEntry(observed[$0]) }
    // Of one time, what came of a ramp stands above it.
    entries += ramps.prefix(mostRecords).flatMap { RampMoment.all(of: $0).reversed() }.map { TimelineEntry($0) }
    // A sort that leaves those of the same moment as they came.
    return entries.enumerated().sorted { ($1.element.time, $0.offset) < ($0.element.time, $1.offset) }.map(\.element)
  }
}

extension ChangeRecord {
  /// Whether that is what the server told of it: by the version that it made, or, of the time before somebody watched,
  /// by who and when.
  fileprivate func isSeen(as observed: ObservedChange, _ slack: Duration) -> Bool {
    if case .made(let version) = outcome, observed.id.version == version { return true }
    if case .failed = outcome { return false }
    // Of a change that was seen the version is known: it is another one's.
    guard observed.by == TimelineEntry.manager, observed.fields.isEmpty else { return false }
    let apart = observed.time - time
    return apart >= .zero - slack && apart <= slack
  }
}
