import Glibc

/// A program that a test has started. It is ended when let go.
public final class ChildProcess: Sendable {
  public let id: Int32
  private let ending: Int32

  /// - Parameters:
  ///   - program: found by PATH.
  ///   - environment: in addition to this process's own.
  ///   - ending: the signal that ends it, and all that it started.
  ///   - keeping: files that the program gets under their own numbers. No others stay open.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], ending: Int32 = 9,
    keeping: [Int32] = [], output: String = "/dev/null"
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    for file in keeping { posix_spawn_file_actions_adddup2(&actions, file, file) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A thread of a test has signals blocked that the program needs.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") }
    var inherited = environ
    while let setting = inherited.pointee {
      settings.append(strdup(setting))
      inherited += 1
    }
    settings.append(nil)
    defer { (words + settings).forEach { free($0) } }

    var id = pid_t()
    let code = posix_spawnp(&id, program, &actions, &attributes, words, settings)
    guard code == 0 else { throw PeerFailure("cannot start \(program): \(String(cString: strerror(code)))") }
    self.id = id
    self.ending = ending
  }

  deinit {
    kill(id, ending)
    waitpid(id, nil, 0)
  }

  /// Runs a program to its end.
  public static func run(_ program: String, _ arguments: [String], output: String = "/dev/null") throws {
    let child = try ChildProcess(program, arguments, output: output)
    var info = siginfo_t()
    // The child stays a zombie, so that its number cannot be another's when it is let go.
    while waitid(P_PID, id_t(child.id), &info, WEXITED | WNOWAIT) != 0 {
      guard errno == EINTR else { throw PeerFailure.system("waiting for \(program)") }
    }
    guard info.si_code == Int32(CLD_EXITED), info._sifields._sigchld.si_status == 0 else {
      throw PeerFailure("\(program) \(arguments.first ?? "") failed")
    }
  }
}
