/// The vertical pieces of edges, in the channels between layers: which stand in which track.
///
/// A channel's pieces are nets: what ties rows on its left to rows on its right. Edges that leave one node share a net.
/// Two nets whose rows overlap have different tracks; a net that leaves at a row at which another enters stands left of
/// it, so that their horizontal pieces do not lie on one another. Where such rules contradict each other, a net is
/// split: it takes two tracks, and changes between them in a row that nobody uses. (Channel routing with doglegs:
/// Deutsch, 1976.)
struct ChannelRouting {
  /// What an edge does in one channel: it comes at one row and goes on at another.
  struct Passage {
    enum Turn { case rightward, leftward, back, forth }

    var channel: Int
    var net: Int
    var from: Int
    var to: Int
    /// `back` comes from the left and goes to the left, `forth` comes from the right and goes to the right.
    var turn: Turn
  }

  struct Net {
    var channel: Int
    var left: [Int]
    var right: [Int]
    /// `nil` where it has one row only, and needs none.
    var track: Int?
    /// Where it is split: `track` is that of its left rows.
    var split: (row: Int, track: Int)?

    var span: ClosedRange<Int> {
      let rows = left + right
      return (rows.min() ?? 0)...(rows.max() ?? 0)
    }
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
    passages = [[Passage]](repeating: [], count: graph.chains.count)
    var netOfNode = [Int?](repeating: nil, count: graph.nodeCount)
    for (edge, ends) in graph.graph.edges.enumerated() {
      let exit = placement.rows[ends.source] + placement.ports.exits[ends.source]
      let entry = placement.rows[ends.destination] + placement.ports.entries[edge]
      let first = netOfNode[ends.source] ?? nets.count
      if first == nets.count {
        nets.append(Net(channel: graph.layers[ends.source] + 1, left: [exit], right: []))
        netOfNode[ends.source] = first
      }
      var row = exit
      func pass(_ next: Int, _ turn: Passage.Turn, channel: Int) {
        let isFirst = passages[edge].isEmpty
        let net = isFirst ? first : nets.count
        if !isFirst { nets.append(Net(channel: channel, left: [], right: [])) }
        switch turn {
        case .rightward:
          if !isFirst { nets[net].left.append(row) }
          nets[net].right.append(next)
        case .leftward:
          nets[net].right.append(row)
          nets[net].left.append(next)
        case .back: nets[net].left.append(next)
        case .forth: nets[net].right += [row, next]
        }
        passages[edge].append(Passage(channel: channel, net: net, from: row, to: next, turn: turn))
        row = next
      }
      if graph.isForward(edge) {
        for bend in graph.chains[edge] { pass(placement.rows[bend], .rightward, channel: graph.layers[bend]) }
        pass(entry, .rightward, channel: graph.layers[ends.destination])
      } else {
        for (index, bend) in graph.chains[edge].reversed().enumerated() {
          pass(placement.rows[bend], index == 0 ? .back : .leftward, channel: graph.layers[bend] + 1)
        }
        pass(entry, .forth, channel: graph.layers[ends.destination])
      }
    }
    let byChannel = Rows(count: trackCounts.count, nets.indices.map { (place: nets[$0].channel, element: $0) })
    for channel in trackCounts.indices { assignTracks(Array(byChannel[channel])) }
  }

  private mutating func assignTracks(_ all: [Int]) {
    let bent = all.filter { nets[$0].span.count > 1 }
    guard !bent.isEmpty else { return }
    var isUsed = [Bool](repeating: false, count: totalRows + 1)
    for net in all { for row in nets[net].left + nets[net].right { isUsed[row] = true } }

    var trunks: [Trunk] = []
    var halves = [Int: (left: Int, right: Int)]()
    order(bent) { net, isSplit in
      let rows = nets[net]
      guard isSplit else {
        trunks.append(Trunk(left: rows.left, right: rows.right))
        halves[net] = (trunks.count - 1, trunks.count - 1)
        return
      }
      if let left = halves[net]?.left {
        trunks.append(Trunk(left: trunks[left].right, right: rows.right))
        halves[net] = (left, trunks.count - 1)
      } else {
        let row = freeRow(near: rows.span, &isUsed)
        trunks.append(Trunk(left: rows.left, right: [row]))
        halves[net] = (trunks.count - 1, trunks.count - 1)
      }
    }
    let tracks = TrackOrder(trunks, rows: totalRows + 1).tracks
    for net in bent {
      guard let half = halves[net] else { continue }
      nets[net].track = tracks[half.left]
      if half.left != half.right { nets[net].split = (trunks[half.left].right[0], tracks[half.right]) }
    }
    trackCounts[nets[bent[0]].channel] = (tracks.max() ?? -1) + 1
  }

  /// Visits nets so that each comes after those that have to stand left of it; one that contradicts that comes twice.
  private func order(_ bent: [Int], visit: (_ net: Int, _ isSplit: Bool) -> Void) {
    enum Progress { case new, open, split, done }
    var netLeaving: [Int: Int] = [:]
    for net in bent { for row in nets[net].left { netLeaving[row] = net } }
    var progress: [Int: Progress] = [:]
    // Of two nets that go down, the lower is to stand left, of two that go up the upper: they would cross twice.
    let keyed = bent.map { net -> (key: Int, net: Int) in
      let rows = nets[net], start = rows.left.first ?? rows.right[0]
      let fall = (rows.left + rows.right).reduce(0) { $0 + $1 - start }
      return (fall > 0 ? totalRows - start : start, net)
    }.sorted { ($0.key, $0.net) < ($1.key, $1.net) }
    for (_, root) in keyed where progress[root] == nil {
      var path = [(net: root, next: 0)]
      progress[root] = .open
      while let (net, next) = path.last {
        guard next < nets[net].right.count else {
          visit(net, progress[net] == .split)
          progress[net] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard let other = netLeaving[nets[net].right[next]], other != net else { continue }
        switch progress[other] ?? .new {
        case .new:
          progress[other] = .open
          path.append((other, 0))
        case .open:
          visit(other, true)
          progress[other] = .split
        case .split, .done: break
        }
      }
    }
  }

  /// The row nearest to the middle of a span in which nothing runs, or a new one below all.
  private mutating func freeRow(near span: ClosedRange<Int>, _ isUsed: inout [Bool]) -> Int {
    let middle = (span.lowerBound + span.upperBound) / 2
    var row = isUsed.count
    for candidate in isUsed.indices where !isUsed[candidate] && abs(candidate - middle) < abs(row - middle) {
      row = candidate
    }
    if row >= isUsed.count { isUsed += [Bool](repeating: false, count: row + 1 - isUsed.count) }
    isUsed[row] = true
    totalRows = max(totalRows, row + 1)
    return row
  }
}
