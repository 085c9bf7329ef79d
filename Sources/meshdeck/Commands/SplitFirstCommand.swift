public import ArgumentParser
public import MeshModel

/// `meshdeck split first reviews v1=90 v3=10`.
struct SplitFirstCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "first", abstract: "Make the first routing of a Service that has none.",
    discussion: """
      A destination is a version of the Service, by the label `version` of its pods (v3), or another Service \
      (reviews-v3). Versions make a VirtualService, and the subsets that no DestinationRule has yet; Services make an \
      HTTPRoute of the Gateway API. `split undo` takes the route away again; subsets stay, since nothing follows them.
      """)

  @Argument(help: "The Service.")
  var service: String

  @Argument(help: ArgumentHelp("Weights (v1=90 v3=10) or percentages.", valueName: "dest=weight"))
  var weights: [String]

  @Option(help: "VirtualService, HTTPRoute or GRPCRoute.")
  var kind: ResourceKind?

  @Option(help: "The Service's port that a route of the Gateway API is for, where it has several.")
  var port: Int?

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let routes = try await session.routes()
    let target = try target(among: routes)
    let split = try split(of: target, among: routes)
    let kind = kind ?? (split.destinations.contains { $0.subset != nil } ? .virtualService : .httpRoute)
    guard kind != .service else { throw CommandFailure(.usage, "a Service does not route: give another --kind") }
    let resource = ResourceID(kind: kind, namespace: target.id.resource.namespace, name: service)
    let draft = ChangeDraft(
      route: RouteID(resource: resource, rule: 0), resourceVersion: "",
      edit: .firstRoute(FirstRoute(host: target.hosts.first ?? "", port: port, split: split), .making))
    try await ChangeRoad(session: session, options: road).walk(draft)
  }

  private func target(among routes: [Route]) throws(CommandFailure) -> Route {
    let found = routes.filter { $0.id.resource.kind == .service && $0.id.resource.name == service }
    guard let target = found.first else {
      let routing = routes.first { route in route.hosts.contains { Destination(host: $0).service == service } }
      let why =
        routing.map { "\($0.id.resource) routes it already: change that with split set" } ?? "there is no such Service"
      throw CommandFailure(.refused, "\(service): \(why)")
    }
    guard found.count == 1 else {
      throw CommandFailure(.usage, "\(service) is ambiguous: give a namespace")
    }
    return target
  }

  /// The named destinations alone: versions of the Service, or other Services that are there.
  private func split(of target: Route, among routes: [Route]) throws(CommandFailure) -> TrafficSplit {
    let arguments = try WeightArguments(weights)
    let services = routes.filter { $0.id.resource.kind == .service }.flatMap(\.hosts).map { Destination(host: $0) }
    let known = target.split.destinations.filter { $0.subset != nil } + services
    var chosen: [Destination] = []
    for name in arguments.names { chosen.append(try known.named(name, in: target.id)) }
    var route = target
    route.split = TrafficSplit(chosen.map { .init(destination: $0, weight: 0) })
    return try arguments.applied(to: route)
  }
}

extension ResourceKind: ExpressibleByArgument {
  /// The case of letters does not matter.
  public init?(argument: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
      return nil
    }
    self = kind
  }
}
