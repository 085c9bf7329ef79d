internal import CSpawn
internal import Glibc

/// A program to start in a process of its own, with no signal blocked or ignored and no file of ours open but those
/// that are named here: a socket that lives on in a child never closes for its peer.
public struct Program: Sendable {
  /// What a standard stream of the program is.
  public enum Stream: Sendable {
    /// `/dev/null`.
    case nothing
    /// A file of ours.
    case descriptor(CInt)
    /// The end of a file, which is made where there is none, for its owner alone.
    case appending(String)
    /// A terminal, which then controls the program's session.
    case terminal(String)
  }

  /// Whose signals it shares.
  public enum Group: Sendable {
    /// Ours: Ctrl-C in our terminal reaches it.
    case ours
    /// Its own, whose number is the process's.
    case own
    /// A session of its own.
    case session
  }

  /// A path, or a name to look up in `PATH`.
  public var path: String
  public var arguments: [String]
  /// All that the program gets, as `NAME=value`; `nil` gives it what we have.
  public var environment: [String]?
  public var input = Stream.nothing
  public var output = Stream.nothing
  public var errors = Stream.nothing
  public var group = Group.ours
  /// Files that it gets besides, under the numbers that they have here.
  public var keeping: [CInt] = []

  public init(_ path: String, _ arguments: [String] = []) {
    self.path = path
    self.arguments = arguments
  }

  /// Starts it and gives the number of its process, for which the caller must wait.
  public func start() throws(SpawnFailure) -> CInt {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, stream) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
      switch stream {
      case .nothing: posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
      // Also where the numbers are the same: it takes the mark off that would close the file.
      case .descriptor(let file): posix_spawn_file_actions_adddup2(&actions, file, target)
      case .appending(let path):
        posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      case .terminal(let path): posix_spawn_file_actions_addopen(&actions, target, path, O_RDWR, 0)
      }
    }
    var next = STDERR_FILENO + 1
    for file in Set(keeping).sorted() where file >= next {
      for other in next..<file { posix_spawn_file_actions_addclose(&actions, other) }
      posix_spawn_file_actions_adddup2(&actions, file, file)
      next = file + 1
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, next)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    switch group {
    case .ours: break
    case .own:
      posix_spawnattr_setpgroup(&attributes, 0)
      flags |= Int16(POSIX_SPAWN_SETPGROUP)
    case .session: flags |= shim_spawn_setsid
    }
    posix_spawnattr_setflags(&attributes, flags)

    var process: pid_t = 0
    let failure = withCStrings([path] + arguments) { words in
      guard let environment else { return posix_spawnp(&process, path, &actions, &attributes, words, environ) }
      return withCStrings(environment) { posix_spawnp(&process, path, &actions, &attributes, words, $0) }
    }
    guard failure == 0 else { throw SpawnFailure(path: path, code: failure) }
    return process
  }
}

/// Why a program could not be started.
public struct SpawnFailure: Error, Equatable, CustomStringConvertible {
  public let path: String
  /// The system's error number.
  public let code: CInt

  public var isNotFound: Bool { code == ENOENT }
  public var description: String { "cannot start \(path): \(String(cString: strerror(code)))" }
}

private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    // Never empty: it ends with nil.
    body(buffer.baseAddress.unsafelyUnwrapped)
  }
}
