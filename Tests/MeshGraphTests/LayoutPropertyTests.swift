import MeshGraph
import Testing

@Suite struct LayoutPropertyTests {
  @Test(arguments: 0..<300 as Range<UInt64>) func everyLayoutIsSound(seed: UInt64) {
    let graph = LayoutGraph.random(seed: seed)
    let faults = LayoutChecks(graph, GraphLayout(graph)).faults
    #expect(faults.isEmpty, "seed \(seed)")
  }

  @Test(arguments: 0..<100 as Range<UInt64>) func theOrderOfTheInputMovesNothing(seed: UInt64) {
    let graph = LayoutGraph.random(seed: seed, isSimple: true)
    let layout = GraphLayout(graph)
    let (shuffled, nodes, groups, edges) = graph.shuffled(seed: seed + 1)
    let other = GraphLayout(shuffled)
    #expect(layout.nodes == nodes.map { other.nodes[$0] }, "seed \(seed)")
    #expect(layout.groups == groups.map { other.groups[$0] }, "seed \(seed)")
    #expect(layout.edges == edges.map { other.edges[$0] }, "seed \(seed)")
  }

  @Test(arguments: 0..<200 as Range<UInt64>) func whatDidNotChangeStaysWhereItWas(seed: UInt64) {
    let graph = LayoutGraph.random(seed: seed)
    let layout = GraphLayout(graph)
    #expect(GraphLayout(graph, keeping: (graph, layout)) == layout, "seed \(seed)")
  }

  @Test(arguments: 0..<200 as Range<UInt64>) func aNodeThatComesOrGoesMovesNoOtherPastAnother(seed: UInt64) {
    let graph = LayoutGraph.random(seed: seed)
    let gone = Int(seed) % graph.nodes.count
    let less = graph.removing(node: gone)
    let rest = graph.nodes.indices.filter { $0 != gone }
    let full = GraphLayout(graph)
    let without = GraphLayout(less, keeping: (graph, full))
    #expect(LayoutChecks(less, without).faults.isEmpty, "seed \(seed)")
    expectSameOrder(rest.map { full.nodes[$0] }, without.nodes, seed)

    let again = GraphLayout(graph, keeping: (less, without))
    #expect(LayoutChecks(graph, again).faults.isEmpty, "seed \(seed)")
    expectSameOrder(rest.map { again.nodes[$0] }, without.nodes, seed)
  }

  @Test(arguments: 0..<200 as Range<UInt64>) func anEdgeThatComesOrGoesMovesNoNodePastAnother(seed: UInt64) {
    let graph = LayoutGraph.random(seed: seed)
    guard !graph.edges.isEmpty else { return }
    var less = graph
    less.edges.remove(at: Int(seed) % graph.edges.count)
    let full = GraphLayout(graph)
    let without = GraphLayout(less, keeping: (graph, full))
    #expect(LayoutChecks(less, without).faults.isEmpty, "seed \(seed)")
    expectSameOrder(full.nodes, without.nodes, seed)

    let fresh = GraphLayout(less)
    let with = GraphLayout(graph, keeping: (less, fresh))
    #expect(LayoutChecks(graph, with).faults.isEmpty, "seed \(seed)")
    expectSameOrder(fresh.nodes, with.nodes, seed)
  }

  /// The same nodes stand in the same layers, one above another as before.
  private func expectSameOrder(
    _ before: [GridRect], _ after: [GridRect], _ seed: UInt64, location: SourceLocation = #_sourceLocation
  ) {
    for first in before.indices {
      for second in before.indices {
        #expect(
          (before[first].column < before[second].column) == (after[first].column < after[second].column)
            && (before[first].column != before[second].column
              || (before[first].row < before[second].row) == (after[first].row < after[second].row)),
          "seed \(seed): \(first) and \(second)", sourceLocation: location)
      }
    }
  }
}
