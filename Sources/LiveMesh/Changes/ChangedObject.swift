import IstioAPI
import JSON
import KubernetesAPI
import MeshModel

/// An object's state as far as a person's change of it can matter to requests: its spec, and those labels and
/// annotations that steer a mesh. Not the status, and nothing that a server or a controller keeps for itself.
struct ChangedObject {
  private let value: JSONValue

  init(_ object: KubernetesObject, of kind: WatchedKind) {
    var value: JSONValue = ["spec": kind.stating(object.json["spec"] ?? .null)]
    for member in ["labels", "annotations"] {
      let steering = object.metadata[member]?.object?.filter { Self.steers($0.key) } ?? []
      value[member] = .object(JSONObject(steering.map { ($0.key, $0.value) }))
    }
    self.value = value
  }

  /// Labels and annotations of Istio's own domains, and the health that a team wants to be measured by.
  static func steers(_ key: String) -> Bool {
    let domain = key.prefix { $0 != "/" }
    guard domain.count < key.count else { return false }
    return domain == "istio.io" || domain.hasSuffix(".istio.io") || key == "health.kiali.io/rate"
  }

  static func differences(from before: ChangedObject, to after: ChangedObject) -> [Difference] {
    Difference.all(from: before.value, to: after.value).map { difference in
      // The spec is what is meant where nothing else is said.
      guard difference.path.first == .member("spec") else { return difference }
      var inner = difference
      inner.path.removeFirst()
      return inner
    }
  }
}

extension WatchedKind {
  /// The spec with the weights that its destinations have without saying so: a lone destination takes all, and beside
  /// others one without a weight gets nothing (Istio) or 1 (Gateway API).
  fileprivate func stating(_ spec: JSONValue) -> JSONValue {
    switch self {
    case .virtualService:
      ["http", "tls", "tcp"].reduce(spec) { spec, layer in
        spec.mapping(layer) { $0.mapping("route") { entry, count in entry.weighing(count == 1 ? 100 : 0) } }
      }
    case .httpRoute, .grpcRoute:
      spec.mapping("rules") { $0.mapping("backendRefs") { entry, _ in entry.weighing(1) } }
    default: spec
    }
  }
}

extension JSONValue {
  fileprivate func mapping(_ list: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
    mapping(list) { element, _ in change(element) }
  }

  /// The elements of a list that is a member made others; with how many there are.
  fileprivate func mapping(_ list: String, _ change: (JSONValue, Int) -> JSONValue) -> JSONValue {
    guard case .object(var members) = self, let elements = members[list]?.array else { return self }
    members[list] = .array(elements.map { change($0, elements.count) })
    return .object(members)
  }

  fileprivate func weighing(_ weight: Int) -> JSONValue {
    guard case .object(var members) = self, members["weight"]?.isNull ?? true else { return self }
    members["weight"] = .int(weight)
    return .object(members)
  }
}
