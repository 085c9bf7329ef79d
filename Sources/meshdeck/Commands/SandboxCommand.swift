internal import ArgumentParser
internal import Glibc
internal import SandboxClient

/// `meshdeck sandbox`: the sandbox alone. Becomes meshdeck-sandbox, which knows all the options.
struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "A small real mesh on this machine, without the console.",
    discussion: "When it is ready it prints one line of JSON: where everything is. Ends with Ctrl-C.")

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Options of meshdeck-sandbox.", valueName: "options"))
  var options: [String] = []

  func run() throws {
    let program = try sandboxProgram()
    var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + options).map { strdup($0) }
    arguments.append(nil)
    execv(program, &arguments)
    throw CommandFailure(.unreachable, "cannot start \(program): \(String(cString: strerror(errno)))")
  }
}

/// The sandbox's program, or the sentence that says where it should be.
private func sandboxProgram() throws(CommandFailure) -> String {
  do { return try SandboxProcess.program() } catch { throw CommandFailure(.unreachable, error.description) }
}
