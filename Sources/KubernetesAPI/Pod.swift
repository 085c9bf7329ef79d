import JSON

public struct Pod: KubernetesResource {
  public static let type = ResourceType.pod
  /// What a container is given, rather than what it is.
  public static let bulk: Set<String> = [
    "env", "envFrom", "volumes", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe",
    "lifecycle", "resources", "allocatedResources", "securityContext", "tolerations", "affinity",
    "topologySpreadConstraints", "args", "command",
  ]
  public let object: KubernetesObject

  public init(_ object: KubernetesObject) { self.object = object }

  private var spec: JSONValue? { json["spec"] }
  private var status: JSONValue? { json["status"] }

  /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
  public var phase: String { status?["phase"]?.string ?? "Unknown" }
  public var ip: String? { status?["podIP"]?.string }
  public var node: String? { spec?["nodeName"]?.string }
  public var serviceAccount: String? { spec?["serviceAccountName"]?.string }
  public var isBeingDeleted: Bool { object.deletionTimestamp != nil }

  /// The condition `Ready`: what decides whether a Service sends requests to it.
  public var isReady: Bool { condition("Ready")?.isTrue ?? false }

  public func condition(_ type: String) -> Condition? {
    (status?["conditions"]?.array ?? []).first { $0["type"]?.string == type }.map(Condition.init)
  }

  /// The containers that run for as long as the pod does: those of `containers`, and init containers with the restart
  /// policy `Always`, as which Istio injects its proxy.
  public var containers: [Container] {
    let states = (status?["containerStatuses"]?.array ?? []) + (status?["initContainerStatuses"]?.array ?? [])
    let sidecars = (spec?["initContainers"]?.array ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    return (sidecars.map { ($0, true) } + (spec?["containers"]?.array ?? []).map { ($0, false) })
      .compactMap { container, isSidecar in
        guard let name = container["name"]?.string else { return nil }
        let state = states.first { $0["name"]?.string == name }
        return Container(
          name: name, image: container["image"]?.string ?? "", isSidecar: isSidecar,
          isReady: state?["ready"]?.bool ?? false, restarts: state?["restartCount"]?.int ?? 0,
          waitingReason: state?["state"]?["waiting"]?["reason"]?.string)
      }
  }

  public func container(_ name: String) -> Container? { containers.first { $0.name == name } }

  public struct Container: Hashable, Sendable {
    public let name: String
    public let image: String
    public let isSidecar: Bool
    public let isReady: Bool
    public let restarts: Int
    /// Why it does not run, as `CrashLoopBackOff`.
    public let waitingReason: String?
  }
}

/// An entry of `status.conditions`.
public struct Condition: Hashable, Sendable {
  public let type: String
  public let isTrue: Bool
  public let reason: String?
  public let message: String?
  /// RFC 3339.
  public let lastTransitionTime: String?

  init(_ json: JSONValue) {
    type = json["type"]?.string ?? ""
    isTrue = json["status"]?.string == "True"
    reason = json["reason"]?.string
    message = json["message"]?.string
    lastTransitionTime = json["lastTransitionTime"]?.string
  }
}
