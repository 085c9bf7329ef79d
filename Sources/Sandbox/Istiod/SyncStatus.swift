internal import EnvoyAPI
internal import JSON
internal import Transport

/// How far every proxy is with what the control plane sent it, told by the proxies themselves.
actor SyncStatus {
  struct Entry: Equatable, Sendable {
    let pod: MeshPod
    var types: [ControlPlane.XDSType: TypeEntry]
  }

  struct TypeEntry: Equatable, Sendable {
    var sent: String
    var sentTime: String
    /// The nonce of the last push that the proxy took; `nil` before the first.
    var acknowledged: String?
    /// The proxy's own words where it refused the last push.
    var refusal: String?
  }

  typealias Reader = @Sendable (MeshPod) async -> ProxyReading.Outcome

  private let pods: [MeshPod]
  private let lastSent: @Sendable () async -> [String: [ControlPlane.XDSType: ControlPlane.Sent]]
  private let read: Reader
  private let logFile: @Sendable (MeshPod) -> String
  private var acknowledged: [String: [ControlPlane.XDSType: String]] = [:]
  private var reading: Task<[Entry], Never>?
  private var latest: (entries: [Entry], time: ContinuousClock.Instant)?
  /// Readings that are younger are shared.
  private static let freshness: Duration = .milliseconds(50)

  init(pods: [MeshPod], controlPlane: ControlPlane, read: @escaping Reader) {
    self.init(
      pods: pods, lastSent: { await controlPlane.lastSent }, logFile: { controlPlane.files(of: $0).log }, read: read)
  }

  init(
    pods: [MeshPod], lastSent: @escaping @Sendable () async -> [String: [ControlPlane.XDSType: ControlPlane.Sent]],
    logFile: @escaping @Sendable (MeshPod) -> String, read: @escaping Reader
  ) {
    self.pods = pods
    self.lastSent = lastSent
    self.logFile = logFile
    self.read = read
  }

  /// The proxies that are there, as they are now.
  func entries() async -> [Entry] {
    if let latest, latest.time + Self.freshness > .now { return latest.entries }
    if let reading { return await reading.value }
    let task = Task { await readAll() }
    reading = task
    let entries = await task.value
    reading = nil
    latest = (entries, .now)
    return entries
  }

  private func readAll() async -> [Entry] {
    let sent = await lastSent()
    let outcomes = await withTaskGroup(of: (String, ProxyReading.Outcome).self) { group in
      for pod in pods { group.addTask { [read] in (pod.id, await read(pod)) } }
      var outcomes: [String: ProxyReading.Outcome] = [:]
      for await (id, outcome) in group { outcomes[id] = outcome }
      return outcomes
    }
    return pods.compactMap { pod in
      guard let sent = sent[pod.id], let outcome = outcomes[pod.id] else { return nil }
      var reading: ProxyReading?
      switch outcome {
      case .gone:
        acknowledged[pod.id] = nil  // a proxy that comes back begins anew
        return nil
      case .silent: break
      case .read(let value): reading = value
      }
      var entry = Entry(pod: pod, types: [:])
      for (type, push) in sent {
        var refusal: String?
        if let reading {
          if reading.versions[type] == push.versions {
            acknowledged[pod.id, default: [:]][type] = push.nonce
          } else {
            refusal = ProxyReading.refusal(
              inLog: FileText.read(logFile(pod), from: push.logOffset))
          }
        }
        entry.types[type] = TypeEntry(
          sent: push.nonce, sentTime: push.time, acknowledged: acknowledged[pod.id]?[type], refusal: refusal)
      }
      return entry
    }
  }
}

extension SyncStatus.Entry {
  /// As `/debug/syncz` writes it.
  var json: JSONValue {
    var entry: JSONValue = [
      "cluster_id": "Kubernetes", "proxy": .string(pod.id), "proxy_type": .string(pod.role.rawValue),
      "istio_version": .string(Bookinfo.istioVersion),
    ]
    var resources: JSONValue = [:]
    for type in ControlPlane.XDSType.allCases {
      guard let state = types[type] else { continue }
      entry["\(type.word)_sent"] = .string(state.sent)
      var resource: JSONValue = ["sent": .string(state.sent)]
      if let acknowledged = state.acknowledged {
        entry["\(type.word)_acked"] = .string(acknowledged)
        resource["acked"] = .string(acknowledged)
      }
      resource["sentTime"] = .string(state.sentTime)
      if let refusal = state.refusal { resource["lastError"] = .string(refusal) }
      resources[type.rawValue] = resource
    }
    entry["resources"] = resources
    return entry
  }
}
