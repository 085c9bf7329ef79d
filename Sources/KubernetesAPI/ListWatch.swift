import Transport

/// Follows all objects of a kind: list them page by page, then watch from there; begin again when the server forgot
/// where that was. Does no I/O and knows no time: it takes what happened and gives what to do next, so that every
/// ending can be tried. (Kubernetes API concepts, "Efficient detection of changes".)
///
/// `state` always equals the server's at some version, or an earlier one while `phase` says that it is behind: a list
/// replaces it only when its last page is there.
struct ListWatch<Resource: KubernetesResource>: Sendable {
  enum Input: Sendable {
    case page(ListPage<Resource>)
    /// The server took the watch.
    case opened
    case event(WatchEvent<Resource>)
    /// A page or a line that cannot be read.
    case garbage(reason: String)
    /// The server closed a watch, which it does every few minutes.
    case ended
    case broken(TransportError)
    case refused(KubernetesError)
    /// The time to wait is over.
    case timer
  }

  enum Demand: Equatable, Sendable {
    /// The next page; without a limit where the server lost its place while paging.
    case list(continuing: String?, isPaged: Bool)
    case watch(resourceVersion: String)
    case wait(Duration)
    /// Nothing new: read on.
    case goOn
  }

  private enum Activity: Sendable {
    case listing(seen: ListPage<Resource>?)
    case watching
    case waiting(then: Restart)
  }

  private enum Restart: Equatable, Sendable { case list, watch }

  private(set) var state = Watched<Resource>()
  private var activity = Activity.listing(seen: nil)
  private var pages = true
  /// Things gone wrong since something last went right.
  private var failures = 0
  /// Watches in a row that ended without having said anything.
  private var quietEndings = 0
  private var garbageInARow = 0
  private var heardInThisWatch = false
  private var jitter: Jitter

  init(seed: UInt64) { jitter = Jitter(state: seed) }

  /// What to do at first.
  var start: Demand { .list(continuing: nil, isPaged: true) }

  mutating func step(_ input: Input) -> Demand {
    switch (input, activity) {
    case (.timer, .waiting(let next)): return begin(next)
    case (.page(let page), .listing(let seen)): return take(page, after: seen)
    case (.opened, .watching):
      // Not yet a reason to trust it wholly: a server may take every watch and then say nothing of use.
      failures = min(failures, 4)
      if garbageInARow == 0 { state.phase = .live }
      return .goOn
    case (.event(let event), .watching): return take(event)
    case (.ended, .watching): return watchEnded()
    case (.garbage(let reason), .listing): return tryAgain(.list, because: .garbage(reason: reason))
    case (.garbage(let reason), .watching): return garbage(reason)
    case (.broken(let error), .listing), (.refused(.transport(let error)), .listing):
      return tryAgain(.list, because: .broken(error))
    case (.broken(let error), .watching), (.refused(.transport(let error)), .watching):
      return watchBroke(error)
    case (.refused(let error), .listing): return listRefused(error)
    case (.refused(let error), .watching): return watchRefused(error)
    // A late word about what is over.
    default: return .goOn
    }
  }
}

// MARK: Lists

extension ListWatch {
  private mutating func begin(_ restart: Restart) -> Demand {
    switch restart {
    case .list:
      activity = .listing(seen: nil)
      return .list(continuing: nil, isPaged: pages)
    case .watch:
      activity = .watching
      heardInThisWatch = false
      return .watch(resourceVersion: state.resourceVersion)
    }
  }

  private mutating func take(_ page: ListPage<Resource>, after seen: ListPage<Resource>?) -> Demand {
    guard !page.resourceVersion.isEmpty else {
      return tryAgain(.list, because: .garbage(reason: "a list without a resourceVersion"))
    }
    guard seen == nil || seen?.resourceVersion == page.resourceVersion else {
      // Two lists, not one. The server cannot keep its place, so the next try asks for all at once.
      return pageLost("a list whose pages are of different versions")
    }
    var all = page
    if let seen { all.resources = seen.resources + page.resources }
    if let next = page.next {
      guard next != seen?.next else { return pageLost("a list that does not advance") }
      activity = .listing(seen: all)
      return .list(continuing: next, isPaged: true)
    }
    state.revision += 1
    state.objects = Dictionary(all.resources.map { ($0.object.key, $0) }, uniquingKeysWith: { $1 })
    state.resourceVersion = all.resourceVersion
    state.isComplete = true
    state.phase = .live
    pages = true
    return begin(.watch)
  }

  private mutating func pageLost(_ reason: String) -> Demand {
    pages = false
    return tryAgain(.list, because: .garbage(reason: reason))
  }

