import KubernetesAPI
import MeshModel

/// The kinds whose changes can be why requests fail: those that route, shape, admit and run them.
enum WatchedKind: String, CaseIterable, Sendable {
  case virtualService = "VirtualService"
  case destinationRule = "DestinationRule"
  case istioGateway = "Gateway"
  case serviceEntry = "ServiceEntry"
  case sidecar = "Sidecar"
  case envoyFilter = "EnvoyFilter"
  case authorizationPolicy = "AuthorizationPolicy"
  case peerAuthentication = "PeerAuthentication"
  case requestAuthentication = "RequestAuthentication"
  case telemetry = "Telemetry"
  case httpRoute = "HTTPRoute"
  case grpcRoute = "GRPCRoute"
  case gateway = "Gateway.gateway.networking.k8s.io"
  case service = "Service"
  case deployment = "Deployment"
  case statefulSet = "StatefulSet"
  case daemonSet = "DaemonSet"

  /// As the object has it.
  var kind: String { String(rawValue.prefix { $0 != "." }) }

  var group: String {
    switch self {
    case .virtualService, .destinationRule, .istioGateway, .serviceEntry, .sidecar, .envoyFilter:
      "networking.istio.io"
    case .authorizationPolicy, .peerAuthentication, .requestAuthentication: "security.istio.io"
    case .telemetry: "telemetry.istio.io"
    case .httpRoute, .grpcRoute, .gateway: "gateway.networking.k8s.io"
    case .service: ""
    case .deployment, .statefulSet, .daemonSet: "apps"
    }
  }

  /// As in a path.
  var plural: String {
    switch self {
    case .serviceEntry: "serviceentries"
    case .authorizationPolicy: "authorizationpolicies"
    case .telemetry: "telemetries"
    default: kind.lowercased() + "s"
    }
  }

  /// The versions that this reads, the one to ask for first. All versions of a kind hold the same objects.
  var versions: [String] {
    switch self {
    // It never had another.
    case .envoyFilter: ["v1alpha3"]
    case .virtualService, .destinationRule, .istioGateway, .serviceEntry, .sidecar: ["v1", "v1beta1", "v1alpha3"]
    case .authorizationPolicy, .peerAuthentication, .requestAuthentication, .httpRoute, .gateway: ["v1", "v1beta1"]
    case .telemetry, .grpcRoute: ["v1", "v1alpha1", "v1alpha2"]
    case .service, .deployment, .statefulSet, .daemonSet: ["v1"]
    }
  }

  /// Of the versions that the server serves of its group; `nil` where none can be read.
  func type(served: [String]) -> ResourceType? {
    versions.first(where: served.contains).map {
      ResourceType(group: group, version: $0, kind: kind, plural: plural)
    }
  }

  /// Whether one of the root namespace is of every namespace, or can be.
  var isPolicy: Bool {
    switch self {
    case .sidecar, .envoyFilter, .authorizationPolicy, .peerAuthentication, .requestAuthentication, .telemetry: true
    default: false
    }
  }

  /// Whether it is what runs requests: its pods are made by a template.
  var isWorkload: Bool { group == "apps" }
}

/// The objects of a kind that one watch follows.
struct WatchedPlace: Hashable {
  let kind: WatchedKind
  /// `nil` for all namespaces.
  let namespace: String?

  /// Where policies are of the whole mesh, unless its configuration names another.
  static let rootNamespace = "istio-system"

  /// What is followed for a scope: who looks at one namespace sees the policies of the root as well, as they are of
  /// his services too.
  static func all(in scope: Scope) -> [WatchedPlace] {
    let own = WatchedKind.allCases.map { WatchedPlace(kind: $0, namespace: scope.namespace) }
    guard let namespace = scope.namespace, namespace != rootNamespace else { return own }
    return own + WatchedKind.allCases.filter(\.isPolicy).map { WatchedPlace(kind: $0, namespace: rootNamespace) }
  }
}

/// An object of whatever kind, as it is. Its kind is always given to what asks for it.
struct AnyResource: KubernetesResource {
  static let type = ResourceType(group: "", version: "", kind: "", plural: "")
  let object: KubernetesObject

  init(_ object: KubernetesObject) { self.object = object }
}
