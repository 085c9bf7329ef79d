import MeshGraph
import Peers
import Testing

/// Graphs at the ends of what there can be, and beyond.
@Suite struct LayoutBoundsTests {
  @Test func nothingTakesNoCells() {
    #expect(GraphLayout(LayoutGraph(nodes: [], edges: [])) == GraphLayout(LayoutGraph(nodes: [], edges: [])))
    let layout = GraphLayout(LayoutGraph(nodes: [], groups: [LayoutGraph.Group(key: "g", columns: 9)], edges: []))
    #expect(layout.columns == 0)
    #expect(layout.rows == 0)
    #expect(layout.groups == [GridRect(column: 0, row: 0, columns: 0, rows: 0)])
  }

  @Test func oneNodeFillsThePlane() {
    let layout = GraphLayout(LayoutGraph(nodes: [LayoutGraph.Node(key: "a", columns: 16, rows: 4)], edges: []))
    #expect(layout.nodes == [GridRect(column: 0, row: 0, columns: 16, rows: 4)])
    #expect(layout.columns == 16)
    #expect(layout.rows == 4)
  }

  @Test func whatRefersToNothingIsLeftOut() {
    let nodes = (0..<3).map { LayoutGraph.Node(key: "n\($0)", columns: 8, rows: 3, group: [-1, 7, .max][$0]) }
    let edges = [(0, 1), (-1, 0), (0, 3), (.max, .min), (1, 2)].map { LayoutGraph.Edge(from: $0, to: $1, label: 4) }
    let layout = GraphLayout(LayoutGraph(nodes: nodes, edges: edges))
    #expect(layout.edges.map(\.points.isEmpty) == [false, true, true, true, false])
    var sound = LayoutGraph(nodes: nodes, edges: [edges[0], edges[4]])
    for index in sound.nodes.indices { sound.nodes[index].group = nil }
    #expect(LayoutChecks(sound, GraphLayout(sound)).faults.isEmpty)
    #expect(GraphLayout(sound).nodes == layout.nodes)
  }

  @Test func sizesAreHeldWithinBounds() {
    let sizes: [Int] = [.min, -1, 0, 1, 512, 513, .max]
    let nodes = sizes.map { LayoutGraph.Node(key: "\($0)", columns: $0, rows: $0, group: 0) }
    let edges = sizes.indices.map { LayoutGraph.Edge(from: $0, to: sizes.count - 1 - $0, label: sizes[$0]) }
    let layout = GraphLayout(
      LayoutGraph(nodes: nodes, groups: [LayoutGraph.Group(key: "g", columns: .max)], edges: edges))
    #expect(layout.nodes.map(\.columns) == [1, 1, 1, 1, 512, 512, 512])
    #expect(layout.nodes.map(\.rows) == layout.nodes.map(\.columns))
  }

  @Test func aHugeLabelHasNoRoomAndTakesNone() {
    func layout(_ label: Int) -> GraphLayout {
      GraphLayout(
        LayoutGraph(
          nodes: ["a", "b"].map { LayoutGraph.Node(key: $0, columns: 8, rows: 3) },
          edges: [LayoutGraph.Edge(from: 0, to: 1, label: label)]))
    }
    #expect(layout(.max).edges[0].label == nil)
    #expect(layout(.max).columns == layout(0).columns)
    #expect(layout(20).edges[0].label != nil)
  }

  @Test func equalKeysAreNodesOfTheirOwn() {
    let graph = LayoutGraph(
      nodes: (0..<4).map { _ in LayoutGraph.Node(key: "same", columns: 8, rows: 3) },
      edges: (0..<3).map { LayoutGraph.Edge(from: $0, to: $0 + 1, label: 3) })
    let layout = GraphLayout(graph)
    #expect(LayoutChecks(graph, layout).faults.isEmpty)
    #expect(LayoutChecks(graph, GraphLayout(graph, keeping: (graph, layout))).faults.isEmpty)
  }

  @Test func anEarlierLayoutOfAnotherGraphIsNoHindrance() {
    for seed in 0..<40 as Range<UInt64> {
      let graph = LayoutGraph.random(seed: seed), other = LayoutGraph.random(seed: seed + 1)
      let kept = GraphLayout(graph, keeping: (other, GraphLayout(other)))
      #expect(LayoutChecks(graph, kept).faults.isEmpty, "seed \(seed)")
      // A layout that does not belong to its graph at all.
      let wrong = GraphLayout(graph, keeping: (graph, GraphLayout(other)))
      #expect(LayoutChecks(graph, wrong).faults.isEmpty, "seed \(seed)")
    }
  }

  /// Longer than layers are counted: what lies beyond is led around.
  @Test func aChainOfHundredsIsSound() {
    let graph = LayoutGraph(
      nodes: (0..<300).map { LayoutGraph.Node(key: "\(1_000 + $0)", columns: 6, rows: 3) },
      edges: (0..<299).map { LayoutGraph.Edge(from: $0, to: $0 + 1) } + [LayoutGraph.Edge(from: 0, to: 299)])
    #expect(LayoutChecks(graph, GraphLayout(graph)).faults.isEmpty)
  }

  @Test func everyoneCallsEveryone() {
    let graph = LayoutGraph(
      nodes: (0..<12).map { LayoutGraph.Node(key: "\(10 + $0)", columns: 8, rows: 4) },
      edges: (0..<144).map { LayoutGraph.Edge(from: $0 / 12, to: $0 % 12, label: 3) })
    #expect(LayoutChecks(graph, GraphLayout(graph)).faults.isEmpty)
  }

  @Test func fiveThousandNodesAreLaidOut() {
    var random = SeededGenerator(seed: 5)
    let count = 5_000
    let graph = LayoutGraph(
      nodes: (0..<count).map { LayoutGraph.Node(key: "n\($0)", columns: 16, rows: 4) },
      edges: (0..<2 * count).map { _ in
        let source = Int.random(in: 0..<count, using: &random)
        let destination = min(count - 1, source + Int.random(in: 190...210, using: &random))
        return LayoutGraph.Edge(from: source, to: destination, label: 5)
      })
    let layout = GraphLayout(graph)
    #expect(layout.edges.allSatisfy { !$0.points.isEmpty })
    #expect(Set(layout.nodes).count == count)
  }
}
