import GatewayAPI
import IstioAPI
import KubernetesAPI
import MeshModel

/// The kinds of a scope that more than one reader follows: each is watched once, and not before somebody reads it.
final class SharedWatches: Sendable {
  let virtualServices: Hub<Watched<VirtualService>>
  let destinationRules: Hub<Watched<DestinationRule>>
  let httpRoutes: Hub<Watched<HTTPRoute>>
  let grpcRoutes: Hub<Watched<GRPCRoute>>
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
    func all<Resource: KubernetesResource>(keepsFieldOwners: Bool = false) -> Hub<Watched<Resource>> {
      Hub { hub in
        let all = kubernetes.watch(Resource.self, in: scope.namespace, keepsFieldOwners: keepsFieldOwners)
        for await watched in all { hub.publish(watched) }
      }
    }
    httpRoutes = all(keepsFieldOwners: true)
    grpcRoutes = all(keepsFieldOwners: true)
    services = all()
    pods = all()
  }

  func close() {
    virtualServices.close()
    destinationRules.close()
    httpRoutes.close()
    grpcRoutes.close()
    services.close()
    pods.close()
  }
}

extension Scope {
  /// As the API takes it: `nil` for all.
  var namespace: String? { if case .namespace(let name) = self { name } else { nil } }
}
