/// A vertical piece, and the horizontal ones that meet it.
struct Trunk {
  enum Side { case left, right }

  /// An edge in a channel: at which row and side it comes, and where it goes on.
  struct Run {
    var from: Int
    var fromSide: Side
    var to: Int
    var toSide: Side

    var isDownward: Bool { from < to }

    func passes(_ row: Int) -> Bool { min(from, to) < row && row < max(from, to) }
  }

  let runs: [Run]
  let top: Int
  let bottom: Int

  init(runs: [Run]) {
    self.runs = runs
    top = runs.map { min($0.from, $0.to) }.min() ?? 0
    bottom = runs.map { max($0.from, $0.to) }.max() ?? 0
  }

  /// The rows of its horizontal pieces on one side.
  func rows(_ side: Side) -> [Int] {
    runs.flatMap { ($0.fromSide == side ? [$0.from] : []) + ($0.toSide == side ? [$0.to] : []) }
  }

  func overlaps(_ other: Trunk) -> Bool { top <= other.bottom && other.top <= bottom }

  /// How often edges cross when this stands left of the other.
  func crossings(before other: Trunk) -> Int {
    guard overlaps(other) else { return 0 }
    var count = 0
    for run in runs {
      for next in other.runs {
        if next.fromSide == .left && run.passes(next.from) { count += 1 }
        if next.toSide == .left && run.passes(next.to) { count += 1 }
        if run.fromSide == .right && next.passes(run.from) { count += 1 }
        if run.toSide == .right && next.passes(run.to) { count += 1 }
      }
    }
    return count
  }

  /// Whether this cannot stand right of the other: their horizontal pieces would lie on one another.
  func mustStandLeft(of other: Trunk) -> Bool {
    guard overlaps(other) else { return false }
    let entering = other.rows(.right)
    return rows(.left).contains { entering.contains($0) }
  }

  /// Its left side and its right side as trunks of their own, tied by a row between them.
  func halves(by row: Int) -> (left: Trunk, right: Trunk) {
    func half(_ side: Side) -> Trunk {
      let tie = Side.left == side ? Side.right : .left
      return Trunk(
        runs: runs.compactMap { run in
          switch (run.fromSide == side, run.toSide == side) {
          case (true, true): run
          case (true, false): Run(from: run.from, fromSide: side, to: row, toSide: tie)
          case (false, true): Run(from: row, fromSide: tie, to: run.to, toSide: side)
          case (false, false): nil
          }
        })
    }
    return (half(.left), half(.right))
  }
}

/// Trunks in an order in which each comes after those that must stand left of it; those that contradict that, in two
/// halves.
struct TrunkPieces {
  private(set) var trunks: [Trunk] = []
  /// Of each given trunk: its place in `trunks`, or those of its halves.
  private(set) var leftHalf: [Int]
  private(set) var rightHalf: [Int]
  /// In which row a trunk changes from one half to the other.
  private(set) var doglegRow: [Int?]

  private var isUsed: [Bool]

  /// - Parameter isUsed: whether anything runs in a row of the channel.
  init(_ given: [Trunk], isUsed: [Bool]) {
    self.isUsed = isUsed
    leftHalf = [Int](repeating: 0, count: given.count)
    rightHalf = leftHalf
    doglegRow = [Int?](repeating: nil, count: given.count)
    enum Progress { case new, open, done }
    var progress = [Progress](repeating: .new, count: given.count)
    var leaving = [Int?](repeating: nil, count: isUsed.count)
    var rests = [Trunk?](repeating: nil, count: given.count)
    let entering = given.map { $0.rows(.right) }

    // A node's two nets leave at one row: each of them is asked in turn.
    var sameRow = [Int?](repeating: nil, count: given.count)
    for place in given.indices {
      for row in Set(given[place].rows(.left)) {
        if let other = leaving[row] { sameRow[place] = other }
        leaving[row] = place
      }
    }
    for root in Self.preferred(given, rows: isUsed.count) where progress[root] == .new {
      var path = [(place: root, next: 0, also: Int?.none)]
      progress[root] = .open
      while let (place, next, also) = path.last {
        let other: Int
        if let also {
          other = also
          path[path.count - 1].also = sameRow[also]
        } else if next < entering[place].count {
          path[path.count - 1].next += 1
          guard let first = leaving[entering[place][next]] else { continue }
          other = first
          path[path.count - 1].also = sameRow[first]
        } else {
          trunks.append(rests[place] ?? given[place])
          rightHalf[place] = trunks.count - 1
          if rests[place] == nil { leftHalf[place] = trunks.count - 1 }
          progress[place] = .done
          path.removeLast()
          continue
        }
        guard other != place else { continue }
        if progress[other] == .new {
          progress[other] = .open
          path.append((other, 0, nil))
        } else if progress[other] == .open, rests[other] == nil {
          let row = freeRow(near: (given[other].top + given[other].bottom) / 2)
          let halves = given[other].halves(by: row)
          trunks.append(halves.left)
          leftHalf[other] = trunks.count - 1
          rests[other] = halves.right
          doglegRow[other] = row
        }
      }
    }
  }

  /// Of two trunks that go down, the lower is to stand left, of two that go up the upper: else they would cross twice.
  private static func preferred(_ trunks: [Trunk], rows: Int) -> [Int] {
    let keys = trunks.map { trunk -> Int in
      let start = trunk.runs[0].from
      return trunk.runs.reduce(0) { $0 + $1.to - $1.from } > 0 ? rows - start : start
    }
    return trunks.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
  }

  /// The nearest row in which nothing runs, or a new one below all.
  private mutating func freeRow(near middle: Int) -> Int {
    var row = isUsed.count
    for candidate in isUsed.indices where !isUsed[candidate] && abs(candidate - middle) < abs(row - middle) {
      row = candidate
    }
    if row == isUsed.count { isUsed.append(true) }
    isUsed[row] = true
    return row
  }
}
