internal import JSON
internal import Synchronization

/// All objects of the sandbox's API, in memory, under one growing resource version. What happened lately is kept, so
/// that watches can resume and lists can be paged; what lies further back has expired.
final class ObjectStore: Sendable {
  typealias Key = APIObject.Key

  struct Change: Sendable {
    enum Kind: String, Sendable { case added = "ADDED", modified = "MODIFIED", deleted = "DELETED" }

    let kind: Kind
    let type: ResourceType
    /// As it is now; of a deleted one its last state, under the version of the deletion.
    let object: APIObject
    let previous: APIObject?
    let version: Int
  }

  private struct State {
    var version: Int
    var objects: [ResourceType: [Key: APIObject]] = [:]
    var history: [Change] = []
    /// The newest version that is no longer in the history.
    var expired: Int
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextListener = 0
  }

  private let state: Mutex<State>
  private let historyLimit: Int

  /// Real servers' versions do not begin at 1; clients must not count on it.
  init(historyLimit: Int = 1000, firstVersion: Int = 1000) {
    self.historyLimit = historyLimit
    state = Mutex(State(version: firstVersion, expired: firstVersion))
  }

  var version: Int { state.withLock { $0.version } }

  /// Versions up to this one have expired.
  var expiredVersion: Int { state.withLock { $0.expired } }

  func object(_ type: ResourceType, _ key: Key) -> APIObject? { state.withLock { $0.objects[type]?[key] } }

  /// The objects of a type by namespace and name, and the version at which they are so. In all namespaces without one.
  func objects(_ type: ResourceType, in namespace: String? = nil) -> (objects: [APIObject], version: Int) {
    state.withLock { state in
      let found = (state.objects[type] ?? [:]).filter { namespace == nil || $0.key.namespace == namespace }
      return (found.sorted { $0.key < $1.key }.map(\.value), state.version)
    }
  }

  /// The objects as they were at a version; `nil` where that has expired.
  func objects(_ type: ResourceType, in namespace: String?, at version: Int) -> [APIObject]? {
    state.withLock { state in
      guard version >= state.expired else { return nil }
      var objects = state.objects[type] ?? [:]
      for change in state.history.reversed() {
        guard change.version > version else { break }
        if change.type == type { objects[change.object.key] = change.previous }
      }
      return objects.filter { namespace == nil || $0.key.namespace == namespace }.sorted { $0.key < $1.key }.map(
        \.value)
    }
  }

  /// What happened after a version, oldest first; `nil` where that has expired.
  func changes(after version: Int) -> [Change]? {
    state.withLock { state in
      guard version >= state.expired else { return nil }
      let begin = state.history.partitioningIndex { $0.version > version }
      return Array(state.history[begin...])
    }
  }

  /// An element whenever something changed since the last one was taken, and one at once.
  func signals() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.nextListener += 1
      state.listeners[state.nextListener] = continuation
      return state.nextListener
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
    }
    continuation.yield()
    return stream
  }

  /// Forgets what happened up to now, so that every older version has expired, as a real server does with time.
  func compact() {
    state.withLock { state in
      state.history.removeAll()
      state.expired = state.version
    }
  }

  /// Changes one object in one step: `change` gets what is there and gives what shall be there (`nil` for nothing).
  /// Where it gives back what is there nothing happens. On a dry run nothing happens either.
  @discardableResult
  func write(
    _ type: ResourceType, _ key: Key, isDryRun: Bool = false,
    change: (APIObject?) throws(APIFailure) -> APIObject?
  ) throws(APIFailure) -> APIObject? {
    try state.withLock { state throws(APIFailure) -> APIObject? in
      let old = state.objects[type]?[key]
      guard var new = try change(old) else {
        guard !isDryRun, var gone = old else { return old }
        state.version += 1
        gone[metadata: "resourceVersion"] = .string("\(state.version)")
        state.objects[type]?[key] = nil
        note(Change(kind: .deleted, type: type, object: gone, previous: old, version: state.version), &state)
        return old
      }
      guard !isDryRun, new != old else { return new }
      state.version += 1
      new[metadata: "resourceVersion"] = .string("\(state.version)")
      state.objects[type, default: [:]][key] = new
      let kind: Change.Kind = old == nil ? .added : .modified
      note(Change(kind: kind, type: type, object: new, previous: old, version: state.version), &state)
      return new
    }
  }

  private func note(_ change: Change, _ state: inout State) {
    state.history.append(change)
    if state.history.count > historyLimit {
      let surplus = state.history.count - historyLimit * 3 / 4  // some at a time: removing from the front costs
      state.expired = state.history[surplus - 1].version
      state.history.removeFirst(surplus)
    }
    for listener in state.listeners.values { listener.yield() }
  }
}

extension Array {
  /// The first place whose element satisfies a condition that, once true, stays true.
  fileprivate func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
