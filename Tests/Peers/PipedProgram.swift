import Glibc
import Spawning

/// A program whose output is read as it comes, by a reader as slow as it likes.
public final class PipedProgram: Sendable {
  public let process: Int32
  /// The path of the file that its standard error goes to.
  public let errors: String
  private let output: Pipe

  public init(_ program: String, _ arguments: [String], errors: String) throws {
    self.errors = errors
    unlink(errors)
    output = try Pipe()
    var child = Program(program, arguments)
    child.output = .descriptor(output.writing)
    child.errors = .appending(errors)
    process = try child.start()
    close(output.writing)
  }

  /// Gives what comes, until a condition holds that is looked at between two chunks, or nothing comes any more.
  public func read(
    until condition: () throws -> Bool, within patience: Duration, each: ([UInt8]) throws -> Void
  ) throws {
    let deadline = ContinuousClock.now + patience
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while try !condition() {
      guard ContinuousClock.now < deadline else { throw PeerFailure("the program took longer than \(patience)") }
      var source = pollfd(fd: output.reading, events: Int16(POLLIN), revents: 0)
      guard poll(&source, 1, 20) > 0 else { continue }
      let count = Glibc.read(output.reading, &buffer, buffer.count)
      guard count > 0 else { return }
      try each(Array(buffer[..<count]))
    }
  }

  public func stop() {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    close(output.reading)
  }
}
