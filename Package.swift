// swift-tools-version: 6.2
import PackageDescription

/// The targets, in the order in which they may import each other: Tests/ArchitectureTests reads the imports and
/// refuses a wrong direction. docs/architecture.md says what each is for.
var targets: [Target] = [
  // Foreign code: headers, and one typed shim for each kind of variadic call or macro.
  .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
  .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .systemLibrary(name: "CVterm", path: "Tests/CVterm", pkgConfig: "vterm", providers: [.apt(["libvterm-dev"])]),
  .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
  .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
  .target(name: "CTomlPlusPlus"),
  .systemLibrary(name: "CSpawn"),
  .systemLibrary(name: "CMalloc"),

  // Values.
  .target(name: "JSON", dependencies: ["CSimdjson"]),
  .target(name: "Patterns", dependencies: ["CPCRE2"]),
  .target(name: "ProxyLogs"),
  .target(name: "MeshModel", dependencies: ["ProxyLogs", "Patterns"]),
  .target(name: "MeshHealth", dependencies: ["MeshModel"]),
  .target(name: "MeshGraph", dependencies: ["MeshModel"]),
  .target(name: "Transport"),
  .target(name: "TerminalUI"),
  .target(name: "Spawning", dependencies: ["CSpawn"]),
  .target(name: "Settings", dependencies: ["MeshModel", "ProxyLogs", "TerminalUI", "CTomlPlusPlus"]),

  // The wire.
  .target(name: "CurlTransport", dependencies: ["Transport", "CLibcurl"]),
  .target(name: "KubernetesAPI", dependencies: ["Transport", "JSON", "Spawning", "Yams"]),
  .target(name: "IstioAPI", dependencies: ["KubernetesAPI", "Transport", "JSON"]),
  .target(name: "GatewayAPI", dependencies: ["KubernetesAPI", "JSON"]),
  .target(name: "EnvoyAPI", dependencies: ["ProxyLogs", "Transport", "JSON"]),
  .target(name: "PrometheusAPI", dependencies: ["Transport", "JSON"]),
  .target(
    name: "LiveMesh",
    dependencies: [
      "MeshModel", "ProxyLogs", "KubernetesAPI", "IstioAPI", "GatewayAPI", "EnvoyAPI", "PrometheusAPI", "Transport",
      "JSON",
    ]),

  // The screen.
  .target(name: "TerminalDriver", dependencies: ["TerminalUI", "CNcurses"]),
  .target(name: "Console", dependencies: ["MeshModel", "ProxyLogs", "MeshHealth", "MeshGraph", "TerminalUI", "JSON"]),
  .target(name: "ConsoleRuntime", dependencies: ["Console", "MeshModel", "TerminalUI"]),

  // The sandbox: what it and those who start it agree on; and a small real mesh on loopback, in an executable of its own so that the console carries no server.
  .target(name: "SandboxClient", dependencies: ["JSON", "Spawning"]),
  .target(
    name: "Sandbox",
    dependencies: [
      "Transport", "KubernetesAPI", "IstioAPI", "GatewayAPI", "EnvoyAPI", "ProxyLogs", "JSON", "Spawning",
      "SandboxClient", "Yams",
      .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
    ]),
  .executableTarget(
    name: "meshdeck-sandbox",
    dependencies: [
      "Sandbox", "SandboxClient", "CurlTransport",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ]),

  // Real programs and ill-mannered servers that tests and benches talk to.
  .target(name: "Peers", dependencies: ["Spawning"], path: "Tests/Peers"),
  .target(name: "Pseudoterminal", dependencies: ["CVterm", "Spawning"], path: "Tests/Pseudoterminal"),
  .executableTarget(
    name: "meshdeck-bench",
    dependencies: [
      "Console", "CurlTransport", "MeshGraph", "MeshModel", "ProxyLogs", "TerminalUI", "Transport", "Peers",
      "Pseudoterminal",
      "SandboxClient",
    ],
    path: "Tests/Bench"),

  .executableTarget(
    name: "meshdeck",
    dependencies: [
      "Console", "ConsoleRuntime", "LiveMesh", "MeshHealth", "MeshGraph", "ProxyLogs", "CurlTransport",
      "TerminalDriver", "Settings", "JSON", "SandboxClient", "CMalloc",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ]),
]

// A program that the tests of TerminalDriver run on a pseudo-terminal.
targets.append(
  .executableTarget(
    name: "terminal-probe", dependencies: ["TerminalDriver", "TerminalUI"], path: "Tests/terminal-probe"))

