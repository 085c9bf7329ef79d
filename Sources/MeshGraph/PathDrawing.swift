/// Columns, and with them every box, path and label.
///
/// A channel has, from the left: a free column, labels of edges that have no other place (above the line that leaves
/// their source), the tracks, labels of the edges that enter the next layer, and a column for arrowheads. No vertical
/// piece stands where labels are, and the rows of a box belong to the edges that end there: so labels lie free.
struct PathDrawing {
  /// From a group's border to its members' boxes.
  static let groupInset = 2

  private enum LabelPlace {
    case none
    /// Beside the destination, in a row; or in the line itself.
    case entry(row: Int, isInLine: Bool)
    /// Beside the source, in a row; that may be the line itself.
    case exit(row: Int)
    /// In the line, where it passes through a layer.
    case bend(Int)
  }

  private let layered: LayeredGraph
  private let placement: RowPlacement
  private let routing: ChannelRouting
  private var labels: [LabelPlace] = []

  /// Of each layer: where it begins, and where its nodes do.
  private var layerStarts: [Int] = []
  private var nodeStarts: [Int] = []
  private var layerWidths: [Int]
  /// Of each channel: its first track, and where the labels behind its tracks begin.
  private var trackStarts: [Int] = []
  private var trackSteps: [Int] = []
  private var entryStarts: [Int] = []
  private var columns = 0

  private var graph: CanonicalGraph { layered.graph }

  init(_ layered: LayeredGraph, _ placement: RowPlacement, _ routing: ChannelRouting) {
    self.layered = layered
    self.placement = placement
    self.routing = routing
    var hasGroup = [Bool](repeating: false, count: layered.layerCount)
    layerWidths = [Int](repeating: 0, count: layered.layerCount)
    for (index, block) in layered.graph.blocks.enumerated() where block.group != nil {
      hasGroup[layered.layer(of: index)] = true
    }
    for (index, block) in layered.graph.blocks.enumerated() {
      let layer = layered.layer(of: index)
      let inner = block.members.map { layered.graph.columns[$0] }.max() ?? 0
      let width = max(block.columns, inner + (hasGroup[layer] ? 2 * Self.groupInset : 0))
      layerWidths[layer] = max(
        layerWidths[layer], block.group == nil ? inner + (hasGroup[layer] ? Self.groupInset : 0) : width)
    }
    labels = placeLabels()
    placeColumns(hasGroup)
  }

  // MARK: Labels

  private func placeLabels() -> [LabelPlace] {
    let entering = Rows(
      count: layered.nodeCount, graph.edges.enumerated().map { (place: $1.destination, element: $0) })
    var sourceEdges = [Int](repeating: 0, count: layered.nodeCount)
    for edge in graph.edges { sourceEdges[edge.source] += 1 }
    var places = [LabelPlace](repeating: .none, count: graph.edges.count)
    for node in 0..<layered.nodeCount {
      let top = placement.rows[node]
      let box = top...top + graph.rows[node] - 1
      var taken = Set(entering[node].map { placement.ports.entries[$0] + top })
      for edge in entering[node].sorted(by: { placement.ports.entries[$0] < placement.ports.entries[$1] }) {
        let label = graph.edges[edge].label
        guard label > 0, label <= CanonicalGraph.widestLabel else { continue }
        let row = placement.ports.entries[edge] + top
        if placement.ports.isAlone[edge] {
          let free = [row - 1, row + 1].first { box.contains($0) && !taken.contains($0) }
          if let free { taken.insert(free) }
          places[edge] = .entry(row: free ?? row, isInLine: free == nil)
        } else if let bend = layered.chains[edge].last(where: { layerWidths[layered.layers[$0]] >= label + 2 }) {
          places[edge] = .bend(bend)
        } else if sourceEdges[graph.edges[edge].source] == 1 {
          let source = graph.edges[edge].source
          let exit = placement.rows[source] + placement.ports.exits[source]
          places[edge] = .exit(row: max(exit - 1, placement.rows[source]))
        }
      }
    }
    return places
  }

  // MARK: Columns

