import EnvoyAPI
import KubernetesAPI
import MeshModel
import ProxyLogs
import Synchronization
import Transport

/// Sets proxies' log levels for a time and puts back what was there: when the time is over, when the mesh is let go of,
/// or at the next start. What somebody else set meanwhile stays.
final class LogLevels: Sendable {
  private static let interval: Duration = .seconds(1)
  /// A proxy that cannot be reached for so long after its time is gone, and its levels with it.
  private static let patience: Duration = .seconds(86_400)

  /// Those that are to be put back.
  private let records: Mutex<[ProxyID: LeaseRecord]>
  private let folder: LeaseFolder
  private let gate: WriteGate
  private let client: any HTTPClient
  private let endpoints: [ProxyEndpoint]
  private let board: ProxyBoard
  private let clock: MeshClock

  init(
    folder: LeaseFolder, gate: WriteGate, client: any HTTPClient, endpoints: [ProxyEndpoint], board: ProxyBoard,
    clock: MeshClock
  ) {
    self.folder = folder
    self.gate = gate
    self.client = client
    self.endpoints = endpoints
    self.board = board
    self.clock = clock
    records = Mutex([:])
  }

  /// Takes up what earlier consoles left, puts back what is due, and tells what is still to be put back; until it is
  /// cancelled.
  func run(_ hub: Hub<[LogLevelLease]>) async {
    recall()
    while !Task.isCancelled {
      await putBack(until: clock.now())
      if current != hub.newest { hub.publish(current) }
      await clock.sleep(Self.interval)
    }
  }

  private func recall() {
    let now = clock.now()
    for (proxy, record) in folder.records() {
      if record.lease.end + Self.patience < now {
        try? folder.remove(proxy)
      } else {
        records.withLock { $0[proxy] = $0[proxy] ?? record }
      }
    }
    if records.withLock({ !$0.isEmpty }) { board.state.start() }
  }

  private var current: [LogLevelLease] {
    records.withLock { $0.values.map(\.lease).sorted { $0.proxy < $1.proxy } }
  }

  /// Sets levels, after what they were is on disk. A proxy that has a lease keeps what it was before the first.
  func set(_ setting: LogLevelSetting) async throws(ChangeFailure) -> LogLevelLease {
    guard gate == .open else { throw .readOnly }
    let admin = try admin(of: setting.proxy)
    let level = LoggerLevel.Level(setting.level)
    let known: [LoggerLevel]
    do throws(EnvoyAdminError) {
      known = try await admin.logLevels()
    } catch {
      throw .unreachable(Trouble(error, of: admin.endpoint))
    }
    let unknown = setting.loggers.filter { name in !known.contains { $0.logger == name } }
    guard unknown.isEmpty else {
      throw .refused("\(setting.proxy) has no logger \(unknown.joined(separator: ", "))")
    }
    let chosen = known.filter { setting.loggers.isEmpty || setting.loggers.contains($0.logger) }
    var before = records.withLock { $0[setting.proxy]?.before } ?? [:]
    for logger in chosen where before[logger.logger] == nil { before[logger.logger] = logger.level }
    let lease = LogLevelLease(proxy: setting.proxy, setting: "\(setting)", end: clock.now() + setting.time)
    var record = LeaseRecord(context: folder.context, lease: lease, level: level, before: before)
    record.isOwn = true
    try folder.write(record)
    records.withLock { $0[setting.proxy] = record }
    do throws(EnvoyAdminError) {
      _ = try await admin.setLogLevels(chosen.map { LoggerLevel(logger: $0.logger, level: level) })
    } catch {
      // The lease stays: whether it was set is not known.
      throw .answerLost(Trouble(error, of: admin.endpoint), now: nil)
    }
    return lease
  }

  /// Puts back what is due.
  /// - Parameter moment: `nil` for all that were set here, due or not: another console's are its own.
  func putBack(until moment: Timestamp?) async {
    let due = records.withLock { records in
      records.values.filter { record in moment.map { record.lease.end <= $0 } ?? record.isOwn }
    }
    for record in due {
      do throws(ChangeFailure) {
        try await putBack(record)
      } catch {
        let trouble = Trouble(
          .unreachable, "the log level of \(record.lease.proxy) is still \(record.lease.setting): \(error)")
        records.withLock { records in
          guard var now = records[record.lease.proxy], now.lease.end == record.lease.end else { return }
          now.trouble = trouble
          records[record.lease.proxy] = now
        }
      }
    }
  }

  private func putBack(_ record: LeaseRecord) async throws(ChangeFailure) {
    let proxy = record.lease.proxy
    guard gate == .open else { throw .readOnly }
    let admin = try admin(of: proxy)
    do throws(EnvoyAdminError) {
      // Whoever set another level meanwhile meant it.
      let still = try await admin.logLevels().filter { $0.level == record.level }
      let changes = still.compactMap { logger in
        record.before[logger.logger].flatMap {
          $0 == logger.level ? nil : LoggerLevel(logger: logger.logger, level: $0)
        }
      }
      if !changes.isEmpty { _ = try await admin.setLogLevels(changes) }
    } catch {
      throw .unreachable(Trouble(error, of: admin.endpoint))
    }
    // One that was set anew meanwhile is not over.
    let isOver = records.withLock { records in
      guard records[proxy]?.lease.end == record.lease.end else { return false }
      records[proxy] = nil
      return true
    }
    if isOver { try folder.remove(proxy) }
  }

  private func admin(of proxy: ProxyID) throws(ChangeFailure) -> EnvoyAdmin {
    let readings = board.state.newest?.readings ?? [:]
    guard
      let endpoint = endpoints.indices.first(where: { endpoints[$0].name == proxy || readings[$0]?.id == proxy })
    else {
      throw .unreachable(
        Trouble(
          .misconfigured, "no way to the admin API of \(proxy) is known",
          remedy: "name it: --proxy \(proxy)=http://127.0.0.1:15000 (after kubectl port-forward)"))
    }
    return EnvoyAdmin(endpoints[endpoint].endpoint, over: client)
  }
}

extension LoggerLevel.Level {
  init(_ level: LogLevel) {
    switch level {
    case .trace: self = .trace
    case .debug: self = .debug
    case .info: self = .info
    case .warning: self = .warning
    case .error: self = .error
    case .critical: self = .critical
    }
  }
}
