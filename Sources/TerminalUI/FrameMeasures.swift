extension Frame {
  /// A bar of `share` (0 to 1; anything else is drawn as the nearer end) of so many columns, in eighths of a cell.
  /// A share above zero is never drawn as nothing. `track` is the role of what is left of it.
  public mutating func bar(
    _ share: Double, at point: Point, columns: Int, _ role: Role, track: Role = .border, on ground: Role? = nil
  ) {
    guard columns > 0 else { return }
    let share = share.isNaN ? 0 : min(1, max(0, share))
    var eighths = Int((share * Double(columns * 8)).rounded())
    if share > 0 { eighths = max(1, eighths) }
    if share < 1 { eighths = min(columns * 8 - 1, eighths) }
    for index in 0..<columns {
      let filled = min(8, eighths - index * 8)
      let text = filled > 0 ? glyphs.bar[filled - 1] : glyphs.track
      set(
        Grapheme(text: text, columns: 1), filled > 0 ? role : track, ground, column: point.column + index,
        row: point.row)
    }
  }

  /// The last `columns` of a series as heights, the newest at the right. A value that is not known leaves a gap.
  /// - Parameter top: What the full height stands for; `nil` is the greatest value shown.
  public mutating func sparkline(
    _ values: [Double?], at point: Point, columns: Int, top: Double? = nil, _ role: Role, on ground: Role? = nil
  ) {
    guard columns > 0 else { return }
    let shown = values.suffix(columns)
    let top = top ?? shown.lazy.compactMap { $0 }.filter(\.isFinite).max() ?? 0
    let start = point.column + columns - shown.count
    for (offset, value) in shown.enumerated() {
      var text = " "
      if let value, !value.isNaN {
        let height = top > 0 ? min(1, max(0, value / top)) * Double(glyphs.spark.count - 1) : 0
        text = glyphs.spark[height.isNaN ? 0 : Int(height.rounded())]
      }
      set(Grapheme(text: text, columns: 1), role, ground, column: start + offset, row: point.row)
    }
  }
}
