import IstioAPI
import KubernetesAPI
import MeshModel

/// The kinds of a scope that more than one reader follows: each is watched once, and not before somebody reads it.
final class SharedWatches: Sendable {
  let virtualServices: Hub<Watched<VirtualService>>
  let destinationRules: Hub<Watched<DestinationRule>>
  let services: Hub<Watched<Service>>
  let pods: Hub<Watched<Pod>>

  init(_ kubernetes: KubernetesClient, networking: IstioNetworking, in scope: Scope, clock: MeshClock) {
    func routing<Resource: KubernetesResource>(keepsFieldOwners: Bool = false) -> Hub<Watched<Resource>> {
      Hub { hub in
        var pause = Duration.milliseconds(500)
        while !Task.isCancelled {
          do throws(Trouble) {
            let type = Resource.type.version(try await networking.version())
            let all = kubernetes.watch(
              Resource.self, as: type, in: scope.namespace, keepsFieldOwners: keepsFieldOwners)
            for await watched in all { hub.publish(watched) }
          } catch {
            hub.publish(error)
            await clock.sleep(pause)
            pause = min(pause * 2, .seconds(30))
          }
        }
      }
    }
    virtualServices = routing(keepsFieldOwners: true)
    destinationRules = routing()
    services = Hub { hub in
      for await watched in kubernetes.watch(Service.self, in: scope.namespace) { hub.publish(watched) }
    }
    pods = Hub { hub in
      for await watched in kubernetes.watch(Pod.self, in: scope.namespace) { hub.publish(watched) }
    }
  }

  func close() {
    virtualServices.close()
    destinationRules.close()
    services.close()
    pods.close()
  }
}

extension Scope {
  /// As the API takes it: `nil` for all.
  var namespace: String? { if case .namespace(let name) = self { name } else { nil } }
}
