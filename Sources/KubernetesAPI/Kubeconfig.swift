import JSON

/// One or several kubeconfig files, merged as `kubectl` merges them: the first file to set a value wins, and relative
/// paths are seen from the folder of the file that they stand in.
public struct Kubeconfig: Equatable, Sendable {
  /// The first context that a file names as its current one; `nil` where none does.
  public let currentContext: String?
  /// In the order of the files.
  public let contexts: [Context]
  /// The files that it was read from, in order.
  let paths: [String]
  let clusters: [Entry]
  let users: [Entry]

  public struct Context: Equatable, Sendable {
    public let name: String
    public let cluster: String
    public let user: String
    /// `default` where the file names none.
    public let namespace: String
  }

  /// A named cluster or user with its file.
  struct Entry: Equatable, Sendable {
    let name: String
    let file: String
    let value: JSONValue

    func text(_ key: String) -> String? { value[key]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    func flag(_ key: String) -> Bool { value[key]?.string == "true" }
    func path(_ key: String) -> String? { text(key).map { resolve($0, against: folder(of: file)) } }
  }

  /// The files that `kubectl` would read: those of `explicit` (`--kubeconfig`), or of `KUBECONFIG`, or
  /// `~/.kube/config`.
  public static func paths(explicit: String? = nil) -> [String] {
    if let explicit { return [explicit] }
    if let list = environmentVariable("KUBECONFIG"), !list.isEmpty {
      return list.split(separator: ":").map(String.init)
    }
    return [(environmentVariable("HOME") ?? "") + "/.kube/config"]
  }

  /// Reads the files in order. Of several, some may be missing, but not all.
  public init(reading paths: [String]) throws(KubeconfigError) {
    var files: [(path: String, text: String)] = []
    for path in paths {
      do throws(FileError) {
        files.append((path, String(decoding: try readFile(path, upTo: 4 << 20), as: UTF8.self)))
      } catch {
        guard error.isMissing else { throw .unreadable(path: path, reason: error.reason) }
      }
    }
    guard !files.isEmpty else { throw .missing(paths: paths) }
    try self.init(files: files)
  }

  /// From texts that were read already; their paths name them in errors and say where relative paths start.
  public init(files: [(path: String, text: String)]) throws(KubeconfigError) {
    var current: String?
    var contexts: [Entry] = []
    var clusters: [Entry] = []
    var users: [Entry] = []
    for file in files {
      let root: JSONValue
      do throws(YAMLError) { root = try readYAML(file.text) } catch {
        throw .malformed(path: file.path, line: error.line, column: error.column, reason: error.reason)
      }
      guard root.isNull || root.object != nil else {
        throw .wrong(path: file.path, what: "a kubeconfig is a mapping with clusters, users and contexts")
      }
      if current == nil { current = root["current-context"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
      try merge("clusters", "cluster", of: root, in: file.path, into: &clusters)
      try merge("users", "user", of: root, in: file.path, into: &users)
      try merge("contexts", "context", of: root, in: file.path, into: &contexts)
    }
    self.currentContext = current
    paths = files.map(\.path)
    self.clusters = clusters
    self.users = users
    self.contexts = contexts.map { entry in
      Context(
        name: entry.name, cluster: entry.text("cluster") ?? "", user: entry.text("user") ?? "",
        namespace: entry.text("namespace") ?? "default")
    }
  }

  /// The named context, or the current one.
  public func context(_ name: String?) throws(KubeconfigError) -> Context {
    let known = contexts.map(\.name)
    guard let wanted = name ?? currentContext else { throw .noCurrentContext(paths: paths, known: known) }
    guard let context = contexts.first(where: { $0.name == wanted }) else {
      throw .unknownContext(wanted, known: known)
    }
    return context
  }
}

private func merge(
  _ list: String, _ member: String, of root: JSONValue, in file: String, into entries: inout [Kubeconfig.Entry]
) throws(KubeconfigError) {
  guard let value = root[list], !value.isNull else { return }
  guard let elements = value.array else { throw .wrong(path: file, what: "\"\(list)\" must be a list") }
  for (place, element) in elements.enumerated() {
    guard let name = element["name"]?.string else {
      throw .wrong(path: file, what: "entry \(place + 1) of \"\(list)\" has no name")
    }
    guard !entries.contains(where: { $0.name == name }) else { continue }
    entries.append(Kubeconfig.Entry(name: name, file: file, value: element[member] ?? .null))
  }
}
