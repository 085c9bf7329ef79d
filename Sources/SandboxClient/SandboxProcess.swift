internal import Glibc
internal import Spawning
internal import Synchronization

/// A sandbox that this process started, and that stops with it: the sandbox watches a pipe whose other end only this
/// process holds.
public final class SandboxProcess: Sendable {
  public let ready: SandboxReady
  private let pid: pid_t
  private let lifeline: CInt
  private let isStopped = Atomic(false)

  /// The sandbox's program: beside this one, where `make install` and the build put both.
  public static func program() throws(SandboxFailure) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { throw SandboxFailure("cannot tell where this program is") }
    let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let beside = own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/meshdeck-sandbox"
    guard access(String(beside), X_OK) == 0 else {
      throw SandboxFailure("meshdeck-sandbox is not beside this program (\(beside)); run make build")
    }
    return String(beside)
  }

  /// Starts a sandbox and waits until it is ready. What it says on standard error while it starts is part of the
  /// failure's message.
  public init(options: [String]) throws(SandboxFailure) {
    let program = try Self.program()
    let input: Pipe
    let output: Pipe
    let errors: Pipe
    let process: pid_t
    do throws(SpawnFailure) {
      input = try Pipe()
      output = try Pipe()
      errors = try Pipe()
      var sandbox = Program(program, options + ["--until-stdin-closes"])
      sandbox.input = .descriptor(input.reading)
      sandbox.output = .descriptor(output.writing)
      sandbox.errors = .descriptor(errors.writing)
      // Ctrl-C in the console's terminal must not reach it, or the mesh dies before the screen.
      sandbox.group = .own
      process = try sandbox.start()
    } catch {
      throw SandboxFailure(error.description)
    }
    for end in [input.reading, output.writing, errors.writing] { close(end) }
    pid = process
    lifeline = input.writing

    let line = Self.firstLine(of: output.reading)
    close(output.reading)
    guard let line, let ready = SandboxReady(line) else {
      close(input.writing)
      let words = Self.rest(of: errors.reading)
      close(errors.reading)
      waitForExit(of: process)
      throw SandboxFailure(words.isEmpty ? "the sandbox ended before it was ready" : words)
    }
    // From here on what it says goes nowhere rather than onto the console's screen.
    close(errors.reading)
    self.ready = ready
  }

  /// Closes the pipe that the sandbox watches and waits until it is gone.
  public func stop() {
    guard !isStopped.exchange(true, ordering: .relaxed) else { return }
    close(lifeline)
    waitForExit(of: pid)
  }

  deinit { stop() }

  private static func firstLine(of descriptor: CInt) -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 1 << 20 {
      let count = read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
    }
    return nil
  }

  private static func rest(of descriptor: CInt) -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while text.count < 1 << 16 {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    while text.last == UInt8(ascii: "\n") { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
