import Glibc
import Peers
import Spawning

/// A real Envoy that a test starts and that ends with the test. Its folder is private and goes with it.
final class EnvoyProcess {
  /// From MESHDECK_ENVOY, else from PATH.
  static let binary: String? = {
    if let named = getenv("MESHDECK_ENVOY").map({ String(cString: $0) }), access(named, X_OK) == 0 { return named }
    let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
    return folders.map { "\($0)/envoy" }.first { access($0, X_OK) == 0 }
  }()

  let folder: String
  private let temporary: TemporaryFolder
  private let process: pid_t

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// `files` is given the folder's path and says what shall stand there; `bootstrap.json` must be among it.
  init(_ files: (_ folder: String) -> [String: String]) throws {
    temporary = try TemporaryFolder()
    folder = temporary.path
    for (name, text) in files(folder) { try Self.write(text, to: folder + "/" + name) }

    var envoy = Program(
      Self.binary ?? "envoy",
      [
        "-c", folder + "/bootstrap.json", "--concurrency", "1", "--disable-hot-restart", "--admin-address-path",
        folder + "/admin.address", "-l", "warning", "--file-flush-interval-msec", "20",
      ])
    envoy.output = .appending(folder + "/out")
    envoy.errors = .appending(folder + "/out")
    process = try envoy.start()
  }

  /// What it wrote about itself.
  var output: String {
    (try? Recordings.contents(of: folder + "/out")).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Changes a file as Envoy watches for it: by renaming a new one into place.
  func write(_ text: String, to name: String) throws { try Self.write(text, to: folder + "/" + name) }

  private static func write(_ text: String, to path: String) throws {
    let bytes = Array(text.utf8)
    guard let file = fopen(path + ".new", "wb") else { throw FileError(path: path, code: errno) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count, rename(path + ".new", path) == 0 else {
      throw FileError(path: path, code: errno)
    }
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }
}
