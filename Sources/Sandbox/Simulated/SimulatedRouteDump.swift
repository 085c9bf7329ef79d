internal import JSON

/// What Envoy's `/config_dump` says of routes, written once for all proxies that have them: a proxy of a thousand
/// services writes a megabyte.
struct SimulatedRouteDump: Sendable {
  private let routes: [JSONValue]
  private let version: String
  private let time: String
  /// By what is asked for: the names and times, the routes alone, or all.
  private let names: [UInt8]
  private let contents: [UInt8]
  private let entries: [UInt8]

  init(_ routes: [JSONValue], version: String, time: String) {
    self.routes = routes
    self.version = version
    self.time = time
    func bytes(_ entry: (JSONValue) -> JSONValue) -> [UInt8] {
      JSONValue.object(["configs": .array(routes.map(entry))]).bytes()
    }
    names = bytes { ["@type": Self.type, "route_config": ["name": $0["name"] ?? ""], "last_updated": .string(time)] }
    contents = bytes { ["@type": Self.type, "route_config": $0] }
    entries = bytes { Self.entry($0, version, time) }
  }

  private static let type: JSONValue = "type.googleapis.com/envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig"

  private static func entry(_ route: JSONValue, _ version: String, _ time: String) -> JSONValue {
    [
      "@type": type, "version_info": .string(version), "route_config": route, "last_updated": .string(time),
    ]
  }

  /// The masks that a console asks with; another one is answered with everything.
  func answer(mask: String?) -> HTTPServer.Response {
    let fields = Set((mask ?? "").split(separator: ",").map(String.init))
    return switch fields {
    case ["route_config.name", "last_updated"]: .json(bytes: names)
    case ["route_config.name", "route_config.virtual_hosts"]: .json(bytes: contents)
    default: .json(bytes: entries)
    }
  }

  /// The answer to a question for everything.
  func whole() -> HTTPServer.Response {
    .json([
      "configs": [
        [
          "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
          "dynamic_route_configs": .array(routes.map { Self.entry($0, version, time) }),
        ]
      ]
    ])
  }
}
