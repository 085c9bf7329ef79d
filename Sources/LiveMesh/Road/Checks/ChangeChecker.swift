import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel

/// What was found about a change before it is written.
struct ChangeFindings: Equatable, Sendable {
  var checks: [ChangeCheck] = []
  var radius: BlastRadius?
  var reconcilers: [Reconciler] = []
}

/// Looks at everything that a change concerns, at once: what is followed anyway as it was seen last, the rest by one
/// request each.
struct ChangeChecker: Sendable {
  /// How long what is followed may take to be listed.
  private static let patience: Duration = .seconds(3)
  /// How long the figures of the rule are waited for: they can be done without.
  private static let patienceForTraffic: Duration = .milliseconds(1500)
  /// Of a change that sends to more, the rest is not looked at.
  private static let mostNamespaces = 4
  static let window: Duration = .seconds(60)

  let kubernetes: KubernetesClient
  let scope: Scope
  let watches: SharedWatches
  let traffic: TrafficWatch
  let networking: IstioNetworking
  let clock: MeshClock

  /// - Parameter isToRefuseAlone: leaves out what can only warn, for a change that is about to be written.
  func findings(_ draft: ChangeDraft, of type: ResourceType, isToRefuseAlone: Bool) async -> ChangeFindings {
    if case .controller(let action) = draft.edit { return await findings(action, draft) }
    guard !isToRefuseAlone else {
      let checks = ChangeChecks(draft, await essentials(of: draft, type), type: type).all
      return ChangeFindings(checks: checks.filter { $0.verdict == .refusal })
    }
    async let reconcilers = reconcilers(of: draft, type)
    let evidence = await evidence(for: draft, of: type)
    return ChangeFindings(
      checks: ChangeChecks(draft, evidence, type: type).all, radius: evidence.radius(of: draft),
      reconcilers: await reconcilers)
  }

  /// Of a controller's object there is only the right to write it.
  private func findings(_ action: ControllerAction, _ draft: ChangeDraft) async -> ChangeFindings {
    guard let type = ControllerKinds.type(of: action.object.kind) else { return ChangeFindings() }
    var evidence = ChangeEvidence(now: clock.now())
    evidence.permission = await permission(
      type, in: action.object.namespace, name: action.object.name, subresource: action.subresource)
    let check = ChangeChecks(draft, evidence, type: type).permission(
      to: "\(action.object)", in: action.object.namespace)
    return ChangeFindings(checks: [check], radius: evidence.radius(of: draft))
  }

  private func reconcilers(of draft: ChangeDraft, _ type: ResourceType) async -> [Reconciler] {
    let resource = draft.route.resource
    // What cannot be read is said by the dry run, which reads it too.
    let found: AnyResource? = try? await kubernetes.get(
      AnyResource.self, as: type, in: resource.namespace, name: resource.name)
    guard let object = found?.object else { return [] }
    return await ReconcilerFinder(kubernetes: kubernetes, served: networking.served).reconcilers(
      of: object, kind: type.kind)
  }

  /// What can refuse a change.
  private func essentials(of draft: ChangeDraft, _ type: ResourceType) async -> ChangeEvidence {
    let resource = draft.route.resource
    async let permission = permission(type, in: resource.namespace, name: resource.name, to: draft.verb)
    async let services = current(watches.services, "Services")
    async let rules = destinationRules(of: draft)
    async let pods = current(watches.pods, "Pods")
    async let gatewayRoutes = gatewayRoutes()
    async let grants = referenceGrants(for: draft)
    var evidence = ChangeEvidence(scope: scope, now: clock.now())
    evidence.permission = await permission
    evidence.services = await services
    (evidence.destinationRules, evidence.hasAllDestinationRules) = await rules
    evidence.gatewayRoutes = await gatewayRoutes
    evidence.referenceGrants = await grants
    evidence.pods = await pods.map { $0.filter { !$0.isFinished } }
    return evidence
  }

  private func evidence(for draft: ChangeDraft, of type: ResourceType) async -> ChangeEvidence {
    async let essentials = essentials(of: draft, type)
    async let virtualServices = current(watches.virtualServices, "VirtualServices")
    async let labels = namespaceLabels(of: draft)
    async let profiles = serviceProfiles(in: draft.route.resource.namespace)
    let traffic = await trafficSeen(of: draft.route)
    var evidence = await essentials
    evidence.virtualServices = await virtualServices
    evidence.namespaceLabels = await labels
    evidence.serviceProfiles = await profiles
    (evidence.traffic, evidence.edges, evidence.areLogsRead) = traffic
    return evidence
  }

  private func permission(
    _ type: ResourceType, in namespace: String, name: String, subresource: String? = nil, to verb: String = "patch"
  ) async -> ChangeEvidence.Look<AccessAnswer> {
    await asked("ask for the right to \(verb) \(type)") { () async throws(KubernetesError) in
      try await kubernetes.mayI(
        AccessQuestion(
          verb, type, subresource: subresource, in: namespace,
          // Who may make an object of a name cannot be told by the name (Kubernetes, "Referring to resources").
          name: verb == "create" ? nil : name))
    }
  }

