import Glibc
import JSON
import MeshModel

/// The changes that were made from this machine, one JSON object a line, in a file that only its owner can read. A
/// change is on disk before its request leaves. Several consoles may write at once; a line that was torn by a crash is
/// passed over and stays as it is.
public struct Journal: Sendable {
  public let path: String
  let clock: MeshClock
  /// How long another writer is waited for.
  private let longestWait: Duration

  /// Larger than this the file is not read: 64 MB are some hundred thousand changes.
  static let largestFile = 64 << 20

  public init(path: String, clock: MeshClock = .system, longestWait: Duration = .seconds(2)) {
    self.path = path
    self.clock = clock
    self.longestWait = longestWait
  }

  /// `$XDG_STATE_HOME/meshdeck/changes.jsonl`, else under `~/.local/state`; `nil` where neither folder is known. XDG
  /// Base Directory Specification 0.8: a path that is not absolute counts as none.
  public static func standardPath(environment: [String: String]) -> String? {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/meshdeck/changes.jsonl" }
    return environment["HOME"].map { "\($0)/.local/state/meshdeck/changes.jsonl" }
  }

  /// Numbers a draft and writes it down, with the identity of the object that it is of, and with the requests that its
  /// rule will take where those are other ones. Returns when it is on disk. As long as the claim is held, nobody else
  /// looks for what became of the change.
  func begin(
    _ draft: ChangeDraft, match: String? = nil, uid: String? = nil, context: String, user: String
  ) async throws(ChangeFailure) -> (change: Change, claim: JournalClaim) {
    try await locked { file throws(ChangeFailure) in
      let number = (try lines(file).map(\.id).max() ?? 0) + 1
      let change = Change(
        id: number, route: draft.route, match: match ?? draft.match, resourceVersion: draft.resourceVersion,
        edit: draft.edit, undoes: draft.undoes, uid: uid,
        note: draft.note.map { String($0.prefix(ChangeDraft.longestNote)) })
      let claim = try JournalClaim(number, journal: path)
      try append(.started(change, time: clock.now(), context: context, user: user), to: file)
      return (change, claim)
    }
  }

  /// Writes down what became of a change, and the identity of the object where the change made it.
  func end(_ id: Change.ID, _ outcome: ChangeRecord.Outcome, uid: String? = nil) async throws(ChangeFailure) {
    try await locked { file throws(ChangeFailure) in
      try append(.ended(id, outcome, uid: uid, time: clock.now()), to: file)
    }
  }

  /// All changes of a context, newest first.
  func records(context: String) throws(ChangeFailure) -> [ChangeRecord] {
    var outcomes: [Change.ID: (outcome: ChangeRecord.Outcome, uid: String?)] = [:]
    var records: [ChangeRecord] = []
    // From the end on, an outcome comes before the change that it is of.
    for line in try lines().reversed() {
      switch line {
      case .ended(let id, let outcome, let uid, _): outcomes[id] = outcomes[id] ?? (outcome, uid)
      case .started(let change, let time, let madeIn, let user) where madeIn == context:
        let end = outcomes[change.id]
        records.append(
          ChangeRecord(
            change: change.of(uid: change.uid ?? end?.uid), time: time, context: madeIn, user: user,
            outcome: end?.outcome ?? .started))
      case .started, .ramp: break
      }
    }
    return records
  }

  /// All lines that can be read, oldest first.
  func lines() throws(ChangeFailure) -> [JournalLine] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return [] }
      throw failure("cannot open")
    }
    defer { close(file) }
    return try lines(file)
  }

  // MARK: - The file

  func locked<Answer>(
    _ work: (Int32) throws(ChangeFailure) -> Answer
  ) async throws(ChangeFailure) -> Answer {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { throw .journal("\(path) is not a full path") }
    let folder = PrivateFolder(path: String(path[...slash]))
    try folder.make()
    var file = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
    let isNew = file < 0 && errno == ENOENT
    if isNew { file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600) }
    guard file >= 0 else { throw failure("cannot open") }
    defer { close(file) }
    // A new file is on disk only once its folder is.
    if isNew { try folder.flush() }
    // The lock goes with the descriptor, also when the program is killed.
    let deadline = clock.now() + longestWait
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw failure("cannot lock") }
      guard clock.now() < deadline else { throw .journal("\(path) is held by another meshdeck") }
      await clock.sleep(.milliseconds(10))
    }
    return try work(file)
  }

  func lines(_ file: Int32) throws(ChangeFailure) -> [JournalLine] {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("cannot read") }
    guard status.st_size <= Self.largestFile else { throw .journal("\(path) is larger than 64 MB; move it away") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = pread(file, &chunk, chunk.count, off_t(bytes.count))
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot read")
      }
      bytes += chunk[..<count]
      guard bytes.count <= Self.largestFile else { break }
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { JournalLine(Array($0)) }
  }

  func append(_ line: JournalLine, to file: Int32) throws(ChangeFailure) {
    var bytes = line.json.bytes() + [UInt8(ascii: "\n")]
    if try endsTorn(file) { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + written }, bytes.count - written) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot write")
      }
      written += count
    }
    guard fsync(file) == 0 else { throw failure("cannot flush") }
  }

  /// Whether a writer ended in the middle of its line.
  private func endsTorn(_ file: Int32) throws(ChangeFailure) -> Bool {
    let end = lseek(file, 0, SEEK_END)
    guard end > 0 else { return false }
    var last: UInt8 = 0
    guard pread(file, &last, 1, end - 1) == 1 else { throw failure("cannot read") }
    return last != UInt8(ascii: "\n")
  }

  private func failure(_ what: String) -> ChangeFailure {
    .journal("\(what) \(path): \(String(cString: strerror(errno)))")
  }
}

extension Change {
  /// The same change of an object whose identity is known now.
  fileprivate func of(uid: String?) -> Change {
    Change(
      id: id, route: route, match: match, resourceVersion: resourceVersion, edit: edit, undoes: undoes, uid: uid,
      note: note)
  }
}
