import Glibc
import JSON
import MeshModel

/// The proxies whose levels are to be put back, one file each, beside the journal: a file is on disk before the level is
/// set and goes when it is put back, so that the next start knows what a console that was killed had left to do.
struct LeaseFolder: Sendable {
  /// A file longer than this is none of ours.
  private static let longestFile = 64 << 10

  let path: String
  let context: String

  /// - Parameter journal: the full path of the journal.
  init(besideJournal journal: String, context: String) {
    path = journal.prefix(upTo: journal.lastIndex(of: "/") ?? journal.startIndex) + "/levels"
    self.context = context
  }

  /// Those of this context, by proxy. What cannot be read is passed over.
  func records() -> [ProxyID: LeaseRecord] {
    var records: [ProxyID: LeaseRecord] = [:]
    guard let folder = opendir(path) else { return [:] }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasSuffix(".json"), let record = read("\(path)/\(name)"), record.context == context else { continue }
      records[record.lease.proxy] = record
    }
    return records
  }

  /// Returns when it is on disk.
  func write(_ record: LeaseRecord) throws(ChangeFailure) {
    let folder = PrivateFolder(path: path)
    try folder.make()
    // Whole or not at all: a new file takes the place of the old one when it is on disk.
    let name = file(of: record.lease.proxy)
    let new = "\(name).\(getpid())"
    let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure("write") }
    defer { close(file) }
    let bytes = Array((record.json.text() + "\n").utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0, rename(new, name) == 0 else {
      throw failure("write")
    }
    try folder.flush()
  }

  func remove(_ proxy: ProxyID) throws(ChangeFailure) {
    guard unlink(file(of: proxy)) == 0 || errno == ENOENT else { throw failure("remove") }
  }

  private func read(_ name: String) -> LeaseRecord? {
    let file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.longestFile)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count > 0, let json = try? JSONValue(parsing: Array(bytes[..<count])) else { return nil }
    return LeaseRecord(json)
  }

  /// A name of letters and digits, whatever the context and the proxy are called (FNV-1a, 64 bits).
  private func file(of proxy: ProxyID) -> String {
    let hash = "\(context)\n\(proxy)".utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return "\(path)/\(String(hash, radix: 16)).json"
  }

  private func failure(_ what: String) -> ChangeFailure {
    .journal("cannot \(what) \(path): \(String(cString: strerror(errno)))")
  }
}