  /// Those that are followed; where they do not define a subset that gets more, those of all namespaces.
  private func destinationRules(
    of draft: ChangeDraft
  ) async -> (rules: ChangeEvidence.Look<[DestinationRule]>, areAll: Bool) {
    let seen = await current(watches.destinationRules, "DestinationRules")
    guard scope != .allNamespaces, case .success(let rules) = seen else { return (seen, scope == .allNamespaces) }
    let isDefined = draft.edit.destinations.allSatisfy { destination in
      destination.subset.map { subset in
        rules.contains { $0.fullHost == destination.host && $0.subsets.contains { $0.name == subset } }
      } ?? true
    }
    if isDefined { return (seen, true) }
    guard let version = try? await networking.version() else { return (seen, false) }
    let all = await asked("list DestinationRules of all namespaces") { () async throws(KubernetesError) in
      try await kubernetes.list(DestinationRule.self, as: .destinationRule.version(version))
    }
    if case .success = all { return (all, true) }
    return (seen, false)
  }

  private func gatewayRoutes() async -> ChangeEvidence.Look<[AttachedRoute]> {
    async let http = current(watches.httpRoutes, "HTTPRoutes")
    async let grpc = current(watches.grpcRoutes, "GRPCRoutes")
    do {
      return .success(
        try await http.get().map { AttachedRoute($0, kind: .httpRoute) }
          + (try await grpc.get().map { AttachedRoute($0, kind: .grpcRoute) }))
    } catch {
      return .failure(error)
    }
  }

  private func referenceGrants(for draft: ChangeDraft) async -> ChangeEvidence.Look<[ReferenceGrant]> {
    let resource = draft.route.resource
    let others = Set(draft.edit.destinations.map(\.node).filter { $0.kind == .service }.map(\.namespace))
      .subtracting([resource.namespace])
    guard resource.kind.isOfGatewayAPI else { return .success([]) }
    var grants: [ReferenceGrant] = []
    for namespace in others.sorted().prefix(Self.mostNamespaces) {
      let found = await asked("list ReferenceGrants of \(namespace)") { () async throws(KubernetesError) in
        try await kubernetes.list(ReferenceGrant.self, in: namespace)
      }
      switch found {
      case .success(let all): grants += all
      case .failure(let trouble): return .failure(trouble)
      }
    }
    return .success(grants)
  }

  private func namespaceLabels(of draft: ChangeDraft) async -> ChangeEvidence.Look<[String: [String: String]]> {
    let nodes = draft.edit.destinations.map(\.node).filter { $0.kind == .service }
    var labels: [String: [String: String]] = [:]
    for name in Set(nodes.map(\.namespace)).sorted().prefix(Self.mostNamespaces) {
      let namespace = await asked("read the namespace \(name)") { () async throws(KubernetesError) in
        try await kubernetes.get(AnyResource.self, as: .namespace, name: name)
      }
      switch namespace {
      case .success(let found): labels[name] = found.labels
      case .failure(let trouble): return .failure(trouble)
      }
    }
    return .success(labels)
  }

  private func serviceProfiles(in namespace: String) async -> ChangeEvidence.Look<[ServiceProfile]> {
    do throws(Trouble) {
      guard try await networking.served.versions(of: ServiceProfile.type.group).contains(ServiceProfile.type.version)
      else {
        return .success([])
      }
    } catch {
      return .failure(error)
    }
    return await asked("list ServiceProfiles") { () async throws(KubernetesError) in
      try await kubernetes.list(ServiceProfile.self, in: namespace)
    }
  }

  /// Everything of a kind that is followed, as soon as it is listed.
  private func current<Resource: KubernetesResource>(
    _ watch: Hub<Watched<Resource>>, _ name: String
  ) async -> ChangeEvidence.Look<[Resource]> {
    let deadline = clock.now() + Self.patience
    watch.start()
    while true {
      if let watched = watch.newest, watched.isComplete { return .success(watched.sorted) }
      if let trouble = watch.trouble { return .failure(trouble) }
      switch watch.newest?.phase {
      case .behind(let reason, _): return .failure(Trouble(reason, doing: "list \(name)"))
      case .notServed: return .success([])
      case .loading, .live, nil: break
      }
      guard clock.now() < deadline, !Task.isCancelled else {
        return .failure(Trouble(.unreachable, "the list of \(name) has not come"))
      }
      await clock.sleep(.milliseconds(20))
    }
  }

  /// What has been seen of the rule's requests. A log takes a moment to be read: one that has just been opened is waited
  /// for, as long as it tells nothing of the rule.
  private func trafficSeen(
    of route: RouteID
  ) async -> (traffic: TrafficSample, edges: EdgeSample, areLogsRead: Bool) {
    let deadline = (traffic.began ?? clock.now()) + Self.patienceForTraffic
    while true {
      let (sample, areRead) = (traffic.sample(over: Self.window), traffic.hasReadLogs)
      let isSeen = sample.routes[route]?.destinations.values.contains { figures in
        figures.requests > 0 || figures.history.contains { $0.requests > 0 }
      }
      if areRead && isSeen == true || clock.now() >= deadline || Task.isCancelled {
        return (sample, traffic.edges(over: Self.window), areRead)
      }
      await clock.sleep(.milliseconds(20))
    }
  }

  private func asked<Answer: Sendable>(
    _ what: String, _ ask: @Sendable () async throws(KubernetesError) -> Answer
  ) async -> ChangeEvidence.Look<Answer> {
    do throws(KubernetesError) { return .success(try await ask()) } catch {
      return .failure(Trouble(error, doing: what))
    }
  }
}
