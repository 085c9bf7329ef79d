/// Where everything of a graph stands: layers from left to right, in cells.
public struct GraphLayout: Hashable, Sendable {
  public struct Path: Hashable, Sendable {
    /// Its corners, from the cell beside the source's box to the cell beside the destination's; each piece is
    /// horizontal or vertical. The last cell is the arrowhead's.
    public var points: [GridPoint]
    /// Where its label begins; `nil` where there is none, or no room for it.
    public var label: GridPoint?

    public init(points: [GridPoint], label: GridPoint? = nil) {
      self.points = points
      self.label = label
    }
  }

  public var columns: Int
  public var rows: Int
  /// In the order of the graph's nodes, groups and edges.
  public var nodes: [GridRect]
  public var groups: [GridRect]
  public var edges: [Path]

  /// - Parameter earlier: a layout of nearly the same graph, and that graph: what is in both stays where it was as far
  ///   as it can.
  public init(_ graph: LayoutGraph, keeping earlier: (graph: LayoutGraph, layout: GraphLayout)? = nil) {
    columns = 0
    rows = 0
    nodes = []
    groups = []
    edges = []
  }
}
