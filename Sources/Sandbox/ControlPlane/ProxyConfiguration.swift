internal import JSON

/// All that the control plane gives one proxy: a pure function of the API's objects.
struct ProxyConfiguration: Equatable, Sendable {
  var clusters: [JSONValue]
  var listeners: [JSONValue]
  /// By name, in order.
  var routes: [JSONValue]

  init(_ objects: MeshObjects, for pod: MeshPod, files: ProxyFiles) {
    var objects = objects
    // A sidecar sees its own namespace, as if a Sidecar resource had `egress: ["./*"]`: each port costs a file watch.
    if pod.role == .sidecar { objects.services.removeAll { $0.namespace != pod.namespace } }
    let registry = ServiceRegistry(objects)
    clusters = ClusterTranslation(registry: registry, destinationRules: objects.destinationRules, pod: pod).clusters
    let translation = RouteTranslation(objects, registry: registry, for: pod)
    let listener = ListenerTranslation(pod: pod, files: files)
    switch pod.role {
    case .sidecar:
      routes = registry.httpPorts.map(translation.outbound)
      listeners = registry.httpPorts.map(listener.outbound) + [listener.inbound]
    case .router:
      routes = translation.gatewayPorts.map(translation.gateway)
      listeners = translation.gatewayPorts.map(listener.gateway)
    }
  }
}
