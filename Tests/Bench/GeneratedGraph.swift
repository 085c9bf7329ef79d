import Glibc
import MeshGraph
import Peers

extension LayoutGraph {
  /// A mesh as they are, with two edges for each node: services in layers, most calls to the next layer and to services
  /// near by, some to services that everybody calls, a few back.
  static func generated(nodes count: Int, seed: UInt64) -> LayoutGraph {
    var random = SeededGenerator(seed: seed)
    let depth = max(5, Int(pow(Double(count), 0.35)))
    let layers = (0..<depth).map { layer in Array(count * layer / depth..<count * (layer + 1) / depth) }
    var edges: [Edge] = []
    /// A node of another layer, about as far down there as the given one is here.
    func near(_ place: Double, _ layer: Int) -> Int {
      let reach = Double.random(in: 0..<1, using: &random) < 0.92 ? 0.03 : 1
      let there = place + Double.random(in: -reach...reach, using: &random)
      let index = Int(min(max(there, 0), 0.999_999) * Double(layers[layer].count))
      // Every twentieth service is one that many call.
      let isShared = Double.random(in: 0..<1, using: &random) < 0.1
      return layers[layer][isShared ? index / 20 * 20 : index]
    }
    for layer in 1..<depth {
      for (index, node) in layers[layer].enumerated() {
        edges.append(Edge(from: near(Double(index) / Double(layers[layer].count), layer - 1), to: node, label: 6))
      }
    }
    while edges.count < 2 * count {
      let layer = Int.random(in: 0..<depth, using: &random)
      let index = Int.random(in: layers[layer].indices, using: &random)
      let step =
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<80: 1
        case 80..<93: 2
        case 93..<97: 3
        default: -1
        }
      guard layers.indices.contains(layer + step) else { continue }
      let destination = near(Double(index) / Double(layers[layer].count), layer + step)
      edges.append(Edge(from: layers[layer][index], to: destination, label: 6))
    }
    return LayoutGraph(nodes: (0..<count).map { Node(key: "service-\($0)", columns: 16, rows: 4) }, edges: edges)
  }
}
