internal import ArgumentParser

/// `meshdeck`: without a subcommand it opens the console.
struct MeshdeckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meshdeck",
    abstract: "The terminal console for service meshes: see what fails, move weights, see the change arrive.",
    discussion: """
      Without a subcommand it opens the console on the kubeconfig's current context. `meshdeck demo` opens it on a \
      small real mesh on this machine.

      Exit codes: 0 done; 2 usage; 3 refused; 4 conflict; 5 unreachable; 6 not applied everywhere in time; \
      7 a ramp went back by itself; 8 a ramp stopped on its way.
      """,
    version: "meshdeck \(version)",
    subcommands: [
      ConsoleCommand.self, DemoCommand.self, SandboxCommand.self, PulseCommand.self, GraphCommand.self,
      RoutesCommand.self, ProxiesCommand.self, ChangesCommand.self, SplitCommand.self, LogsCommand.self,
      ScreenCommand.self,
    ],
    defaultSubcommand: ConsoleCommand.self)

  static let version = "0.1.0"
}
