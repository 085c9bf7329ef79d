internal import JSON

/// All that the control plane gives one proxy: a pure function of the API's objects.
struct ProxyConfiguration: Equatable, Sendable {
  var clusters: [JSONValue]
  var listeners: [JSONValue]
  /// By name, in order.
  var routes: [JSONValue]

  /// Without an identity the proxy speaks plaintext only.
  init(_ objects: MeshObjects, for pod: MeshPod, files: ProxyFiles, identity: WorkloadIdentity? = nil) {
    var objects = objects
    // A sidecar sees its own namespace, as if a Sidecar resource had `egress: ["./*"]`: each port costs a file watch.
    if pod.role == .sidecar { objects.services.removeAll { $0.namespace != pod.namespace } }
    let registry = ServiceRegistry(objects)
    let security = identity.map { MutualTLS(identity: $0) }
    clusters =
      ClusterTranslation(
        registry: registry, destinationRules: objects.destinationRules, pod: pod, security: security
      ).clusters
    let translation = RouteTranslation(objects, registry: registry, for: pod)
    let listener = ListenerTranslation(
      pod: pod, files: files, security: security,
      mode: MutualTLS.Mode(for: pod, by: objects.peerAuthentications))
    switch pod.role {
    case .sidecar:
      routes = registry.httpPorts.map(translation.outbound)
      let bytes = ByteTranslation(registry: registry, virtualServices: translation.virtualServices, pod: pod)
      listeners = registry.httpPorts.map(listener.outbound) + bytes.listeners + [listener.inbound]
    case .router:
      routes = translation.gatewayPorts.map(translation.gateway)
      listeners = translation.gatewayPorts.map(listener.gateway)
    }
  }
}
