import Glibc
import Peers
import Testing

/// A folder of its own for a test, with files by their paths; it goes when the test ends.
struct ConfigurationFolder {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  init(_ files: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    mkdir(path + "/meshdeck", 0o700)
    mkdir(path + "/meshdeck/themes", 0o700)
    for (name, text) in files {
      let file = try #require(fopen("\(path)/meshdeck/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }
  }

  func environment(_ more: [String: String] = [:]) -> (String) -> String? {
    let all = more.merging(["XDG_CONFIG_HOME": path]) { given, _ in given }
    return { all[$0] }
  }
}
