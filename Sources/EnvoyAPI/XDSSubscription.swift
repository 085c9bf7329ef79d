/// How far a proxy is with one thing that it takes from its control plane, by its own stats.
public struct XDSSubscription: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case clusters
    case listeners
    case routes(configuration: String)
    case endpoints(cluster: String)
  }

  public var subject: Subject
  /// The version that was taken last (`version_text`), empty before the first. Unlike the one in the configuration
  /// dump it also moves when a push changed nothing.
  public var version: String?
  /// Counters: see `CounterDelta`. `rejected` counts what was understood and refused, `failed` what could not be
  /// fetched or read.
  public var attempted: UInt64?
  public var taken: UInt64?
  public var rejected: UInt64?
  public var failed: UInt64?

  public init(
    subject: Subject, version: String? = nil, attempted: UInt64? = nil, taken: UInt64? = nil,
    rejected: UInt64? = nil, failed: UInt64? = nil
  ) {
    self.subject = subject
    self.version = version
    self.attempted = attempted
    self.taken = taken
    self.rejected = rejected
    self.failed = failed
  }
}

extension XDSSubscription {
  private static let fields = ["version_text", "update_attempt", "update_success", "update_rejected", "update_failure"]

  static func query(withEndpoints: Bool) -> StatsQuery {
    let owners =
      #"cluster_manager\.cds|listener_manager\.lds|http\..*\.rds\..*"# + (withEndpoints ? #"|cluster\..*"# : "")
    return StatsQuery(filter: "^(\(owners))\\.(\(fields.joined(separator: "|")))$")
  }

  /// Clusters, listeners, then routes and endpoints by name. What two listeners share is one subscription with two
  /// sets of counters: the one that was asked more often stands for both.
  static func all(in stats: Stats) -> [XDSSubscription] {
    var found: [Subject: XDSSubscription] = [:]
    var owners = Set<String>()
    for name in stats.numbers.keys { if let owner = owner(of: name) { owners.insert(owner) } }
    for name in stats.texts.keys { if let owner = owner(of: name) { owners.insert(owner) } }
    for owner in owners.sorted() {
      guard let subject = Subject(owner: owner) else { continue }
      let subscription = XDSSubscription(
        subject: subject, version: stats.texts["\(owner).version_text"],
        attempted: stats.numbers["\(owner).update_attempt"], taken: stats.numbers["\(owner).update_success"],
        rejected: stats.numbers["\(owner).update_rejected"], failed: stats.numbers["\(owner).update_failure"])
      if let other = found[subject], other.attempted ?? 0 >= subscription.attempted ?? 0 { continue }
      // Static clusters have these stats too, all zero and without a version.
      if case .endpoints = subject, subscription.version == nil { continue }
      found[subject] = subscription
    }
    return found.values.sorted { $0.subject.order < $1.subject.order }
  }

  private static func owner(of stat: String) -> String? {
    guard let dot = stat.lastIndex(of: "."), fields.contains(String(stat[stat.index(after: dot)...])) else {
      return nil
    }
    return String(stat[..<dot])
  }
}

extension XDSSubscription.Subject {
  /// The name before the counter's own: `http.outbound_0.0.0.0_9080.rds.9080`. Where Istio ends the prefix with its
  /// delimiter, that says where the route configuration's name begins, else the first `.rds.` does.
  init?(owner: String) {
    switch owner {
    case "cluster_manager.cds": self = .clusters
    case "listener_manager.lds": self = .listeners
    default:
      if owner.hasPrefix("http.") {
        guard let name = owner.after(";.rds.") ?? owner.after(".rds.") else { return nil }
        self = .routes(configuration: name)
      } else if owner.hasPrefix("cluster.") {
        let name = owner.dropFirst("cluster.".count)
        self = .endpoints(cluster: String(name.hasSuffix(";") ? name.dropLast() : name))
      } else {
        return nil
      }
    }
  }

  fileprivate var order: (Int, String) {
    switch self {
    case .clusters: (0, "")
    case .listeners: (1, "")
    case .routes(let configuration): (2, configuration)
    case .endpoints(let cluster): (3, cluster)
    }
  }
}

extension String {
  /// What follows the first occurrence of a mark.
  fileprivate func after(_ mark: String) -> String? {
    let (bytes, sought) = (Array(utf8), Array(mark.utf8))
    guard bytes.count >= sought.count else { return nil }
    for place in 0...(bytes.count - sought.count) where bytes[place..<place + sought.count].elementsEqual(sought) {
      return String(decoding: bytes[(place + sought.count)...], as: UTF8.self)
    }
    return nil
  }
}