/// Tests stand in Tests/<Target>Tests; those named here need more than the target they are named for.
let tests: [(name: String, dependencies: [Target.Dependency])] = [
  ("JSON", []),
  ("Patterns", ["Peers"]),
  ("ProxyLogs", ["Peers"]),
  ("MeshModel", ["ProxyLogs", "Peers"]),
  ("MeshHealth", ["MeshModel", "Peers"]),
  ("MeshGraph", ["MeshModel", "Peers"]),
  ("PrometheusAPI", ["CurlTransport", "Peers", "Spawning", "Transport", "JSON"]),
  ("Transport", []),
  ("TerminalUI", []),
  ("Spawning", []),
  ("Settings", ["Peers", "ProxyLogs"]),
  ("CurlTransport", ["Transport", "Peers"]),
  ("KubernetesAPI", ["Peers", "Transport", "JSON"]),
  ("IstioAPI", ["KubernetesAPI", "Transport", "JSON"]),
  ("GatewayAPI", ["Peers", "KubernetesAPI", "JSON"]),
  ("EnvoyAPI", ["ProxyLogs", "CurlTransport", "Peers", "Spawning", "Transport", "JSON"]),
  (
    "LiveMesh",
    [
      "MeshModel", "ProxyLogs", "Peers", "KubernetesAPI", "IstioAPI", "GatewayAPI", "EnvoyAPI", "PrometheusAPI",
      "CurlTransport", "Transport", "JSON", "ConsoleTestSupport",
    ]
  ),
  ("TerminalDriver", ["TerminalUI", "Pseudoterminal", "terminal-probe"]),
  ("Console", ["Peers", "MeshModel", "TerminalUI", "ConsoleTestSupport", "JSON"]),
  ("ConsoleRuntime", ["Console", "MeshModel", "TerminalUI", "ConsoleTestSupport"]),
  (
    "Sandbox",
    [
      "Peers", "KubernetesAPI", "IstioAPI", "EnvoyAPI", "ProxyLogs", "CurlTransport", "Transport", "JSON",
      "SandboxClient", "meshdeck-sandbox",
    ]
  ),
]
targets.append(
  .target(name: "ConsoleTestSupport", dependencies: ["MeshModel", "ProxyLogs"], path: "Tests/ConsoleTestSupport"))
targets += tests.map {
  // Pictures of screens and graphs stand beside the tests that compare them.
  .testTarget(
    name: "\($0.name)Tests", dependencies: [.byName(name: $0.name)] + $0.dependencies,
    exclude: ["Console", "MeshGraph"].contains($0.name) ? ["Pictures"] : [])
}

// The built program as its users have it: both executables stand beside these tests.
targets.append(
  .testTarget(
    name: "MeshdeckTests",
    dependencies: [
      "meshdeck", "meshdeck-sandbox", "SandboxClient", "Pseudoterminal", "Spawning", "Peers", "MeshModel", "LiveMesh",
      "KubernetesAPI", "CurlTransport", "Transport", "JSON",
    ]))
// The same questions to recordings of real servers and to the sandbox.
targets.append(
  .testTarget(
    name: "ContractTests",
    dependencies: ["meshdeck-sandbox", "SandboxClient", "KubernetesAPI", "CurlTransport", "Transport", "JSON"]))
targets.append(.testTarget(name: "ArchitectureTests"))

var dependencies: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
]

// Work on one part without building the rest: `MESHDECK_ONLY=JSONTests swift test` keeps the named targets and what
// they stand on.
if let only = Context.environment["MESHDECK_ONLY"] {
  var kept = Set<String>()
  var packages = Set<String>()
  func keep(_ name: String) {
    guard let target = targets.first(where: { $0.name == name }) else {
      packages.insert(name)
      return
    }
    guard kept.insert(name).inserted else { return }
    for dependency in target.dependencies {
      switch dependency {
      case .byNameItem(let name, _), .targetItem(let name, _): keep(name)
      case .productItem(_, let package, _, _): packages.insert(package ?? "")
      @unknown default: break
      }
    }
  }
  only.split(separator: ",").forEach { keep(String($0)) }
  targets.removeAll { !kept.contains($0.name) }
  dependencies.removeAll { dependency in
    if case .sourceControl(_, let location, _) = dependency.kind {
      !packages.contains { location.hasSuffix($0) }
    } else {
      false
    }
  }
}

for target in targets where target.type != .system {
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  target.cxxSettings = [.treatAllWarnings(as: .error)]
}
// Layouts are arithmetic over large arrays: without the optimizer their tests would hold up all others for minutes.
for target in targets where target.name.hasPrefix("MeshGraph") {
  target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
}

let package = Package(
  name: "meshdeck",
  dependencies: dependencies,
  targets: targets,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
