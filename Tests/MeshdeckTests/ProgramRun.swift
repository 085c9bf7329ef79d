import Glibc
import Spawning

/// A program that was run to its end, with nothing on its standard input.
struct ProgramRun {
  /// The exit code; -signal where a signal ended it.
  let code: Int32
  let output: String
  let errors: String

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameters:
  ///   - environment: all that the program gets.
  ///   - hasEnough: looks at what it has printed so far, and has it ended (SIGTERM) when that is enough.
  init(
    _ program: String, _ arguments: [String], environment: [String: String], within patience: Duration = .seconds(60),
    until hasEnough: ((String) -> Bool)? = nil
  ) throws {
    let pipes = [try Pipe(), try Pipe()]
    defer { for pipe in pipes { close(pipe.reading) } }
    for pipe in pipes { _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK) }
    var child = Program(program, arguments)
    child.environment = environment.map { "\($0.key)=\($0.value)" }
    child.output = .descriptor(pipes[0].writing)
    child.errors = .descriptor(pipes[1].writing)
    let process = try child.start()
    for pipe in pipes { close(pipe.writing) }

    var texts: [[UInt8]] = [[], []]
    var said: [String] { texts.map { String(decoding: $0, as: UTF8.self) } }
    var status: Int32 = 0
    let deadline = ContinuousClock.now + patience
    // Its end counts, not that of the pipes: what another test starts meanwhile may hold them open.
    while waitpid(process, &status, WNOHANG) != process {
      guard ContinuousClock.now < deadline else {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        throw Failure(description: "\(program) \(arguments) did not end; it said:\n\(said.joined(separator: "\n"))")
      }
      var sources = pipes.map { pollfd(fd: $0.reading, events: Int16(POLLIN), revents: 0) }
      poll(&sources, nfds_t(sources.count), 20)
      let length = texts[0].count
      for place in pipes.indices { Self.take(from: pipes[place].reading, into: &texts[place]) }
      if let hasEnough, texts[0].count > length, hasEnough(said[0]) { kill(process, SIGTERM) }
    }
    for place in pipes.indices { Self.take(from: pipes[place].reading, into: &texts[place]) }
    code = status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    (output, errors) = (said[0], said[1])
  }

  /// Reads what there is.
  private static func take(from file: Int32, into text: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &buffer, buffer.count)
      guard count > 0 else { return }
      text += buffer[..<count]
    }
  }
}
