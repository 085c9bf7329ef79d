import Glibc

/// A program that was run to its end, with nothing on its standard input.
struct ProgramRun {
  /// The exit code; -signal where a signal ended it.
  let code: Int32
  let output: String
  let errors: String

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter environment: all that the program gets.
  init(
    _ program: String, _ arguments: [String], environment: [String: String], within patience: Duration = .seconds(60)
  ) throws {
    var pipes: [[Int32]] = []
    for _ in 0..<2 {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(errno)") }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
      pipes.append(ends)
    }
    defer { for ends in pipes { close(ends[0]) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[0][1], 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A thread of a test has signals blocked that the program needs.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
    words.append(nil)
    settings.append(nil)
    defer { (words + settings).forEach { free($0) } }
    var process: pid_t = 0
    let problem = posix_spawnp(&process, program, &actions, &attributes, words, settings)
    for ends in pipes { close(ends[1]) }
    guard problem == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(problem)))") }

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
      var sources = pipes.map { pollfd(fd: $0[0], events: Int16(POLLIN), revents: 0) }
      poll(&sources, nfds_t(sources.count), 20)
      for place in pipes.indices { Self.take(from: pipes[place][0], into: &texts[place]) }
    }
    for place in pipes.indices { Self.take(from: pipes[place][0], into: &texts[place]) }
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
