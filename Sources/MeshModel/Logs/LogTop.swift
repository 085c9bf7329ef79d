public import ProxyLogs

/// What stands most often in the lines that were counted: paths, callers, flags and the like. Bounded: of more
/// different ones than are kept the rarest are forgotten, and how often they came is told as a sum.
public struct LogTop: Hashable, Sendable {
  public enum Subject: String, CaseIterable, Hashable, Sendable { case paths, callers, flags, codes, upstreams, pods }

  public struct Row: Hashable, Sendable {
    public let name: String
    public var lines: Int
    /// Of them, those that failed: a code of 500 or more, no response, a connection that broke.
    public var errors: Int
    /// The longest, in milliseconds; `nil` where none tells.
    public var longest: UInt64?
  }

  static let mostRows = 4_096
  static let longestName = 256

  public let subject: Subject
  /// Requests that were counted.
  public private(set) var lines = 0
  /// How many times a name came that is kept no more.
  public private(set) var forgotten = 0
  /// A row may be short by so much: it can have been forgotten with as many as that and come again.
  public private(set) var mostMissing = 0
  private var rows: [String: Row] = [:]

  public init(_ subject: Subject) { self.subject = subject }

  public var isExact: Bool { forgotten == 0 }

  /// Lines that are about no request are passed over.
  public mutating func add(_ line: LogLine) {
    guard let access = line.access else { return }
    add(access.line, writer: line.proxy)
  }

  /// - Parameter writer: Whose log it is; `nil` where nobody knows.
  public mutating func add(_ line: AccessLogLine, writer: ProxyID?) {
    lines += 1
    let isError = line.isError == true
    let duration = line.milliseconds
    for name in names(in: line, writer: writer) {
      let key = String(name.prefix(Self.longestName))
      var row = rows[key] ?? Row(name: key, lines: 0, errors: 0)
      row.lines += 1
      if isError { row.errors += 1 }
      row.longest = [row.longest, duration].compactMap { $0 }.max()
      rows[key] = row
    }
    if rows.count >= 2 * Self.mostRows { forget() }
  }

  /// The most frequent first; of equal ones by name.
  public func rows(most count: Int) -> [Row] {
    let ordered = rows.values.sorted { ($1.lines, $0.name) < ($0.lines, $1.name) }
    return Array(ordered.prefix(min(count, Self.mostRows)))
  }

  private func names(in line: AccessLogLine, writer: ProxyID?) -> [String] {
    switch subject {
    case .paths: [line[.path].map { String($0.prefix { $0 != "?" && $0 != "#" }) } ?? "-"]
    case .callers: [line.text.withBytes { line.record.fields.sources(in: $0, writer: writer).first } ?? "-"]
    case .flags: line.flags.isEmpty ? ["-"] : line.flags.map(String.init)
    case .codes: [line.responseCode.map { String($0) } ?? "-"]
    case .upstreams: [line.upstreamLabel]
    case .pods: [writer?.name ?? "-"]
    }
  }

  private mutating func forget() {
    let ordered = rows.values.sorted { ($1.lines, $0.name) < ($0.lines, $1.name) }
    for row in ordered.dropFirst(Self.mostRows) {
      rows[row.name] = nil
      forgotten += row.lines
      mostMissing = max(mostMissing, row.lines)
    }
  }
}
