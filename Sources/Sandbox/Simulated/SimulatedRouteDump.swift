internal import JSON

/// What Envoy's `/config_dump` says of routes, written once for all proxies that have them: a proxy of a thousand
/// services writes a megabyte.
struct SimulatedRouteDump: Sendable {
  /// Everything that is known of each RouteConfiguration.
  private let entries: JSONValue
  /// What a console asks for again and again: the names and times, and the routes alone.
  private let names: [UInt8]
  private let contents: [UInt8]

  init(_ routes: [JSONValue], version: String, time: String) {
    let type: JSONValue = "type.googleapis.com/envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig"
    func list(_ entry: (JSONValue) -> JSONValue) -> JSONValue { .array(routes.map(entry)) }
    entries = list {
      ["@type": type, "version_info": .string(version), "route_config": $0, "last_updated": .string(time)]
    }
    let named = list { ["@type": type, "route_config": ["name": $0["name"] ?? ""], "last_updated": .string(time)] }
    names = (["configs": named] as JSONValue).bytes()
    contents = (["configs": list { ["@type": type, "route_config": $0] }] as JSONValue).bytes()
  }

  /// The masks that a console asks with; another one is answered with everything.
  func answer(mask: String?) -> HTTPServer.Response {
    let fields = Set((mask ?? "").split(separator: ",").map(String.init))
    return switch fields {
    case ["route_config.name", "last_updated"]: .json(bytes: names)
    case ["route_config.name", "route_config.virtual_hosts"]: .json(bytes: contents)
    default: .json(["configs": entries])
    }
  }

  /// The answer to a question for everything.
  func whole() -> HTTPServer.Response {
    .json([
      "configs": [
        ["@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump", "dynamic_route_configs": entries]
      ]
    ])
  }
}
