internal import Glibc
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
    let input = try Self.pipe()
    let output = try Self.pipe()
    let errors = try Self.pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: Ctrl-C in the console's terminal must not reach it, or the mesh dies before the screen.
    posix_spawnattr_setpgroup(&attributes, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

    var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + options + ["--until-stdin-closes"]).map { strdup($0) }
    arguments.append(nil)
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, program, &actions, &attributes, arguments, environ)
    for descriptor in [input[0], output[1], errors[1]] { close(descriptor) }
    guard status == 0 else {
      for descriptor in [input[1], output[0], errors[0]] { close(descriptor) }
      throw SandboxFailure("cannot start \(program): \(String(cString: strerror(status)))")
    }
    pid = child
    lifeline = input[1]

    let line = Self.firstLine(of: output[0])
    close(output[0])
    guard let line, let ready = SandboxReady(line) else {
      close(input[1])
      let words = Self.rest(of: errors[0])
      close(errors[0])
      waitpid(child, nil, 0)
      throw SandboxFailure(words.isEmpty ? "the sandbox ended before it was ready" : words)
    }
    // From here on what it says goes nowhere rather than onto the console's screen.
    close(errors[0])
    self.ready = ready
  }

  /// Closes the pipe that the sandbox watches and waits until it is gone.
  public func stop() {
    guard !isStopped.exchange(true, ordering: .relaxed) else { return }
    close(lifeline)
    waitpid(pid, nil, 0)
  }

  deinit { stop() }

  /// Both ends of a pipe, the reading one first, that children do not inherit.
  private static func pipe() throws(SandboxFailure) -> [CInt] {
    var ends: [CInt] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw SandboxFailure("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

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
