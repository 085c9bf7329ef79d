import MeshModel
import ProxyLogs

/// Where the requests of one proxy's log go. A log names the same few clusters and addresses again and again: each is
/// read once.
struct ClusterNodes: Sendable {
  private struct Way: Hashable {
    let cluster: String
    let upstream: String?
  }

  let names: NodeNames
  private var known = Memo<Way, MeshNode?>()

  init(_ names: NodeNames) { self.names = names }

  /// `nil` where no requests of the mesh go there.
  mutating func node(of cluster: String, upstream: String?) -> MeshNode? {
    known.value(of: Way(cluster: cluster, upstream: upstream)) { names.node(of: $0.cluster, upstream: $0.upstream) }
  }
}
