import FoundationEssentials
import Testing

/// The layers of docs/architecture.md: what each target may import of the project, and of the world. A target that is
/// not here has no place yet.
private let allowed: [String: Set<String>] = [
  "JSON": ["CSimdjson"],
  "Patterns": ["CPCRE2"],
  "ProxyLogs": [],
  "MeshModel": ["ProxyLogs", "Patterns"],
  "MeshHealth": ["MeshModel"],
  "MeshGraph": ["MeshModel"],
  "Transport": [],
  "TerminalUI": [],
  "Spawning": ["CSpawn"],
  "Settings": ["MeshModel", "ProxyLogs", "TerminalUI", "CTomlPlusPlus"],
  "CurlTransport": ["Transport", "CLibcurl"],
  "KubernetesAPI": ["Transport", "JSON", "Spawning", "Yams"],
  "IstioAPI": ["KubernetesAPI", "Transport", "JSON"],
  "GatewayAPI": ["KubernetesAPI", "JSON"],
  "EnvoyAPI": ["ProxyLogs", "Transport", "JSON"],
  "PrometheusAPI": ["Transport", "JSON"],
  "LiveMesh": [
    "MeshModel", "ProxyLogs", "KubernetesAPI", "IstioAPI", "GatewayAPI", "EnvoyAPI", "PrometheusAPI", "Transport",
    "JSON",
  ],
  "TerminalDriver": ["TerminalUI", "CNcurses"],
  "Console": ["MeshModel", "ProxyLogs", "MeshHealth", "MeshGraph", "TerminalUI", "Settings", "JSON"],
  "ConsoleRuntime": ["Console", "MeshModel", "TerminalUI"],
  "Sandbox": [
    "Transport", "KubernetesAPI", "IstioAPI", "GatewayAPI", "EnvoyAPI", "ProxyLogs", "JSON", "Spawning",
    "SandboxClient", "Yams", "NIOCore", "NIOPosix", "NIOHTTP1",
  ],
  "SandboxClient": ["JSON", "Spawning"],
  "meshdeck-sandbox": ["Sandbox", "SandboxClient", "CurlTransport", "Transport", "ArgumentParser", "JSON"],
  "meshdeck": [
    "Console", "ConsoleRuntime", "LiveMesh", "MeshModel", "MeshHealth", "MeshGraph", "KubernetesAPI", "IstioAPI",
    "EnvoyAPI", "ProxyLogs", "CurlTransport", "Transport", "TerminalDriver", "TerminalUI", "Settings", "JSON",
    "SandboxClient", "CMalloc", "ArgumentParser",
  ],
]

/// What any target may use besides. Foundation whole brings 45 MB of locale data and is refused everywhere but where
/// a dependency forces it.
private let system: Set<String> = ["Glibc", "FoundationEssentials", "Synchronization", "Dispatch"]

@Suite struct ImportTests {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  func swiftFiles(under folder: String) throws -> [(path: String, text: String)] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
    return try paths.filter { $0.hasSuffix(".swift") }.map {
      (folder + "/" + $0, try String(contentsOf: root.appending(path: folder + "/" + $0), encoding: .utf8))
    }
  }

  /// `import X`, with or without access level, attributes and kind of declaration.
  func imports(in text: String) -> [(module: String, access: String)] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
      guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else { return nil }
      guard place == 0 || ["public", "internal", "package", "fileprivate", "private"].contains(words[0]) else {
        return nil
      }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let name = kinds.contains(words[place + 1]) ? words[place + 2] : words[place + 1]
      return (String(name.prefix { $0 != "." }), place == 0 ? "internal" : String(words[0]))
    }
  }

  @Test func everyImportGoesInTheRightDirection() throws {
    let files = try swiftFiles(under: "Sources")
    #expect(files.count > 50, "the sources were found")
    for (path, text) in files {
      let target = String(path.split(separator: "/")[1])
      guard let own = allowed[target] else {
        Issue.record("\(target) has no place in the layers: \(path)")
        continue
      }
      for (module, access) in imports(in: text) where !system.contains(module) {
        #expect(own.contains(module), "\(path) imports \(module)")
        if module.hasPrefix("C"), module.dropFirst().first?.isUppercase == true {
          #expect(access == "internal" || access == "private", "\(path): C modules stay inside")
        }
      }
    }
  }

  @Test func theImportReaderSeesAllForms() {
    let text = "import A\npublic import B\n@preconcurrency internal import struct C.D\n// import E\nlet important = 1\n"
    #expect(imports(in: text).map(\.module) == ["A", "B", "C"])
    #expect(imports(in: text).map(\.access) == ["internal", "public", "internal"])
  }

  @Test func nothingIsForcedOrSwallowedInTheSources() throws {
    for (path, text) in try swiftFiles(under: "Sources") {
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        #expect(!line.contains("try" + "!"), "\(path): \(line)")
        #expect(!line.contains("as" + "! "), "\(path): \(line)")
        #expect(!line.contains("catch {" + "}"), "\(path): \(line)")
      }
    }
  }

  @Test func theTopLevelHoldsWhatItShould() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { !$0.hasPrefix(".") }
    let expected: Set<String> = ["Package.swift", "Sources", "Tests", "themes", "docs", "README.md", "Makefile"]
    #expect(Set(names).subtracting(["Package.resolved"]) == expected)
  }
}
