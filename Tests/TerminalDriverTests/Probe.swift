import Pseudoterminal

extension Pseudoterminal {
  static var probe: String { builtProgram("terminal-probe") }

  /// The probe on a terminal of its own.
  convenience init(columns: Int = 60, rows: Int = 12, environment: [String: String] = [:]) throws {
    try self.init(Self.probe, columns: columns, rows: rows, environment: environment)
  }
}
