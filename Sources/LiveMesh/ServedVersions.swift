import IstioAPI
import KubernetesAPI
import MeshModel

/// Which versions of API groups the server serves. What is installed is asked once a group, however many want to know;
/// what is not may be by the next time.
actor ServedVersions {
  private let kubernetes: KubernetesClient
  private var answers: [String: Task<Result<[String], KubernetesError>, Never>] = [:]

  init(_ kubernetes: KubernetesClient) { self.kubernetes = kubernetes }

  /// The one that the server prefers first; empty where the group is not installed.
  func versions(of group: String) async throws(Trouble) -> [String] {
    let asking =
      answers[group]
      ?? Task { [kubernetes] in
        do throws(KubernetesError) { return .success(try await kubernetes.servedVersions(of: group)) } catch {
          return .failure(error)
        }
      }
    answers[group] = asking
    switch await asking.value {
    case .success(let versions):
      if versions.isEmpty { answers[group] = nil }
      return versions
    case .failure(let error):
      answers[group] = nil
      throw Trouble(error, doing: "ask for the API group \(group)")
    }
  }
}

/// Which version of Istio's networking API to use.
struct IstioNetworking: Sendable {
  static let missing = Trouble(
    .misconfigured, "Istio's VirtualServices are not installed in this cluster",
    remedy: "is this the right context?")

  let served: ServedVersions

  init(_ kubernetes: KubernetesClient) { served = ServedVersions(kubernetes) }

  /// The newest that the server serves and this reads.
  func version() async throws(Trouble) -> String {
    let served = try await self.served.versions(of: ResourceType.virtualService.group)
    guard let version = ResourceType.istioNetworkingVersions.first(where: served.contains) else { throw Self.missing }
    return version
  }
}
