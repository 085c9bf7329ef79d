import MeshModel

/// Rows of a tail that are to be kept, and the shape of it. The text is made where it does not hold up the screen.
public struct LogExtract: Equatable, Sendable {
  let rows: [LogEntry.Content]
  let format: LogWriter.Format
  /// Of a table; a line of another format is whole.
  let columns: [LogColumn]

  /// The shapes that a file's name can ask for, by its ending.
  static func format(ofFile path: String) -> LogWriter.Format? {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    switch path[dot...] {
    case ".log", ".txt": return .text
    case ".jsonl": return .jsonl
    case ".csv": return .csv
    default: return nil
    }
  }

  public var bytes: [UInt8] {
    var writer = LogWriter(format, columns: format == .csv ? columns : nil, namesOrigins: true)
    for row in rows {
      switch row {
      case .line(let line): writer.write(line, of: .proxy(line.proxy))
      case .mark(let mark): writer.write(mark)
      }
    }
    return writer.bytes
  }
}
