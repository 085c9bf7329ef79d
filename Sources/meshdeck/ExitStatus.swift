internal import Glibc
internal import MeshModel

/// How a command ended, for scripts. docs/commands.md lists them.
enum ExitStatus: Int32 {
  case done = 0
  case usage = 2
  /// A check, or the server, refused the change.
  case refused = 3
  /// Somebody else changed the same thing.
  case conflict = 4
  case unreachable = 5
  /// The change was written, but not every proxy took it in time.
  case notApplied = 6
  /// A guard of a ramp was broken, and the start's weights are back.
  case wentBack = 7
  /// A ramp stopped where it was.
  case stopped = 8
}

/// Why a command could not do what was asked: a sentence for standard error, and the status to end with.
struct CommandFailure: Error {
  let status: ExitStatus
  let message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = printable(message)
  }

  /// Whatever comes over the wire is no matter of the command line.
  init(_ trouble: Trouble) { self.init(.unreachable, trouble.description) }

  init(_ refusal: Undo.Refusal) {
    switch refusal {
    case .nothing, .noChange, .removal, .final: self.init(.usage, refusal.description)
    case .changedSince(let change, let now):
      self.init(.conflict, refusal.description + Self.ways(ThreeWay(undoing: change.edit, change.id, now: now)))
    case .notMade, .ruleGone, .otherObject, .otherRequests, .undone:
      self.init(.conflict, refusal.description)
    }
  }

  /// The three that there are to choose from, a line each.
  private static func ways(_ ways: ThreeWay?) -> String {
    guard let ways else { return "" }
    let lines = ways.sides.map { "\n  \($0.name)  \($0.split)" }
    return lines.joined() + "\n--over-theirs writes the last of these"
  }

  init(_ failure: ChangeFailure) {
    switch failure {
    case .refused, .denied, .readOnly, .journal: self.init(.refused, failure.description)
    case .conflict(let theirs):
      let now = theirs.map { "; it now says \($0)" } ?? ""
      self.init(.conflict, failure.description + now)
    case .unreachable, .answerLost: self.init(.unreachable, failure.description)
    }
  }
}

enum StandardError {
  /// Whatever it holds, a terminal obeys none of it.
  static func write(_ text: String) { _ = writeAll(printable(text), to: STDERR_FILENO) }

  /// As a line of its own.
  static func say(_ text: String) { write(text + "\n") }
}

enum StandardOutput {
  /// Unbuffered. False when nobody reads any more.
  static func write(_ text: String) -> Bool { writeAll(text, to: STDOUT_FILENO) }
  static func write(_ bytes: Swift.Span<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { writeAll($0, to: STDOUT_FILENO) }
  }
}

private func writeAll(_ text: String, to descriptor: CInt) -> Bool {
  var text = text
  return text.withUTF8 { writeAll($0, to: descriptor) }
}

private func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: CInt) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count < 0 {
      if errno == EINTR { continue }
      return false
    }
    rest = rest.dropFirst(count)
  }
  return true
}
