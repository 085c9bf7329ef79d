public import JSON
public import KubernetesAPI

/// Where requests go by the Gateway API (gateway.networking.k8s.io): what HTTPRoute and GRPCRoute have in common.
public protocol GatewayRoute: KubernetesResource {
  /// One of the entries of a rule's `matches`.
  static func match(_ json: JSONValue) -> GatewayMatch
}

public struct HTTPRoute: GatewayRoute {
  public static let type = ResourceType.httpRoute
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  public static func match(_ json: JSONValue) -> GatewayMatch { GatewayMatch(http: json) }
}

public struct GRPCRoute: GatewayRoute {
  public static let type = ResourceType.grpcRoute
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  public static func match(_ json: JSONValue) -> GatewayMatch { GatewayMatch(grpc: json) }
}

extension GatewayRoute {
  /// What the route is attached to: Services (the mesh's callers of them follow it) and Gateways.
  public var parents: [GatewayReference] {
    (json["spec"]?["parentRefs"]?.array ?? []).map {
      GatewayReference($0, in: namespace, group: "gateway.networking.k8s.io", kind: "Gateway")
    }
  }

  /// As written; they narrow what Gateways pass on, and say nothing to callers of Services.
  public var hostnames: [String] { (json["spec"]?["hostnames"]?.array ?? []).compactMap(\.string) }

  /// In the order of the resource. Which of them takes a request is decided by how much its match says, not by order.
  public var rules: [GatewayRule] {
    (json["spec"]?["rules"]?.array ?? []).enumerated().map { index, rule in
      GatewayRule(rule, at: index, in: namespace, matches: (rule["matches"]?.array ?? []).map(Self.match))
    }
  }

  public func rule(_ index: Int) -> GatewayRule? { rules.first { $0.index == index } }

  /// What controllers say of the route's parents that is not as it should be: those of the newest generation.
  public var complaints: [Complaint] {
    (json["status"]?["parents"]?.array ?? []).flatMap { parent in
      (parent["conditions"]?.array ?? []).compactMap { condition -> Complaint? in
        guard condition["status"]?.string == "False", let type = condition["type"]?.string,
          ["Accepted", "ResolvedRefs"].contains(type),
          condition["observedGeneration"]?.int == object.generation
        else { return nil }
        return Complaint(
          condition: type, reason: condition["reason"]?.string ?? "", message: condition["message"]?.string ?? "")
      }
    }
  }
}

/// A condition of a route's status that is `False`.
public struct Complaint: Hashable, Sendable {
  /// `Accepted` or `ResolvedRefs`.
  public let condition: String
  /// In one word: `NoMatchingParent`, `BackendNotFound`.
  public let reason: String
  public let message: String
}

/// What a route names: a parent, or where requests go.
public struct GatewayReference: Hashable, Sendable {
  /// Empty for the core group, where Services are.
  public let group: String
  public let kind: String
  public let namespace: String
  public let name: String
  /// `nil` means all ports of a parent.
  public let port: Int?

  init(_ json: JSONValue?, in namespace: String, group: String, kind: String) {
    let named = json?["group"]?.string
    self.group = named == "core" ? "" : named ?? group
    self.kind = json?["kind"]?.string ?? kind
    self.namespace = json?["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? namespace
    name = json?["name"]?.string ?? ""
    port = json?["port"]?.int
  }

  public var isService: Bool { group.isEmpty && kind == "Service" }

  /// The host of a Service, fully qualified; of what else proxies can send to (Istio's `Hostname`) and of kinds that
  /// this does not know, the name as it stands.
  public var host: String { isService ? "\(name).\(namespace).svc.cluster.local" : name }
}