  private mutating func placeColumns(_ hasGroup: [Bool]) {
    var exits = [Int](repeating: 0, count: layered.layerCount + 1)
    var entries = exits
    var isPassed = [Bool](repeating: false, count: exits.count)
    var isEntered = isPassed
    for (edge, ends) in graph.edges.enumerated() {
      for passage in routing.passages[edge] { isPassed[passage.channel] = true }
      let channel = layered.layers[ends.destination]
      isEntered[channel] = true
      switch labels[edge] {
      case .entry(_, let isInLine): entries[channel] = max(entries[channel], ends.label + (isInLine ? 2 : 0))
      case .exit:
        let channel = layered.layers[ends.source] + 1
        exits[channel] = max(exits[channel], ends.label + 1)
      case .bend, .none: break
      }
    }
    var column = 0
    for channel in isPassed.indices {
      if isPassed[channel], channel > 0 { column += exits[channel] + 1 }
      trackStarts.append(column)
      let tracks = routing.trackCounts[channel]
      let step = tracks <= 3 ? 2 : 1
      trackSteps.append(step)
      if tracks > 0 { column += (tracks - 1) * step + 1 }
      entryStarts.append(column)
      if isEntered[channel] { column += entries[channel] + 1 }
      guard channel < layered.layerCount else { break }
      if !isPassed[channel], channel > 0 { column += 2 }
      layerStarts.append(column)
      nodeStarts.append(column + (hasGroup[channel] ? Self.groupInset : 0))
      column += layerWidths[channel]
    }
    columns = column
  }

  // MARK: Result

  func layout(of given: LayoutGraph) -> GraphLayout {
    let none = GridRect(column: 0, row: 0, columns: 0, rows: 0)
    var nodes = [GridRect](repeating: none, count: given.nodes.count)
    var groups = [GridRect](repeating: none, count: given.groups.count)
    var edges = [GraphLayout.Path](repeating: GraphLayout.Path(points: []), count: given.edges.count)
    for node in 0..<layered.nodeCount { nodes[graph.nodes[node]] = rect(of: node) }
    for (index, block) in graph.blocks.enumerated() {
      guard let group = block.group else { continue }
      let rects = layered.members[index].map(rect(of:))
      let inner = rects.map(\.columns).max() ?? 0
      let top = (rects.first?.row ?? 0) - 1
      groups[group] = GridRect(
        column: layerStarts[layered.layer(of: index)], row: top,
        columns: max(block.columns, inner + 2 * Self.groupInset),
        rows: rects.reduce(2) { $0 + $1.rows })
    }
    for (index, edge) in graph.edges.enumerated() {
      edges[edge.index] = GraphLayout.Path(points: points(of: index), label: label(of: index))
    }
    return GraphLayout(columns: columns, rows: routing.totalRows, nodes: nodes, groups: groups, edges: edges)
  }

  private func rect(of node: Int) -> GridRect {
    GridRect(
      column: nodeStarts[layered.layers[node]], row: placement.rows[node], columns: graph.columns[node],
      rows: graph.rows[node])
  }

  private func points(of edge: Int) -> [GridPoint] {
    let source = rect(of: graph.edges[edge].source), destination = rect(of: graph.edges[edge].destination)
    var points = [
      GridPoint(
        column: source.column + source.columns, row: source.row + placement.ports.exits[graph.edges[edge].source])
    ]
    func go(_ track: Int, _ channel: Int, to row: Int) {
      guard let last = points.last, last.row != row else { return }
      let column = trackStarts[channel] + track * trackSteps[channel]
      if column != last.column { points.append(GridPoint(column: column, row: last.row)) }
      points.append(GridPoint(column: column, row: row))
    }
    for passage in routing.passages[edge] {
      guard let net = passage.net.map({ routing.nets[$0] }) else { continue }
      let (run, right) = (passage.run, net.dogleg?.track ?? net.track)
      if let dogleg = net.dogleg, run.fromSide != run.toSide {
        go(run.fromSide == .left ? net.track : right, passage.channel, to: dogleg.row)
      }
      go(run.toSide == .left ? net.track : right, passage.channel, to: run.to)
    }
    let end = GridPoint(column: destination.column - 1, row: destination.row + placement.ports.entries[edge])
    if points.last != end { points.append(end) }
    return points
  }

  private func label(of edge: Int) -> GridPoint? {
    let ends = graph.edges[edge]
    switch labels[edge] {
    case .none: return nil
    case .entry(let row, let isInLine):
      return GridPoint(column: entryStarts[layered.layers[ends.destination]] + (isInLine ? 1 : 0), row: row)
    case .exit(let row):
      let source = layered.layers[ends.source]
      return GridPoint(column: layerStarts[source] + layerWidths[source] + 1, row: row)
    case .bend(let bend):
      let layer = layered.layers[bend]
      return GridPoint(
        column: layerStarts[layer] + max(1, (layerWidths[layer] - ends.label) / 2), row: placement.rows[bend])
    }
  }
}
