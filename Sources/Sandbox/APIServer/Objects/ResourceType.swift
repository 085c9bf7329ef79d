/// A kind of object that the API serves. All versions share one storage; only their `apiVersion` differs.
struct ResourceType: Hashable, Sendable {
  let group: String
  /// The preferred one first.
  let versions: [String]
  let kind: String
  let plural: String
  let singular: String
  let shortNames: [String]
  let categories: [String]
  let isNamespaced: Bool
  /// Defined by a CustomResourceDefinition: lists are owned and merged as one, keys are written sorted.
  let isCustom: Bool
  let subresources: [String]

  init(
    _ kind: String, _ plural: String, group: String = "", versions: [String] = ["v1"], shortNames: [String] = [],
    categories: [String] = [], isNamespaced: Bool = true, isCustom: Bool = false, subresources: [String] = ["status"]
  ) {
    self.group = group
    self.versions = versions
    self.kind = kind
    self.plural = plural
    self.singular = kind.lowercased()
    self.shortNames = shortNames
    self.categories = categories
    self.isNamespaced = isNamespaced
    self.isCustom = isCustom
    self.subresources = subresources
  }

  static func == (one: ResourceType, other: ResourceType) -> Bool {
    one.plural == other.plural && one.group == other.group
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(group)
    hasher.combine(plural)
  }

  var apiVersion: String { apiVersion(of: versions[0]) }

  func apiVersion(of version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }

  /// `virtualservices.networking.istio.io`, or `pods`.
  var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// `VirtualService.networking.istio.io`, or `Pod`.
  var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }
}

extension ResourceType {
  static let namespaces = ResourceType(
    "Namespace", "namespaces", shortNames: ["ns"], isNamespaced: false, subresources: ["finalize", "status"])
  static let pods = ResourceType(
    "Pod", "pods", shortNames: ["po"], categories: ["all"], subresources: ["log", "status"])
  static let services = ResourceType("Service", "services", shortNames: ["svc"], categories: ["all"])
  static let events = ResourceType("Event", "events", shortNames: ["ev"], subresources: [])
  static let configMaps = ResourceType("ConfigMap", "configmaps", shortNames: ["cm"], subresources: [])
  static let serviceAccounts = ResourceType("ServiceAccount", "serviceaccounts", shortNames: ["sa"], subresources: [])
  static let deployments = ResourceType(
    "Deployment", "deployments", group: "apps", shortNames: ["deploy"], categories: ["all"])
  static let replicaSets = ResourceType(
    "ReplicaSet", "replicasets", group: "apps", shortNames: ["rs"], categories: ["all"])
  static let endpointSlices = ResourceType(
    "EndpointSlice", "endpointslices", group: "discovery.k8s.io", subresources: [])

  static let virtualServices = istio("VirtualService", "virtualservices", "vs")
  static let destinationRules = istio("DestinationRule", "destinationrules", "dr")
  static let istioGateways = istio("Gateway", "gateways", "gw")
  static let serviceEntries = istio("ServiceEntry", "serviceentries", "se")
  static let peerAuthentications = ResourceType(
    "PeerAuthentication", "peerauthentications", group: "security.istio.io", versions: ["v1", "v1beta1"],
    shortNames: ["pa"], categories: ["istio-io", "security-istio-io"], isCustom: true)
  static let httpRoutes = gatewayAPI("HTTPRoute", "httproutes", versions: ["v1", "v1beta1"])
  static let grpcRoutes = gatewayAPI("GRPCRoute", "grpcroutes")
  static let referenceGrants = gatewayAPI(
    "ReferenceGrant", "referencegrants", versions: ["v1", "v1beta1"], shortNames: ["refgrant"], subresources: [])

  // What GitOps and rollout controllers are told by: kept as they are.
  static let rollouts = ResourceType(
    "Rollout", "rollouts", group: "argoproj.io", versions: ["v1alpha1"], isCustom: true)
  static let kustomizations = ResourceType(
    "Kustomization", "kustomizations", group: "kustomize.toolkit.fluxcd.io", isCustom: true)

  private static func istio(_ kind: String, _ plural: String, _ shortName: String) -> ResourceType {
    ResourceType(
      kind, plural, group: "networking.istio.io", versions: ["v1", "v1beta1", "v1alpha3"], shortNames: [shortName],
      categories: ["istio-io", "networking-istio-io"], isCustom: true)
  }

  private static func gatewayAPI(
    _ kind: String, _ plural: String, versions: [String] = ["v1"], shortNames: [String] = [],
    subresources: [String] = ["status"]
  ) -> ResourceType {
    ResourceType(
      kind, plural, group: "gateway.networking.k8s.io", versions: versions, shortNames: shortNames,
      categories: ["gateway-api"], isCustom: true, subresources: subresources)
  }

  /// All that are stored.
  static let all = [
    namespaces, pods, services, events, configMaps, serviceAccounts, deployments, replicaSets, endpointSlices,
    virtualServices, destinationRules, istioGateways, serviceEntries, peerAuthentications, httpRoutes, grpcRoutes,
    referenceGrants, rollouts, kustomizations,
  ]

  static func named(group: String, version: String, plural: String) -> ResourceType? {
    all.first { $0.plural == plural && $0.group == group && $0.versions.contains(version) }
  }
}
