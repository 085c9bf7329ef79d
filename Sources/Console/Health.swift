import MeshModel
import TerminalUI

/// How something fares. Each has a sign of its own, as colour alone says nothing.
enum Health: Int, Comparable, Sendable {
  case good, unknown, warning, rejected, failing

  static func < (one: Health, other: Health) -> Bool { one.rawValue < other.rawValue }

  var role: Role {
    switch self {
    case .good: .good
    case .unknown: .unknown
    case .warning: .warning
    case .rejected: .rejected
    case .failing: .failing
    }
  }

  func sign(_ glyphs: Glyphs) -> String {
    switch self {
    case .good: glyphs.good
    case .unknown: glyphs.unknown
    case .warning: glyphs.warning
    case .rejected: glyphs.rejected
    case .failing: glyphs.failing
    }
  }
}

extension DestinationTraffic {
  /// Fewer requests than this say nothing about a share of errors.
  static let enoughRequests = 20

  /// By errors: failing from 5 %, a warning from 1 %.
  var health: Health {
    guard let errorRate else { return .unknown }
    switch errorRate {
    case 0.05...: return requests >= Self.enoughRequests ? .failing : .warning
    case 0.01...: return .warning
    default: return .good
    }
  }

  /// A warning from 500 ms.
  var isSlow: Bool { p99.map { $0 >= .milliseconds(500) } ?? false }
}
