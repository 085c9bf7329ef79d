internal import Glibc
internal import JSON

/// The sandbox's cluster: its objects, and who changes them besides the API's clients.
struct Cluster: Sendable {
  let objects = ObjectStore()

  /// Puts objects there as the one who would have made them: controllers make pods and endpoints, people the rest.
  func add(_ list: [JSONValue]) throws(SandboxError) {
    for json in list {
      let object = APIObject(json)
      let type = try type(of: object)
      let controllers = ["Pod", "EndpointSlice", "Namespace"]
      let manager = controllers.contains(object.kind) ? "kube-controller-manager" : "kubectl-client-side-apply"
      do throws(APIFailure) {
        _ = try writer(type, object.apiVersion, manager).create(object, isTrusted: true)
      } catch {
        throw SandboxError("the sandbox's \(object.kind) \(object.name) is not valid: \(error)")
      }
    }
  }

  /// Changes one object as somebody with a field manager of his own.
  func edit(
    _ type: ResourceType, _ name: String, in namespace: String, by manager: String, subresource: String? = nil,
    change: (JSONValue) -> JSONValue
  ) throws(SandboxError) {
    do throws(APIFailure) {
      _ = try writer(type, type.apiVersion, manager, subresource).update(APIObject.Key(name, in: namespace)) { object in
        APIObject(change(object.json))
      }
    } catch {
      throw SandboxError("\(manager) could not change \(type.singular) \(name): \(error)")
    }
  }

  /// What the control plane goes by.
  var meshObjects: MeshObjects {
    func all(_ type: ResourceType) -> [JSONValue] { objects.objects(type).objects.map(\.json) }
    return MeshObjects(
      services: all(.services), endpointSlices: all(.endpointSlices), pods: all(.pods),
      virtualServices: all(.virtualServices), destinationRules: all(.destinationRules), gateways: all(.istioGateways),
      peerAuthentications: all(.peerAuthentications), httpRoutes: all(.httpRoutes), grpcRoutes: all(.grpcRoutes))
  }

  /// The image of a Deployment's first container.
  func image(of workload: String, in namespace: String) -> String? {
    let deployment = objects.object(.deployments, APIObject.Key(workload, in: namespace))?.json
    return deployment?.at("spec", "template", "spec", "containers")?.array?.first?["image"]?.string
  }

  private func writer(
    _ type: ResourceType, _ apiVersion: String, _ manager: String, _ subresource: String? = nil
  ) -> ObjectWriter {
    ObjectWriter(
      store: objects, type: type,
      author: ManagedFields.Author(manager: manager, apiVersion: apiVersion, time: .now, subresource: subresource))
  }

  private func type(of object: APIObject) throws(SandboxError) -> ResourceType {
    let found = ResourceType.all.first { type in
      type.kind == object.kind && type.versions.contains { type.apiVersion(of: $0) == object.apiVersion }
    }
    guard let found else { throw SandboxError("the API stand-in knows no \(object.kind) of \(object.apiVersion)") }
    return found
  }
}

/// The log of each pod's proxy, and a file of its own for each application.
struct MeshLogs: LogSource {
  let folder: String
  let pods: [MeshPod]

  func logFile(ofContainer container: String, inPod pod: String, namespace: String) async -> String? {
    guard let pod = pods.first(where: { $0.name == pod && $0.namespace == namespace }) else { return nil }
    return container == "istio-proxy" ? pod.files(in: folder).log : pod.files(in: folder).applicationLog
  }

  /// Begins a proxy's log anew when it has grown large, as a kubelet would rotate it. Runs until the task is cancelled.
  func keepSmall(limit: Int = 32 << 20) async {
    while (try? await Task.sleep(for: .seconds(5))) != nil {
      for pod in pods {
        let log = pod.files(in: folder).log
        if FileText.size(of: log) > limit { truncate(log, 0) }  // proxies append, so that they go on at its beginning
      }
    }
  }
}
