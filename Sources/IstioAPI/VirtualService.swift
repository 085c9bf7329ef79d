import JSON
public import KubernetesAPI

/// Where requests to some hosts go (networking.istio.io).
public struct VirtualService: KubernetesResource {
  public static let type = ResourceType.virtualService
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  private var spec: JSONValue? { json["spec"] }

  /// As written; `fullHosts` are resolved.
  public var hosts: [String] { texts(spec?["hosts"]) }
  public var fullHosts: [String] { hosts.map { resolvedHost($0, in: namespace) } }
  /// As written; `mesh` stands for all sidecars, and alone where none is named.
  public var gateways: [String] {
    let named = texts(spec?["gateways"])
    return named.isEmpty ? ["mesh"] : named
  }

  /// True for one that only serves as a part of others: it has no hosts.
  public var isDelegate: Bool { hosts.isEmpty }

  /// All rules: HTTP, then TLS, then TCP, each in the order in which they are tried.
  public var rules: [RouteRule] {
    RouteRule.Layer.allCases.flatMap { layer in
      (spec?[layer.rawValue]?.array ?? []).enumerated().map { index, rule in
        RouteRule(rule, at: RuleID(layer: layer, index: index), in: namespace)
      }
    }
  }

  public func rule(_ id: RuleID) -> RouteRule? { rules.first { $0.id == id } }
}

/// The place of a rule in its VirtualService.
public struct RuleID: Hashable, Sendable, CustomStringConvertible {
  public let layer: RouteRule.Layer
  /// Counted from 0 among the rules of its layer.
  public let index: Int

  public init(layer: RouteRule.Layer, index: Int) {
    self.layer = layer
    self.index = index
  }

  public var description: String { "\(layer.rawValue)[\(index)]" }
}

/// One rule of a VirtualService.
public struct RouteRule: Equatable, Sendable {
  /// Raw values are the keys under `spec`.
  public enum Layer: String, Hashable, Sendable, CaseIterable { case http, tls, tcp }

  public enum Action: Equatable, Sendable {
    /// Shares of the requests; a lone destination takes all, whatever its weight.
    case route([WeightedDestination])
    /// For a person: `301 → https://new.example.com/`.
    case redirect(String)
    case respond(status: Int)
    /// Other rules take over: those of this VirtualService.
    case delegate(ObjectKey)
    /// Says nothing of where to go, which Istio refuses but an old object may hold.
    case nothing
  }

  public let id: RuleID
  /// Shows as the route's name in access logs.
  public let name: String?
  /// Any one of them is enough; none means all requests. In their order: Envoy has a route for each.
  public let matches: [RouteMatch]
  public let action: Action
  /// Where copies of requests go; their answers are dropped.
  public let mirrors: [Mirror]
  /// The authority that its requests go on with, and that access logs show; `nil` where they keep their own.
  public let rewrittenAuthority: String?
  /// What it does to requests on purpose, for a person: `10 % abort 503`.
  public let fault: String?
  /// As written: `2s`.
  public let timeout: String?
  public let retryAttempts: Int?

  public struct Mirror: Equatable, Sendable {
    public let destination: IstioDestination
    /// Of 100.
    public let percent: Double
  }

  public var destinations: [WeightedDestination] { if case .route(let all) = action { all } else { [] } }

  /// What it takes, for a person: `/productpage or /static*`; `all requests` where it takes all.
  public var matchSummary: String {
    matches.isEmpty ? "all requests" : matches.map(\.description).joined(separator: " or ")
  }
}

/// Where a request can go.
public struct IstioDestination: Hashable, Sendable, CustomStringConvertible {
  /// As written.
  public let host: String
  /// Resolved by the namespace of the resource.
  public let fullHost: String
  public let subset: String?
  /// `nil` takes the port of the request.
  public let port: Int?

  init(_ json: JSONValue?, in namespace: String) {
    host = json?["host"]?.string ?? ""
    fullHost = resolvedHost(host, in: namespace)
    subset = json?["subset"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    port = json?["port"]?["number"]?.int
  }

  public var description: String { host + (subset.map { "/\($0)" } ?? "") }
}

public struct WeightedDestination: Equatable, Sendable {
  public let destination: IstioDestination
  /// As written; `nil` where it is not. Istio takes an absent weight as 0 next to others.
  public let weight: Int?
}

extension RouteRule {
  fileprivate init(_ json: JSONValue, at id: RuleID, in namespace: String) {
    self.id = id
    name = json["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    matches = (json["match"]?.array ?? []).map { RouteMatch($0) }
    action = Action(json, in: namespace)
    rewrittenAuthority = json["rewrite"]?["authority"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    fault = Self.fault(json["fault"])
    timeout = json["timeout"]?.string
    retryAttempts = json["retries"]?["attempts"]?.int
    let single = json["mirror"].flatMap { $0.isNull ? nil : $0 }
    let percent =
      json["mirrorPercentage"]?["value"]?.double ?? json["mirrorPercent"]?.double ?? json["mirror_percent"]?.double
      ?? 100
    mirrors =
      (single.map { [Mirror(destination: IstioDestination($0, in: namespace), percent: percent)] } ?? [])
      + (json["mirrors"]?.array ?? []).map {
        Mirror(
          destination: IstioDestination($0["destination"], in: namespace),
          percent: $0["percentage"]?["value"]?.double ?? 100)
      }
  }
}

extension RouteRule {
  fileprivate static func fault(_ json: JSONValue?) -> String? {
    func percent(_ part: JSONValue?) -> String {
      let share = part?["percentage"]?["value"]?.double ?? part?["percent"]?.double ?? 0
      return share == share.rounded() && abs(share) <= 100 ? "\(Int(share)) %" : "\(share) %"
    }
    let abort = json?["abort"].flatMap { abort -> String? in
      guard abort.object != nil else { return nil }
      let what = abort["httpStatus"]?.int.map(String.init) ?? abort["grpcStatus"]?.string ?? ""
      return "\(percent(abort)) abort \(what)"
    }
    let delay = json?["delay"].flatMap { delay -> String? in
      delay.object == nil ? nil : "\(percent(delay)) delay \(delay["fixedDelay"]?.string ?? "")"
    }
    let parts = [abort, delay].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension RouteRule.Action {
  fileprivate init(_ json: JSONValue, in namespace: String) {
    if let redirect = json["redirect"], redirect.object != nil {
      let scheme = redirect["scheme"]?.string.map { "\($0)://" } ?? ""
      let target = scheme + (redirect["authority"]?.string ?? "") + (redirect["uri"]?.string ?? "")
      self = .redirect("\(redirect["redirectCode"]?.int ?? 301) → \(target.isEmpty ? "the same place" : target)")
    } else if let response = json["directResponse"], response.object != nil {
      self = .respond(status: response["status"]?.int ?? 200)
    } else if let delegate = json["delegate"], let name = delegate["name"]?.string {
      self = .delegate(ObjectKey(namespace: delegate["namespace"]?.string ?? namespace, name: name))
    } else if let route = json["route"]?.array, !route.isEmpty {
      self = .route(
        route.map {
          WeightedDestination(
            destination: IstioDestination($0["destination"], in: namespace), weight: $0["weight"]?.int)
        })
    } else {
      self = .nothing
    }
  }
}

func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
