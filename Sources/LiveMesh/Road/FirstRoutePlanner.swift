import IstioAPI
import JSON
import KubernetesAPI
import MeshModel

/// Makes the first routing of a Service, or takes it away again: whole objects, where other edits change fields.
struct FirstRoutePlanner: Sendable {
  let kubernetes: KubernetesClient
  /// The kind of the object that routes, in the version that the server serves.
  let type: ResourceType

  // MARK: - What the cluster knows

  /// The draft with what the objects of the cluster tell: a route of the Gateway API names ports, and a VirtualService
  /// the subsets of a DestinationRule.
  func completed(_ draft: ChangeDraft, _ first: FirstRoute) async throws(ChangeFailure) -> ChangeDraft {
    let whole =
      draft.route.resource.kind.isOfGatewayAPI
      ? try await withPorts(first) : try await withSubsets(first, in: draft.route.resource.namespace)
    return ChangeDraft(
      route: draft.route, match: draft.match, resourceVersion: draft.resourceVersion, edit: .firstRoute(whole, .making),
      undoes: draft.undoes, note: draft.note)
  }

  private func withPorts(_ first: FirstRoute) async throws(ChangeFailure) -> FirstRoute {
    if let stranger = first.split.destinations.first(where: { $0.subset != nil }) {
      throw .refused("the Gateway API knows no subsets, such as \(stranger): send to Services")
    }
    let node = Destination(host: first.host).node
    let service: Service
    do throws(KubernetesError) {
      service = try await kubernetes.get(Service.self, in: node.namespace, name: node.name)
    } catch { throw ChangeFailure(error) }
    let ports = service.ports.filter { $0.transport == "TCP" }.map(\.number)
    guard let port = first.port ?? (ports.count == 1 ? ports[0] : nil), ports.contains(port) else {
      let all = ports.map(String.init).joined(separator: ", ")
      throw .refused("Service \(node.name) has the ports \(all): say which one is to be routed")
    }
    let shares = first.split.shares.map { share in
      let destination = Destination(host: share.destination.host, port: share.destination.port ?? port)
      return TrafficSplit.Share(destination: destination, weight: share.weight)
    }
    return FirstRoute(host: first.host, port: port, split: TrafficSplit(shares))
  }

  private func withSubsets(_ first: FirstRoute, in namespace: String) async throws(ChangeFailure) -> FirstRoute {
    let wanted = first.split.destinations.filter { $0.host == first.host }.compactMap(\.subset)
    guard !wanted.isEmpty else { return first }
    let rules: [DestinationRule]
    do throws(KubernetesError) {
      rules = try await kubernetes.list(DestinationRule.self, as: ruleType, in: namespace)
    } catch { throw ChangeFailure(error) }
    let own = rules.filter { $0.fullHost == first.host }
    let missing = wanted.filter { name in !own.contains { $0.subsets.contains { $0.name == name } } }
    return FirstRoute(
      host: first.host, port: first.port, split: first.split, subsets: missing,
      destinationRule: missing.isEmpty ? nil : own.first?.name ?? Destination(host: first.host).service)
  }

  private var ruleType: ResourceType { .destinationRule.version(type.version) }

  // MARK: - What is written

  func plan(
    _ resource: ResourceID, _ first: FirstRoute, _ direction: Edit.Direction, of route: RouteID
  ) async throws(ChangeFailure) -> WritePlan {
    let there = try await read(type, resource.name, in: resource.namespace)
    switch (direction, there) {
    case (.making, _?): throw .refused("there is a \(resource) already: change that one")
    case (.making, nil):
      let key = ObjectKey(namespace: resource.namespace, name: resource.name)
      let write = ObjectWrite(type: type, key: key, action: .create(object(resource, first)))
      return WritePlan(uid: nil, match: "any", writes: try await subsets(first, in: resource.namespace) + [write])
    case (.removing, nil): throw .conflict(theirs: nil)
    case (.removing, let object?):
      let next = RouteID(resource: resource, section: route.section, rule: route.rule + 1)
      guard let rule = object.rule(route) else { throw .conflict(theirs: nil) }
      guard rule.split.sendsSameShares(as: first.split), object.rule(next) == nil else {
        throw .conflict(theirs: rule.split)
      }
      let write = ObjectWrite(type: type, key: object.object.key, action: .delete(object.object))
      return WritePlan(uid: object.object.uid, match: rule.match, writes: [write])
    }
  }

