internal import JSON
internal import MeshModel

/// Rows of a log on their way into a file.
public struct SavedLog: Equatable, Sendable {
  enum Format: String, CaseIterable, Sendable {
    /// The lines as they are, each behind its pod.
    case text
    /// An object a line, with all that is known of it.
    case jsonLines
    /// The columns that are shown, and the line.
    case csv

    /// By how a file's name ends; `nil` for an ending that tells nothing.
    init?(file name: String) {
      switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
      case "txt", "log": self = .text
      case "jsonl", "ndjson": self = .jsonLines
      case "csv": self = .csv
      default: return nil
      }
    }
  }

  let format: Format
  let columns: [LogColumn]
  let rows: [LogEntry]

  /// The file's text, a piece at a time.
  public var pieces: some Sequence<String> {
    let heading = format == .csv ? [csvLine(csvColumns.map(\.rawValue))] : []
    let starts = stride(from: 0, to: rows.count, by: Self.rowsOfPiece)
    return heading
      + starts.lazy.map { start in
        rows[start..<min(rows.count, start + Self.rowsOfPiece)].map(text).joined()
      }
  }

  private static let rowsOfPiece = 500

  private var csvColumns: [LogColumn] { columns.filter { $0 != .line } + [.line] }

  private func text(of row: LogEntry) -> String {
    switch (format, row.content) {
    case (.text, .line(let line)): "\(line.proxy.pod)  \(line.text)\n"
    case (.text, .mark(let mark)): "# \(mark)\n"
    case (.jsonLines, .line(let line)): line.json.text() + "\n"
    case (.jsonLines, .mark(let mark)):
      JSONValue.object(
        JSONObject([
          ("time", .string(mark.time.rfc3339)), ("pod", .string(mark.proxy.pod)), ("mark", .string("\(mark)")),
        ])
      ).text() + "\n"
    case (.csv, .line(let line)): csvLine(csvColumns.map { line[$0] ?? "" })
    case (.csv, .mark(let mark)):
      csvLine(
        csvColumns.map { column in
          switch column {
          case .time: mark.time.rfc3339
          case .pod: mark.proxy.pod
          case .line: "# \(mark)"
          default: ""
          }
        })
    }
  }

  /// By RFC 4180.
  private func csvLine(_ cells: [String]) -> String {
    let quoted = cells.map { cell in
      guard cell.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else { return cell }
      return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
    return quoted.joined(separator: ",") + "\r\n"
  }
}

extension LogLine {
  /// By the names that filters ask by; what it does not say is left out.
  fileprivate var json: JSONValue {
    let members = LogColumn.allCases.compactMap { column -> (String, JSONValue)? in
      guard let text = self[column] else { return nil }
      return (column.rawValue, column.isNumber ? Int(text).map { .int($0) } ?? .string(text) : .string(text))
    }
    return .object(JSONObject(members))
  }
}
