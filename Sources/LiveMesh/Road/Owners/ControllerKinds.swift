import JSON
import KubernetesAPI
import MeshModel

/// The kinds by which controllers are told what to do, and what of them says whether they put something back.
enum ControllerKinds {
  /// Argo CD's Application, and Argo Rollouts' Rollout (argoproj.io/v1alpha1).
  static let application = ResourceType(
    group: "argoproj.io", version: "v1alpha1", kind: "Application", plural: "applications")
  static let rollout = ResourceType(group: "argoproj.io", version: "v1alpha1", kind: "Rollout", plural: "rollouts")
  static let kustomization = ResourceType(
    group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization", plural: "kustomizations")
  static let helmRelease = ResourceType(
    group: "helm.toolkit.fluxcd.io", version: "v2", kind: "HelmRelease", plural: "helmreleases")
  static let canary = ResourceType(group: "flagger.app", version: "v1beta1", kind: "Canary", plural: "canaries")

  /// Those that take an action.
  static func type(of kind: String) -> ResourceType? {
    [rollout, kustomization, helmRelease, canary].first { $0.kind == kind }
  }
}

/// A Rollout (Argo Rollouts, `trafficRouting.istio`).
struct ArgoRollout {
  let json: JSONValue

  /// By somebody's hand.
  var isPaused: Bool { json["spec"]?["paused"]?.bool ?? false }
  /// At a step that waits to be promoted.
  var waits: Bool { json["status"]?["pauseConditions"]?.array?.isEmpty == false }

  /// Whether it moves the weights of a VirtualService of its namespace.
  func routes(_ name: String, in namespace: String) -> Bool {
    let istio = json["spec"]?["strategy"]?["canary"]?["trafficRouting"]?["istio"]
    let one = istio?["virtualService"]?["name"]?.string
    let several = (istio?["virtualServices"]?.array ?? []).compactMap { $0["name"]?.string }
    return ([one].compactMap { $0 } + several).contains { $0 == name || $0 == "\(name).\(namespace)" }
  }

  /// Whether it moves the weights of an HTTPRoute (the plugin for the Gateway API).
  func routes(httpRoute name: String) -> Bool {
    let plugin = json["spec"]?["strategy"]?["canary"]?["trafficRouting"]?["plugins"]?["argoproj-labs/gatewayAPI"]
    let several = (plugin?["httpRoutes"]?.array ?? []).compactMap { $0["name"]?.string }
    return ([plugin?["httpRoute"]?.string].compactMap { $0 } + several).contains(name)
  }
}

extension Duration {
  /// As Go writes it (`time.Duration.String`): `10m0s`, `1h`, `30s`, `500ms`; at most a year.
  init?(go text: String) {
    let units: [(String, Double)] = [("ms", 0.001), ("h", 3600), ("m", 60), ("s", 1)]
    var rest = text[...]
    var seconds = 0.0
    guard !rest.isEmpty, rest.utf8.count <= 64 else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      guard let value = Double(number), let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
      seconds += value * unit.1
      rest = rest.dropFirst(unit.0.count)
    }
    guard seconds.isFinite, (0...31_622_400).contains(seconds) else { return nil }
    self = .milliseconds(Int64(seconds * 1000))
  }
}
