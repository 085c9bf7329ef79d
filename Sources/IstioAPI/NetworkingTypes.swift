public import KubernetesAPI

extension ResourceType {
  public static let virtualService = istioNetworking("VirtualService", "virtualservices")
  public static let destinationRule = istioNetworking("DestinationRule", "destinationrules")

  private static func istioNetworking(_ kind: String, _ plural: String) -> ResourceType {
    ResourceType(group: "networking.istio.io", version: "v1", kind: kind, plural: plural)
  }
}

extension ResourceType {
  /// The versions of Istio's networking API that this reads, newest first. All of them hold the same objects.
  public static let istioNetworkingVersions = ["v1", "v1beta1", "v1alpha3"]
}

/// A host as Istio takes it out of a resource: a name without a dot is a service of the resource's namespace, anything
/// else (dotted, wildcard, address) stays as it is. (pilot/pkg/model, `ResolveShortnameToFQDN`.)
public func resolvedHost(_ host: String, in namespace: String, domain: String = "cluster.local") -> String {
  guard !host.isEmpty, host != "*", !host.contains("."), !host.contains(":") else { return host }
  return "\(host).\(namespace).svc.\(domain)"
}
