/// The vertical pieces of edges, in the channels between layers: which stand in which track.
///
/// A channel's pieces are nets: the runs of one edge, or those of all edges that leave one node downwards, or upwards.
/// Both of a node's nets stand in one track, a trunk, unless that makes lines cross that need not. Two trunks whose rows
/// overlap have different tracks; one that leaves at a row at which another enters stands left of it, so that their
/// horizontal pieces do not lie on one another. Where such rules contradict each other, a trunk takes two tracks, and
/// changes between them in a row that nobody uses. (Channel routing with doglegs: Deutsch, 1976.)
struct ChannelRouting {
  /// What an edge does in one channel.
  struct Passage {
    var channel: Int
    var run: Trunk.Run
    /// `nil` where it goes straight on.
    var net: Int?
  }

  struct Net {
    var channel: Int
    var runs: [Trunk.Run]
    var track = 0
    /// Where it has two tracks: the row in which it changes, and the track of its right side.
    var dogleg: (row: Int, track: Int)?
  }

  /// Of each edge, from its source on.
  private(set) var passages: [[Passage]]
  private(set) var nets: [Net] = []
  /// Of each channel: one to the left of each layer, one to the right of the last.
  private(set) var trackCounts: [Int]
  private(set) var totalRows: Int

  init(_ graph: LayeredGraph, _ placement: RowPlacement) {
    totalRows = placement.totalRows
    trackCounts = [Int](repeating: 0, count: graph.layerCount + 1)
    passages = graph.chains.indices.map { Self.passages(of: $0, graph, placement) }
    /// The nets of one node stand together.
    var trunks: [[Int]] = []
    var trunkOfNode = [Int?](repeating: nil, count: graph.nodeCount)
    for edge in passages.indices {
      let source = graph.graph.edges[edge].source
      for (index, passage) in passages[edge].enumerated() where passage.run.from != passage.run.to {
        let trunk = index == 0 ? trunkOfNode[source] ?? trunks.count : trunks.count
        if trunk == trunks.count { trunks.append([]) }
        if index == 0 { trunkOfNode[source] = trunk }
        let same = trunks[trunk].first { nets[$0].runs[0].isDownward == passage.run.isDownward }
        let net = same ?? nets.count
        if same == nil {
          nets.append(Net(channel: passage.channel, runs: []))
          trunks[trunk].append(net)
        }
        nets[net].runs.append(passage.run)
        passages[edge][index].net = net
      }
    }
    let all = Rows(count: trackCounts.count, passages.joined().map { (place: $0.channel, element: $0.run) })
    let bent = Rows(count: trackCounts.count, trunks.map { (place: nets[$0[0]].channel, element: $0) })
    for channel in trackCounts.indices where !bent[channel].isEmpty {
      assignTracks(Array(bent[channel]), channel, all: all[channel])
    }
  }

  private static func passages(of edge: Int, _ graph: LayeredGraph, _ placement: RowPlacement) -> [Passage] {
    let ends = graph.graph.edges[edge]
    var row = placement.rows[ends.source] + placement.ports.exits[ends.source]
    let entry = placement.rows[ends.destination] + placement.ports.entries[edge]
    var passages: [Passage] = []
    func pass(_ channel: Int, from: Trunk.Side, to next: Int, _ side: Trunk.Side) {
      passages.append(
        Passage(channel: channel, run: Trunk.Run(from: row, fromSide: from, to: next, toSide: side), net: nil))
      row = next
    }
    if graph.isForward(edge) {
      for bend in graph.chains[edge] { pass(graph.layers[bend], from: .left, to: placement.rows[bend], .right) }
      pass(graph.layers[ends.destination], from: .left, to: entry, .right)
    } else {
      for (index, bend) in graph.chains[edge].reversed().enumerated() {
        pass(graph.layers[bend] + 1, from: index == 0 ? .left : .right, to: placement.rows[bend], .left)
      }
      pass(graph.layers[ends.destination], from: .right, to: entry, .right)
    }
    return passages
  }

  private mutating func assignTracks(_ together: [[Int]], _ channel: Int, all: ArraySlice<Trunk.Run>) {
    var isUsed = [Bool](repeating: false, count: totalRows + 1)
    for run in all {
      isUsed[run.from] = true
      isUsed[run.to] = true
    }
    func trunk(_ nets: [Int]) -> Trunk { Trunk(runs: nets.flatMap { self.nets[$0].runs }) }
    var parted = together
    var pieces = TrunkPieces(together.map(trunk), isUsed: isUsed)
    var order = TrackOrder(pieces.trunks)
    // Apart where that saves crossings; one alone is a small price for one line less.
    let apart = together.indices.flatMap { place -> [[Int]] in
      let parts = together[place].map { trunk([$0]) }
      return parts.count > 1 && order.excess(of: pieces.leftHalf[place], parts) > 1
        ? together[place].map { [$0] } : [together[place]]
    }
    if apart.count > together.count {
      parted = apart
      pieces = TrunkPieces(apart.map(trunk), isUsed: isUsed)
      order = TrackOrder(pieces.trunks)
    }
    for (place, members) in parted.enumerated() {
      let left = pieces.leftHalf[place], right = pieces.rightHalf[place]
      for net in members {
        nets[net].track = order.tracks[left]
        if let row = pieces.doglegRow[place] { nets[net].dogleg = (row, order.tracks[right]) }
      }
    }
    trackCounts[channel] = (order.tracks.max() ?? -1) + 1
    totalRows = max(totalRows, (pieces.trunks.map(\.bottom).max() ?? 0) + 1)
  }
}