  private func read(
    _ type: ResourceType, _ name: String, in namespace: String
  ) async throws(ChangeFailure) -> RoutingObject? {
    do throws(KubernetesError) {
      return try await kubernetes.get(RoutingObject.self, as: type, in: namespace, name: name)
    } catch {
      if case .notFound = error { return nil }
      throw ChangeFailure(error)
    }
  }

  /// Subsets come before the route that names them: proxies answer with 503 for those that they do not know.
  private func subsets(_ first: FirstRoute, in namespace: String) async throws(ChangeFailure) -> [ObjectWrite] {
    guard let name = first.destinationRule, !first.subsets.isEmpty else { return [] }
    let key = ObjectKey(namespace: namespace, name: name)
    func defined(_ names: [String]) -> [JSONValue] {
      names.map { ["name": .string($0), "labels": ["version": .string($0)]] }
    }
    guard let there = try await read(ruleType, name, in: namespace)?.object else {
      let rule: JSONValue = [
        "apiVersion": .string(ruleType.apiVersion), "kind": .string(ruleType.kind),
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "spec": [
          "host": .string(Self.shortened(first.host, in: namespace)), "subsets": .array(defined(first.subsets)),
        ],
      ]
      return [ObjectWrite(type: ruleType, key: key, action: .create(rule))]
    }
    let known = DestinationRule(there).subsets.map(\.name)
    let missing = defined(first.subsets.filter { !known.contains($0) })
    guard !missing.isEmpty else { return [] }
    let place = JSONPointer(["spec", "subsets"])
    let version = JSONPatch.setting([], resourceVersion: there.resourceVersion).operations
    let additions: [JSONPatch.Operation] =
      there.json[place]?.array == nil
      ? [.add(place, .array(missing))] : missing.map { .add(place.appending("-"), $0) }
    return [ObjectWrite(type: ruleType, key: key, action: .patch(JSONPatch(version + additions), of: there))]
  }

  private func object(_ resource: ResourceID, _ first: FirstRoute) -> JSONValue {
    [
      "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
      "metadata": ["name": .string(resource.name), "namespace": .string(resource.namespace)],
      "spec": resource.kind.isOfGatewayAPI
        ? gatewaySpec(first, in: resource.namespace) : virtualServiceSpec(first, in: resource.namespace),
    ]
  }

  private func virtualServiceSpec(_ first: FirstRoute, in namespace: String) -> JSONValue {
    let routes = first.split.shares.map { share -> JSONValue in
      var destination: JSONValue = ["host": .string(Self.shortened(share.destination.host, in: namespace))]
      if let subset = share.destination.subset { destination["subset"] = .string(subset) }
      if let port = share.destination.port { destination["port"] = ["number": .int(port)] }
      return ["destination": destination, "weight": .int(share.weight.value)]
    }
    return ["hosts": [.string(Self.shortened(first.host, in: namespace))], "http": [["route": .array(routes)]]]
  }

  private func gatewaySpec(_ first: FirstRoute, in namespace: String) -> JSONValue {
    func reference(_ destination: Destination) -> JSONValue {
      let node = destination.node
      var reference: JSONValue = ["group": "", "kind": "Service", "name": .string(node.name)]
      if node.namespace != namespace { reference["namespace"] = .string(node.namespace) }
      if let port = destination.port { reference["port"] = .int(port) }
      return reference
    }
    let backends = first.split.shares.map { share -> JSONValue in
      var backend = reference(share.destination)
      backend["weight"] = .int(share.weight.value)
      return backend
    }
    return [
      "parentRefs": [reference(Destination(host: first.host, port: first.port))],
      "rules": [["backendRefs": .array(backends)]],
    ]
  }

  /// As a person would write it: a Service of the same namespace by its name alone.
  private static func shortened(_ host: String, in namespace: String) -> String {
    let service = Destination(host: host).service
    return resolvedHost(service, in: namespace) == host ? service : host
  }
}

extension ChangeDraft {
  /// What the server is asked to do with the route's object, as rights to it are named.
  var verb: String {
    switch edit {
    case .firstRoute(_, .making): "create"
    case .firstRoute(_, .removing): "delete"
    case .weights, .mirror, .canary, .controller: "patch"
    }
  }
}
