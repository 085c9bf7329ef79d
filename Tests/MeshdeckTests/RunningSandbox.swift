import Glibc
import JSON
import Peers
import Pseudoterminal
import SandboxClient
import Testing

/// The tests of the built program, as its users have it: real Envoys, real kubectl, a real terminal. They share what
/// they can and run one after the other, as each start of a mesh costs.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(
    // In CI nothing is left out: what is missing fails there.
    if: RunningSandbox.missing == nil || getenv("CI") != nil, "\(RunningSandbox.missing ?? "") is missing"))
struct ProgramTests {}

/// A sandbox, and the programs that look at it.
final class RunningSandbox: Sendable {
  let process: SandboxProcess
  /// Where the journal is.
  let state: TemporaryFolder

  /// `reviews` at v1 90, v3 10, all healthy; for all tests that leave it running.
  static func calm() throws -> RunningSandbox { try shared.get() }
  private static let shared = Result { try RunningSandbox("--scenario", "calm") }

  init(_ options: String...) throws {
    process = try SandboxProcess(options: options)
    state = try TemporaryFolder()
  }

  /// What of the real peers is not there.
  static let missing: String? = {
    if peer("MESHDECK_ENVOY", "envoy") == nil { return "Envoy (MESHDECK_ENVOY)" }
    if kubectlProgram == nil { return "kubectl (MESHDECK_KUBECTL)" }
    return nil
  }()

  private static let kubectlProgram = peer("MESHDECK_KUBECTL", "kubectl")

  private static func peer(_ variable: String, _ name: String) -> String? {
    if let path = getenv(variable).map({ String(cString: $0) }), access(path, X_OK) == 0 { return path }
    let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  // MARK: Programs

  var options: [String] { process.ready.connectionOptions }

  func environment(_ more: [String: String] = [:]) -> [String: String] {
    RunningSandbox.environment(state).merging(more) { _, given in given }
  }

  static func environment(_ state: TemporaryFolder) -> [String: String] {
    var environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": state.path, "XDG_STATE_HOME": state.path, "LC_ALL": "C.UTF-8",
      "SWIFT_BACKTRACE": "enable=no",
    ]
    for name in ["LD_LIBRARY_PATH", "MESHDECK_ENVOY"] {
      environment[name] = getenv(name).map { String(cString: $0) }
    }
    return environment
  }

  /// Runs meshdeck on this mesh.
  func meshdeck(_ arguments: String..., within patience: Duration = .seconds(60)) throws -> ProgramRun {
    try ProgramRun(
      builtProgram("meshdeck"), arguments + options, environment: environment(), within: patience)
  }

  /// meshdeck on a terminal; without arguments the console on Pulse, where it begins.
  func terminal(_ arguments: String..., columns: Int = 118, rows: Int = 36) throws -> Pseudoterminal {
    try Pseudoterminal(
      builtProgram("meshdeck"), arguments + options, columns: columns, rows: rows, environment: environment())
  }

  /// The console on Routes.
  func console(columns: Int = 118, rows: Int = 36) throws -> Pseudoterminal {
    let console = try terminal(columns: columns, rows: rows)
    try console.openRoutes()
    return console
  }

  @discardableResult func kubectl(_ arguments: String...) throws -> String {
    let program = try #require(Self.kubectlProgram)
    let run = try ProgramRun(
      program, ["--kubeconfig", process.ready.kubeconfig] + arguments, environment: environment())
    try #require(run.code == 0, "kubectl \(arguments): \(run.errors)")
    return run.output
  }

  // MARK: reviews

  /// Another editor sets the weights.
  func patch(v1: Int, v3: Int) throws {
    let patch = """
      [{"op":"replace","path":"/spec/http/0/route/0/weight","value":\(v1)},
       {"op":"replace","path":"/spec/http/0/route/1/weight","value":\(v3)}]
      """
    try kubectl("patch", "virtualservice", "reviews", "--type", "json", "-p", patch)
  }

  /// The weights as the resource has them.
  func weights() throws -> [Int] {
    let text = try kubectl("get", "virtualservice", "reviews", "-o", "jsonpath={.spec.http[0].route[*].weight}")
    return text.split(separator: " ").compactMap { Int($0) }
  }

  /// Weights as a test wants to begin with them, in every proxy.
  func begin(v1: Int, v3: Int) throws {
    let run = try meshdeck("split", "set", "reviews", "v1=\(v1)", "v3=\(v3)", "--yes")
    try #require(run.code == 0, "\(run.errors)")
  }

  /// Processes of this sandbox are told by their configuration's path.
  func proxyProcess(of pod: String) throws -> (id: pid_t, words: [String]) {
    let folder = process.ready.kubeconfig.split(separator: "/").dropLast().joined(separator: "/")
    return try #require(ProcessTable.find("/\(folder)/\(pod)"), "no process for \(pod)")
  }

  deinit { process.stop() }
}

extension TemporaryFolder {
  /// Of a program whose state folder it is.
  var journal: String { "\(path)/meshdeck/changes.jsonl" }
}

extension JSONValue {
  /// What a command printed.
  init(printed run: ProgramRun) throws { try self.init(parsing: Array(run.output.utf8)) }
}

extension Pseudoterminal {
  /// From Pulse, where the console begins.
  func openRoutes() throws {
    try wait(for: "1 Pulse")
    type("3")
  }
}
