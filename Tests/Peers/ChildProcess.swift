import Glibc
import Spawning

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
    var child = Program(program, arguments)
    var inherited: [String] = []
    var place = environ
    while let setting = place.pointee {
      inherited.append(String(cString: setting))
      place += 1
    }
    child.environment = environment.map { "\($0)=\($1)" } + inherited
    child.output = .appending(output)
    child.errors = .appending(output)
    child.keeping = keeping
    let id: pid_t
    do { id = try child.start() } catch { throw PeerFailure("\(error)") }
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
