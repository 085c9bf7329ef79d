internal import Glibc

/// A folder that only its owner can read.
enum Folder {
  /// A new one among the temporary files.
  static func makeTemporary() throws(SandboxError) -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/meshdeck-sandbox-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SandboxError("cannot make a temporary folder in \(base): \(FileText.lastReason())")
    }
    return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  /// Removes a folder with all that is in it. Links are removed, not followed.
  static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let child = "\(path)/\(name)"
        var information = stat()
        guard lstat(child, &information) == 0 else { continue }
        if information.st_mode & S_IFMT == S_IFDIR { remove(child) } else { unlink(child) }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
