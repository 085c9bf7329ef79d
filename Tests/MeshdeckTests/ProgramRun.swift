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
      guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Failure(description: "no pipe: \(errno)") }
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
    var status: Int32 = 0
    do {
      try Self.read(pipes.map { $0[0] }, into: &texts, until: .now + patience)
    } catch {
      kill(process, SIGKILL)
      waitpid(process, &status, 0)
      let said = texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")) did not end; it said:\n\(said)")
    }
    waitpid(process, &status, 0)
    code = status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    output = String(decoding: texts[0], as: UTF8.self)
    errors = String(decoding: texts[1], as: UTF8.self)
  }

  /// Reads until every pipe has ended.
  private static func read(
    _ files: [Int32], into texts: inout [[UInt8]], until deadline: ContinuousClock.Instant
  ) throws {
    var open = Set(files.indices)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !open.isEmpty {
      guard ContinuousClock.now < deadline else { throw Failure(description: "no end") }
      let places = open.sorted()
      var sources = places.map { pollfd(fd: files[$0], events: Int16(POLLIN), revents: 0) }
      poll(&sources, nfds_t(sources.count), 100)
      for (source, place) in zip(sources, places) where source.revents != 0 {
        let count = Glibc.read(source.fd, &buffer, buffer.count)
        if count > 0 { texts[place] += buffer[..<count] } else { open.remove(place) }
      }
    }
  }
}
