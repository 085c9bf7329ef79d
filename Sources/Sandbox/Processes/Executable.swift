internal import Glibc

/// Finds programs that are installed.
enum Executable {
  static func canRun(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// The first in `PATH` with this name.
  static func named(_ name: String) -> String? { places(of: name).first(where: canRun) }

  static func places(of name: String) -> [String] {
    (path(in: "PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }
  }

  /// What a variable of the environment holds.
  static func path(in variable: String) -> String? { getenv(variable).map { String(cString: $0) } }
}
