import MeshGraph

/// Layouts of generated meshes, each beside `dot` with the same graph: how long they take, and how often edges cross.
struct GraphLayouts: BenchCase {
  let name = "graph layout"

  func run() async throws -> [Figure] {
    var figures: [Figure] = []
    for (nodes, rounds) in [(50, 5), (500, 3), (1_000, 3), (5_000, 1)] {
      let graph = LayoutGraph.generated(nodes: nodes, seed: UInt64(nodes))
      let dot = try Dot(graph)
      var layout = GraphLayout(graph)
      var own: [Double] = []
      var others: [Double] = []
      for _ in 0..<rounds {
        own.append(ContinuousClock().measure { layout = GraphLayout(graph) }.seconds * 1_000)
        others.append(try ContinuousClock().measure { try dot.run() }.seconds * 1_000)
      }
      if nodes == 1_000 {
        figures.append(Figure(what: "layout of 1000 nodes, 2000 edges, ms", value: median(own), bar: .atMost(100)))
      }
      figures.append(
        Figure(
          what: "layout of \(nodes) nodes, × dot", value: median(own) / median(others), bar: .atMost(0.25),
          detail: "\(rounded(median(own))) ms, dot \(rounded(median(others)))"))
      let crossings = Double(lines(graph, layout).crossings()), dotCrossings = Double(try dot.lines().crossings())
      figures.append(
        Figure(
          what: "crossings among \(nodes) nodes, × dot", value: crossings / dotCrossings, bar: .atMost(1.2),
          detail: "\(rounded(crossings)), dot \(rounded(dotCrossings))"))
    }
    return figures
  }

  private func lines(_ graph: LayoutGraph, _ layout: GraphLayout) -> Polylines {
    Polylines(
      lines: zip(graph.edges, layout.edges).map { edge, path in
        Polylines.Line(
          source: edge.source, destination: edge.destination,
          points: path.points.map { (Double($0.column), Double($0.row)) })
      })
  }
}
