internal import Glibc

/// A file of settings, read whole.
enum SettingsFile {
  /// No file of settings is larger; a larger one is something else.
  static let most = 1 << 20

  enum Reading {
    case bytes([UInt8])
    case missing
    case unreadable(String)
  }

  static func read(_ path: String) -> Reading {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return .bytes(bytes) }
      guard count > 0 else { return .unreadable(String(cString: strerror(errno))) }
      bytes += buffer[..<count]
      guard bytes.count <= most else { return .unreadable("larger than 1 MiB, so it is no file of settings") }
    }
  }

  /// `$XDG_CONFIG_HOME/meshdeck`, by default `~/.config/meshdeck`; `nil` where neither is known.
  static func folder(_ environment: (String) -> String?) -> String? {
    // The XDG specification: a relative path is to be ignored.
    if let home = environment("XDG_CONFIG_HOME"), home.hasPrefix("/") { return home + "/meshdeck" }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.config/meshdeck"
  }
}
