internal import JSON

/// A watch: what is there, where that is wanted, and then every change, one JSON document a line.
struct Watch: Sendable {
  /// What a watch may leave to the server.
  struct Times: Sendable {
    var bookmarkInterval: Duration = .seconds(3)
    /// How long a watch lasts where the client does not say.
    var defaultLimit: ClosedRange<Int> = 1800...3600
  }

  private let store: ObjectStore
  private let query: ListQuery
  private let form: AnswerForm
  private let times: Times
  private let sendsBookmarks: Bool
  /// Sends what is there first; where the end of that is asked for, a bookmark tells it.
  private let initial: Initial
  private let limit: Duration

  private enum Initial: Equatable {
    case none(after: Int)
    case objects(thenBookmark: Bool)
  }

  init(
    _ store: ObjectStore, _ query: ListQuery, _ form: AnswerForm, _ items: HTTPServer.Query, times: Times
  ) throws(APIFailure) {
    self.store = store
    self.query = query
    self.form = form
    self.times = times
    sendsBookmarks = items.has("allowWatchBookmarks")
    let version = try ObjectReader.version(items["resourceVersion"])
    if items.has("sendInitialEvents") {
      guard items["resourceVersionMatch"] == "NotOlderThan" else {
        let message = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        throw .invalid(
          "", "ListOptions.meta.k8s.io", APIFailure.details(nil, "meta.k8s.io", "ListOptions"),
          [.init(reason: "FieldValueForbidden", message: "Forbidden: \(message)", field: "resourceVersionMatch")])
      }
      initial = .objects(thenBookmark: sendsBookmarks)
    } else if let version, version > 0 {
      initial = .none(after: version)
    } else {
      initial = .objects(thenBookmark: false)
    }
    let seconds = try ObjectReader.number(items["timeoutSeconds"], of: "timeoutSeconds") ?? 0
    limit = .seconds(seconds > 0 ? min(seconds, 1 << 20) : Int.random(in: times.defaultLimit))
  }

  /// Runs until its time is over, its place in history has expired, or the client has left.
  func run(_ write: HTTPServer.Response.Write) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let (store, interval) = (store, times.bookmarkInterval)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      defer { tasks.cancelAll() }
      tasks.addTask { for await _ in store.signals() { wake.yield() } }
      tasks.addTask {
        while true {
          try await clock.sleep(until: min(clock.now + interval, end))
          wake.yield()
        }
      }
      var lines = WatchLines(query: query, form: form)
      var place: Int
      switch initial {
      case .none(let after): place = after
      case .objects(let thenBookmark):
        let (objects, version) = store.objects(query.type, in: query.namespace)
        place = version
        var text = objects.filter(query.matches).map { lines.event("ADDED", $0) }.joined()
        if thenBookmark { text += lines.bookmark(version, isEndOfInitialEvents: true) }
        try await write(Array(text.utf8))
      }
      var nextBookmark = clock.now + interval
      for await _ in wakes {
        guard let changes = store.changes(after: place) else {
          let failure = APIFailure.tooOld(place, oldest: store.expiredVersion)
          return try await write(Array(lines.error(failure).utf8))
        }
        let text = changes.compactMap { lines.line(for: $0) }.joined()
        place = changes.last?.version ?? place
        try await write(Array(text.utf8))
        let isOver = clock.now >= end
        if sendsBookmarks, isOver || clock.now >= nextBookmark {
          nextBookmark = clock.now + interval
          try await write(Array(lines.bookmark(place).utf8))
        }
        if isOver { return }
      }
    }
  }
}

/// The lines of one watch.
struct WatchLines {
  let query: ListQuery
  let form: AnswerForm
  private var isFirst = true

  init(query: ListQuery, form: AnswerForm) { (self.query, self.form) = (query, form) }

  /// What a change is to this watch: an object that begins or ceases to match counts as added or deleted.
  mutating func line(for change: ObjectStore.Change) -> String? {
    guard change.type == query.type else { return nil }
    let was = change.previous.map(query.matches) ?? false
    let isNow = change.kind != .deleted && query.matches(change.object)
    switch (was, isNow) {
    case (false, true): return event("ADDED", change.object)
    case (true, true): return event("MODIFIED", change.object)
    case (true, false):
      var gone = change.previous ?? change.object
      gone[metadata: "resourceVersion"] = .string("\(change.version)")
      return event("DELETED", gone)
    case (false, false): return nil
    }
  }

  mutating func event(_ kind: String, _ object: APIObject) -> String {
    let object = object.version(query.apiVersion)
    switch form {
    case .whole: return Self.line(kind, object.json)
    case .metadata: return Self.line(kind, ObjectReader.metadata(of: object))
    case .table:
      defer { isFirst = false }
      let version = object.resourceVersion ?? ""
      return Self.line(kind, Table(type: query.type).json([object], version: version, withColumns: isFirst))
    }
  }

  mutating func bookmark(_ version: Int, isEndOfInitialEvents: Bool = false) -> String {
    var metadata: JSONValue = [:]
    if isEndOfInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    metadata["resourceVersion"] = .string("\(version)")
    let object = APIObject([
      "apiVersion": .string(query.apiVersion), "kind": .string(query.type.kind), "metadata": metadata,
    ])
    return event("BOOKMARK", object)
  }

  func error(_ failure: APIFailure) -> String { Self.line("ERROR", failure.status) }

  private static func line(_ kind: String, _ object: JSONValue) -> String {
    JSONValue.object(["type": .string(kind), "object": object]).text() + "\n"
  }
}
