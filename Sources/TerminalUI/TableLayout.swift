/// A column of a table: how wide it may be and how much it matters.
public struct Column: Hashable, Sendable {
  public var title: String
  public var alignment: Alignment
  public var minimum: Int
  public var maximum: Int
  /// Where there is no room, columns of the greatest priority number are left out first; those of 0 never are.
  public var priority: Int
  /// Takes the room that is left over.
  public var grows: Bool
  /// Blank columns before it, where it is not the first.
  public var gap: Int

  public init(
    _ title: String, _ alignment: Alignment = .left, minimum: Int, maximum: Int? = nil, priority: Int = 0,
    grows: Bool = false, gap: Int = 2
  ) {
    self.title = title
    self.alignment = alignment
    self.minimum = max(0, minimum)
    self.maximum = max(self.minimum, maximum ?? (grows ? Int.max : minimum))
    self.priority = priority
    self.grows = grows
    self.gap = max(0, gap)
  }
}

/// Where the columns of a table stand in so much room.
public struct TableLayout: Hashable, Sendable {
  /// Where a column stands.
  public struct Field: Hashable, Sendable {
    public var column: Int
    public var columns: Int
    public var alignment: Alignment
    public var endColumn: Int { column + columns }
  }

  /// One for each column of the table, in their order; `nil` for one that is left out.
  public let fields: [Field?]

  /// - Parameters:
  ///   - start: The screen's column where the table begins.
  ///   - room: The columns it has.
  ///   - wanted: For each column the width of its content; where given, columns take more than their minimum only as
  ///     needed. Without it all take what they may, in their order.
  public init(_ columns: [Column], from start: Int = 0, room: Int, wanted: [Int]? = nil) {
    var shown = Set(columns.indices)
    func needed(_ widths: (Int) -> Int) -> Int {
      let first = shown.min()
      return shown.reduce(0) { $0 + widths($1) + ($1 == first ? 0 : columns[$1].gap) }
    }
    while needed({ columns[$0].minimum }) > room,
      let least = shown.filter({ columns[$0].priority > 0 })
        .max(by: { (columns[$0].priority, $0) < (columns[$1].priority, $1) })
    {
      shown.remove(least)
    }
    var widths = columns.map(\.minimum)
    var left = room - needed { widths[$0] }
    let order = shown.sorted { (columns[$0].priority, $0) < (columns[$1].priority, $1) }
    for index in order where left > 0 && !(columns[index].grows && wanted == nil) {
      let most = min(columns[index].maximum, wanted.flatMap { index < $0.count ? $0[index] : nil } ?? .max)
      let more = min(left, max(0, most - widths[index]))
      widths[index] += more
      left -= more
    }
    let growing = order.filter { columns[$0].grows }
    for (turn, index) in growing.enumerated() where left > 0 {
      let more = min(left / (growing.count - turn), columns[index].maximum - widths[index])
      widths[index] += more
      left -= more
    }
    var fields = [Field?](repeating: nil, count: columns.count)
    var column = start
    for index in columns.indices where shown.contains(index) {
      if column > start || index != shown.min() { column += columns[index].gap }
      let width = min(widths[index], max(0, start + room - column))
      fields[index] = Field(column: column, columns: width, alignment: columns[index].alignment)
      column += width
    }
    self.fields = fields
  }

  public subscript(index: Int) -> Field? { fields[index] }
}

extension Frame {
  /// Draws a line into a table's field; one that is left out draws nothing. A line that is too long is cut.
  public mutating func put(
    _ line: Line, in field: TableLayout.Field?, row: Int, on ground: Role? = nil, cut: Cut = .end
  ) {
    guard let field else { return }
    let point = Point(column: field.column, row: row)
    put(line, at: point, on: ground, limit: field.columns, align: field.alignment, cut: cut)
  }

  /// Draws the headings of a table.
  public mutating func putHeadings(_ columns: [Column], _ layout: TableLayout, row: Int, _ role: Role = .heading) {
    for (column, field) in zip(columns, layout.fields) {
      put(Line(column.title, role), in: field, row: row)
    }
  }
}
