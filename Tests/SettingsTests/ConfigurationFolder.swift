import Glibc
import Testing

/// A folder of its own for a test, with files by their paths; it goes when the test ends.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    var template = Array("/tmp/settings-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
    mkdir(path + "/meshdeck", 0o700)
    mkdir(path + "/meshdeck/themes", 0o700)
    for (name, text) in files {
      let file = try #require(fopen("\(path)/meshdeck/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }
  }

  deinit {
    for name in ["config.toml", "themes"] + ["a", "b", "dark", "mine"].map({ "themes/\($0).toml" }) {
      unlink("\(path)/meshdeck/\(name)")
    }
    rmdir(path + "/meshdeck/themes")
    rmdir(path + "/meshdeck")
    rmdir(path)
  }

  func environment(_ more: [String: String] = [:]) -> (String) -> String? {
    let all = more.merging(["XDG_CONFIG_HOME": path]) { given, _ in given }
    return { all[$0] }
  }
}
