/// Where a line comes from.
public enum LogOrigin: Hashable, Sendable {
  case proxy(ProxyID)
  /// By its path, or `-`: who wrote it nobody knows.
  case file(String)

  public var name: String {
    switch self {
    case .proxy(let id): id.pod
    case .file(let path): path
    }
  }

  /// Whose log it is, as filters ask for it.
  public var writer: ProxyID? { if case .proxy(let id) = self { id } else { nil } }

  /// What a line of it goes by among lines of other logs. A file has no namespace.
  public var id: ProxyID {
    switch self {
    case .proxy(let id): id
    case .file(let path): ProxyID("\(path).")
    }
  }
}
