/// Heights that untangle a graph as a whole, which sweeps from layer to layer do only slowly.
///
/// Every vertex goes half the way to the mean height of its neighbours, over and over, while each layer keeps its middle
/// and the whole its extent. That tends to the slowest oscillation of the graph as a net of springs (Hall, 1970).
struct RelaxedHeights {
  private static let rounds = 200

  /// Of each vertex.
  private(set) var heights: [Double]

  /// - Parameters:
  ///   - layers: vertices from top to bottom.
  ///   - places: of each vertex in its layer.
  init(_ layers: [[Int]], _ places: [Int], _ left: Rows<Int>, _ right: Rows<Int>) {
    heights = [Double](repeating: 0, count: places.count)
    for layer in layers {
      for vertex in layer { heights[vertex] = Double(2 * places[vertex] - layer.count + 1) }
    }
    for _ in 0..<Self.rounds {
      var highest = 0.0
      var next = heights
      for layer in layers {
        var total = 0.0
        for vertex in layer {
          let count = left[vertex].count + right[vertex].count
          guard count > 0 else { continue }
          var sum = 0.0
          for neighbour in left[vertex] { sum += heights[neighbour] }
          for neighbour in right[vertex] { sum += heights[neighbour] }
          next[vertex] = (heights[vertex] + sum / Double(count)) / 2
          total += next[vertex]
        }
        for vertex in layer {
          next[vertex] -= total / Double(layer.count)
          highest = max(highest, abs(next[vertex]))
        }
      }
      guard highest > 0 else { return }
      for vertex in layers.joined() { heights[vertex] = next[vertex] / highest }
    }
  }
}
