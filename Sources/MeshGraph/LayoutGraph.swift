/// What is to be laid out: boxes of known sizes, some of them inside a larger box, and the edges between them.
///
/// Nodes and groups are known by their places in these arrays; `key` is what ties them to the same ones in an earlier
/// layout.
public struct LayoutGraph: Hashable, Sendable {
  public struct Node: Hashable, Sendable {
    /// Its name for ever: by it nodes stand in order where nothing else says how, and are found again in an earlier layout.
    public var key: String
    public var columns: Int
    public var rows: Int
    /// The group that it stands in: a place in `groups`.
    public var group: Int?

    public init(key: String, columns: Int, rows: Int, group: Int? = nil) {
      self.key = key
      self.columns = columns
      self.rows = rows
      self.group = group
    }
  }

  /// A box around nodes: a service around its versions.
  public struct Group: Hashable, Sendable {
    public var key: String
    /// The least width, for its title.
    public var columns: Int

    public init(key: String, columns: Int) {
      self.key = key
      self.columns = columns
    }
  }

  public struct Edge: Hashable, Sendable {
    public var source: Int
    public var destination: Int
    /// How many columns its label takes; 0 for none.
    public var label: Int

    public init(from source: Int, to destination: Int, label: Int = 0) {
      self.source = source
      self.destination = destination
      self.label = label
    }
  }

  public var nodes: [Node]
  public var groups: [Group]
  public var edges: [Edge]

  public init(nodes: [Node], groups: [Group] = [], edges: [Edge]) {
    self.nodes = nodes
    self.groups = groups
    self.edges = edges
  }
}

/// A cell of the plane on which graphs are laid out, from its top left corner, both from 0.
public struct GridPoint: Hashable, Sendable {
  public var column: Int
  public var row: Int

  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// Cells side by side.
public struct GridRect: Hashable, Sendable {
  public var column: Int
  public var row: Int
  public var columns: Int
  public var rows: Int

  public init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = columns
    self.rows = rows
  }
}
