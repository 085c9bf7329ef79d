/// Where everything of a graph stands: layers from left to right, in cells.
///
/// The same graph gives the same layout, in whatever order its nodes, groups and edges come. A layout is made in five
/// steps, each a file: layers (`Layering`), the order within each (`CrossingReduction`), rows (`RowPlacement`), the
/// columns in which edges turn (`ChannelRouting`), and where paths and labels lie (`PathDrawing`).
public struct GraphLayout: Hashable, Sendable {
  public struct Path: Hashable, Sendable {
    /// Its corners, from the cell beside the source's box to the cell beside the destination's; each piece is
    /// horizontal or vertical. The last cell is the arrowhead's. None where the edge names a node that is not there.
    public var points: [GridPoint]
    /// Where its label begins; `nil` where there is none, or no room for it. It may lie on the edge's own line, never
    /// on another's.
    public var label: GridPoint?

    public init(points: [GridPoint], label: GridPoint? = nil) {
      self.points = points
      self.label = label
    }
  }

  public var columns: Int
  public var rows: Int
  /// In the order of the graph's nodes, groups and edges. The nodes of a layer begin in one column; a group's border
  /// stands one row above and below its members and two columns beside them, so that arrowheads lie inside. A group
  /// without members has no cells.
  public var nodes: [GridRect]
  public var groups: [GridRect]
  public var edges: [Path]

  /// - Parameter earlier: a layout of nearly the same graph, and that graph. Nodes that are in both (by key, in the
  ///   group of the same key) keep their layer and their order in it, and so do the lines of edges that are in both;
  ///   only what is new is put where it crosses least. An edge that does not lead to a later layer then is led around.
  ///   A graph that is new for the most part is laid out afresh.
  public init(_ graph: LayoutGraph, keeping earlier: (graph: LayoutGraph, layout: GraphLayout)? = nil) {
    let canonical = CanonicalGraph(graph)
    let kept = earlier.flatMap { KeptPlaces(of: canonical, in: graph, earlier: $0.graph, $0.layout) }
    let layering = Layering(canonical, kept: kept)
    var layered = LayeredGraph(canonical, layers: layering.layers)
    let rowsBefore = kept?.rows(of: layered, columns: layering.columnsBefore)
    var parts = layered.parts(rowsBefore: rowsBefore)
    var reduction = CrossingReduction(layered, rowsBefore: rowsBefore)
    for index in parts.indices { reduction.order(&parts[index]) }
    layered.members = reduction.nodeOrders
    let placement = RowPlacement(layered, parts)
    let routing = ChannelRouting(layered, placement)
    self = PathDrawing(layered, placement, routing).layout(of: graph)
  }

  init(columns: Int, rows: Int, nodes: [GridRect], groups: [GridRect], edges: [Path]) {
    self.columns = columns
    self.rows = rows
    self.nodes = nodes
    self.groups = groups
    self.edges = edges
  }
}
