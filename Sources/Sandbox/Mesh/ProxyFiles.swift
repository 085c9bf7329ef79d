/// The files of one proxy: each pod has a folder of its own in the sandbox's.
struct ProxyFiles: Sendable {
  let folder: String

  var bootstrap: String { "\(folder)/bootstrap.json" }
  var listeners: String { "\(folder)/lds.json" }
  var clusters: String { "\(folder)/cds.json" }
  func routes(_ name: String) -> String { "\(folder)/rds_\(name).json" }

  /// The proxy's own log and its access log, which are one stream as in a pod.
  var log: String { "\(folder)/istio-proxy.log" }
  /// What the mesh's metrics are counted from.
  var requests: String { "\(folder)/requests.log" }
  var applicationLog: String { "\(folder)/application.log" }
}

extension MeshPod {
  func files(in folder: String) -> ProxyFiles { ProxyFiles(folder: "\(folder)/\(id)") }
}
