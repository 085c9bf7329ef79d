import FoundationEssentials
import Glibc

/// The machine's processes, as /proc tells them.
enum ProcessTable {
  struct Entry: Hashable {
    let id: pid_t
    let parent: pid_t
    /// Since the machine's start, in clock ticks: a number that is used again has another one.
    let started: String
  }

  static func entries() -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.compactMap(entry)
  }

  /// All that descend from a process, itself among them.
  static func tree(of root: pid_t) -> Set<Entry> {
    let all = entries()
    var found = Set(all.filter { $0.id == root })
    while true {
      let ids = Set(found.map(\.id))
      let more = all.filter { ids.contains($0.parent) && !found.contains($0) }
      if more.isEmpty { return found }
      found.formUnion(more)
    }
  }

  /// Those of some processes that still run; a zombie does not.
  static func running(among processes: Set<Entry>) -> Set<Entry> {
    processes.filter { process in
      guard let fields = fields(of: process.id), fields.count > 19 else { return false }
      return fields[0] != "Z" && fields[0] != "X" && fields[19] == process.started
    }
  }

  /// The words of the one process whose command line contains a text.
  static func find(_ text: String) -> (id: pid_t, words: [String])? {
    for entry in entries() {
      guard let line = contents(of: "/proc/\(entry.id)/cmdline"), line.contains(text) else { continue }
      return (entry.id, line.split(separator: "\0").map(String.init))
    }
    return nil
  }

  private static func entry(_ id: pid_t) -> Entry? {
    guard let fields = fields(of: id), fields.count > 19, let parent = pid_t(fields[1]) else { return nil }
    return Entry(id: id, parent: parent, started: fields[19])
  }

  /// What follows the name in /proc/ID/stat: the state, the parent, … (proc_pid_stat(5)).
  private static func fields(of id: pid_t) -> [String]? {
    guard let text = contents(of: "/proc/\(id)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].split(separator: " ").map { String($0.filter { $0 != "\n" }) }
  }

  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}
