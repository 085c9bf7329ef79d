public import KubernetesAPI

extension ResourceType {
  public static let httpRoute = gatewayAPI("HTTPRoute", "httproutes")
  public static let grpcRoute = gatewayAPI("GRPCRoute", "grpcroutes")
  public static let referenceGrant = gatewayAPI("ReferenceGrant", "referencegrants")

  /// The versions of the Gateway API's kinds that this reads, newest first. All of them hold the same objects; a group
  /// that serves one of them may lack a kind in it.
  public static let gatewayAPIVersions = ["v1", "v1beta1", "v1alpha2"]

  private static func gatewayAPI(_ kind: String, _ plural: String) -> ResourceType {
    ResourceType(group: "gateway.networking.k8s.io", version: "v1", kind: kind, plural: plural)
  }
}
