extension LayeredGraph {
  /// Puts the bends in which edges turn beside the ends that they pass, the nearer the shorter the edge.
  ///
  /// - Parameter part: all else, in order.
  func placingTurns(in part: Part) -> Part {
    var heights = [Double](repeating: 0.5, count: blockCount)
    var isThere = [Bool](repeating: false, count: blockCount)
    for layer in part.layers {
      for (place, block) in layer.enumerated() {
        heights[block] = (Double(place) + 0.5) / Double(layer.count)
        isThere[block] = true
      }
    }
    var above: [Int: [Int]] = [:]
    var below: [Int: [Int]] = [:]
    func put(_ bend: Int, beside node: Int, isAbove: Bool) {
      if isAbove {
        above[block(of: node), default: []].append(bend)
      } else {
        below[block(of: node), default: []].append(bend)
      }
    }
    let turning = graph.edges.indices.filter { !isForward($0) && isThere[block(of: graph.edges[$0].source)] }
    for edge in turning.sorted(by: { (chains[$0].count, $0) < (chains[$1].count, $1) }) {
      let (source, destination, chain) = (graph.edges[edge].source, graph.edges[edge].destination, chains[edge])
      let (start, end) = (heights[block(of: source)], heights[block(of: destination)])
      guard chain.count > 2 else {
        // It goes around the lower side of what stands in the lower half, and of what stands alone.
        let isAbove = start + end < 0.99
        put(chain.lowerBound, beside: destination, isAbove: isAbove)
        if chain.count == 2 { put(chain.upperBound - 1, beside: source, isAbove: isAbove) }
        continue
      }
      put(
        chain.lowerBound, beside: destination,
        isAbove: heights[block(of: chain.lowerBound + 1)] + 0.001 < end)
      put(
        chain.upperBound - 1, beside: source,
        isAbove: heights[block(of: chain.upperBound - 2)] + 0.001 < start)
    }
    return Part(
      layers: part.layers.map { layer in
        layer.flatMap { item in
          (above[item] ?? []).reversed().map(block(of:)) + [item] + (below[item] ?? []).map(block(of:))
        }
      })
  }
}