  private mutating func listRefused(_ error: KubernetesError) -> Demand {
    switch error {
    case .expired where isPastFirstPage:
      pages = false
      return begin(.list)
    case .notServed(let path): return notServed(path)
    default: return tryAgain(.list, because: trouble(error), after: patience(error))
    }
  }

  private var isPastFirstPage: Bool {
    if case .listing(let seen?) = activity { seen.next != nil } else { false }
  }

  private mutating func notServed(_ path: String) -> Demand {
    failures = 0
    state.phase = .notServed(path: path)
    activity = .waiting(then: .list)
    return .wait(jitter.around(.seconds(30)))
  }
}

// MARK: Watches

extension ListWatch {
  private mutating func take(_ event: WatchEvent<Resource>) -> Demand {
    let version: String
    switch event {
    case .set(let resource): version = resource.object.resourceVersion
    case .deleted(let object): version = object.resourceVersion
    case .bookmark(let at): version = at
    case .failed(let error): return watchRefused(error)
    }
    guard !version.isEmpty else { return garbage("an event without a resourceVersion") }
    switch event {
    case .set(let resource):
      state.objects[resource.object.key] = resource
      state.revision += 1
    case .deleted(let object):
      state.objects[object.key] = nil
      state.revision += 1
    case .bookmark, .failed: break
    }
    state.resourceVersion = version
    state.phase = .live
    (failures, quietEndings, garbageInARow, heardInThisWatch) = (0, 0, 0, true)
    return .goOn
  }

  private mutating func watchEnded() -> Demand {
    guard !heardInThisWatch else { return begin(.watch) }
    // Nothing is wrong with a quiet watch, but a server that ends each at once is not to be stormed.
    quietEndings += 1
    failures = 0
    activity = .waiting(then: .watch)
    return .wait(jitter.around(min(.seconds(5), .milliseconds(100) * (1 << min(quietEndings, 8)))))
  }

  private mutating func watchBroke(_ error: TransportError) -> Demand {
    // The first break after a word from the server is resumed at once: most are a connection's end of life.
    guard heardInThisWatch else { return tryAgain(.watch, because: .broken(error)) }
    return begin(.watch)
  }

  private mutating func garbage(_ reason: String) -> Demand {
    garbageInARow += 1
    // Three times from the same place: perhaps the place is the trouble.
    let restart: Restart = garbageInARow % 3 == 0 ? .list : .watch
    guard garbageInARow > 1 else {
      failures += 1
      activity = .waiting(then: restart)
      return .wait(backOff())
    }
    return tryAgain(restart, because: .garbage(reason: reason))
  }

  private mutating func watchRefused(_ error: KubernetesError) -> Demand {
    switch error {
    case .expired:
      guard failures > 0 else {
        failures += 1
        state.phase = .behind(.refused(error), retryIn: .zero)
        return begin(.list)
      }
      return tryAgain(.list, because: .refused(error))
    case .notServed(let path): return notServed(path)
    default: return tryAgain(.watch, because: trouble(error), after: patience(error))
    }
  }
}

// MARK: Patience

extension ListWatch {
  private mutating func tryAgain(_ restart: Restart, because trouble: WatchTrouble, after pause: Duration? = nil)
    -> Demand
  {
    failures += 1
    let pause = pause.map { jitter.around($0) } ?? backOff()
    state.phase = .behind(trouble, retryIn: pause)
    activity = .waiting(then: restart)
    return .wait(pause)
  }

  private func trouble(_ error: KubernetesError) -> WatchTrouble {
    if case .unreadable(let reason) = error { .garbage(reason: reason) } else { .refused(error) }
  }

  /// How long to leave the server alone, where the error says so; `nil` for the usual back-off.
  private func patience(_ error: KubernetesError) -> Duration? {
    switch error {
    case .unauthorized, .forbidden, .noCredentials: .seconds(20)
    case .tooManyRequests(let pause?), .resourceVersionTooLarge(let pause?), .serverFailed(_, _, let pause?):
      max(pause, .milliseconds(200))
    default: nil
    }
  }

  /// 0.2 s doubled with each failure up to 30 s, give or take a quarter.
  private mutating func backOff() -> Duration {
    jitter.around(min(.seconds(30), .milliseconds(100) * (1 << min(failures, 10))))
  }
}

/// Random spans, so that a hundred consoles do not come back all at once. SplitMix64.
struct Jitter: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A span within a quarter of the given one.
  mutating func around(_ span: Duration) -> Duration {
    span * Double.random(in: 0.75...1.25, using: &self)
  }
}
