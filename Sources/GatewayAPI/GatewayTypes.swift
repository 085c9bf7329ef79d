public import KubernetesAPI

extension ResourceType {
  public static let httpRoute = gatewayAPI("HTTPRoute", "httproutes")
  public static let grpcRoute = gatewayAPI("GRPCRoute", "grpcroutes")
  /// In the version that all releases of the Gateway API serve since 0.6.
  public static let referenceGrant = gatewayAPI("ReferenceGrant", "referencegrants").version("v1beta1")

  private static func gatewayAPI(_ kind: String, _ plural: String) -> ResourceType {
    ResourceType(group: "gateway.networking.k8s.io", version: "v1", kind: kind, plural: plural)
  }
}
