/// Which rows of a list are on screen.
public struct Scroll: Hashable, Sendable {
  /// The first row shown.
  public private(set) var offset: Int

  public init(offset: Int = 0) { self.offset = max(0, offset) }

  /// Moves as little as needed for the selected rows to be on screen, with some rows around them where there is room.
  /// - Parameters:
  ///   - selection: Rows of the list; `nil` only keeps the offset within the list.
  ///   - rows: How many rows the screen has for the list.
  public mutating func keep(_ selection: Range<Int>?, visibleIn rows: Int, of count: Int, margin: Int = 1) {
    let rows = max(1, rows)
    if let selection, !selection.isEmpty {
      let margin = max(0, min(margin, (rows - selection.count) / 2))
      offset = max(offset, selection.upperBound + margin - rows)
      offset = min(offset, selection.lowerBound - margin)
    }
    offset = max(0, min(offset, count - rows))
  }

  public mutating func keep(_ selection: Int, visibleIn rows: Int, of count: Int, margin: Int = 1) {
    keep(selection..<selection + 1, visibleIn: rows, of: count, margin: margin)
  }

  /// The rows of a list of `count` that are on screen.
  public func visible(in rows: Int, of count: Int) -> Range<Int> {
    let start = min(offset, max(0, count))
    return start..<max(start, min(count, start + max(0, rows)))
  }
}
