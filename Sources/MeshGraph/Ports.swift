/// The rows at which edges leave and enter boxes, counted from the box's top.
///
/// All edges of a node leave at one row, and so share a line as long as they go the same way. Each enters at a row of
/// its own while there are rows, in the order in which they come; then neighbours share one.
struct Ports {
  /// Of each node: the row of its first line of text.
  let exits: [Int]
  /// Of each edge at its destination.
  let entries: [Int]
  /// Whether no other edge enters there.
  let isAlone: [Bool]

  /// - Parameter place: of each vertex, from top to bottom in its layer.
  init(_ graph: LayeredGraph, place: [Int]) {
    exits = graph.graph.rows.map { ($0 - 1) / 2 }
    let entering = Rows(
      count: graph.nodeCount, graph.graph.edges.enumerated().map { (place: $1.destination, element: $0) })
    var entries = [Int](repeating: 0, count: graph.graph.edges.count)
    var isAlone = [Bool](repeating: true, count: entries.count)
    for node in 0..<graph.nodeCount {
      // Turns above come before all from the left, turns below after them.
      let sorted = entering[node].map { edge -> (side: Int, place: Int, edge: Int) in
        let chain = graph.chains[edge]
        if graph.isForward(edge) {
          return (0, place[chain.isEmpty ? graph.graph.edges[edge].source : chain.upperBound - 1], edge)
        }
        return (place[chain.lowerBound] < place[node] ? -1 : 1, place[chain.lowerBound], edge)
      }.sorted { ($0.side, $0.place, $0.edge) < ($1.side, $1.place, $1.edge) }
      let height = graph.graph.rows[node]
      let rows = height > 2 ? 1..<height - 1 : 0..<height
      if sorted.count <= rows.count {
        let first = rows.lowerBound + (rows.count - sorted.count) / 2
        for (index, item) in sorted.enumerated() { entries[item.edge] = first + index }
      } else {
        for (index, item) in sorted.enumerated() {
          entries[item.edge] = rows.lowerBound + index * rows.count / sorted.count
        }
        for (item, next) in zip(sorted, sorted.dropFirst()) where entries[item.edge] == entries[next.edge] {
          isAlone[item.edge] = false
          isAlone[next.edge] = false
        }
      }
    }
    self.entries = entries
    self.isAlone = isAlone
  }
}
