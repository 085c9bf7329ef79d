internal import ArgumentParser

/// `meshdeck`: the console.
struct ConsoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "The console, which is also what opens without a subcommand.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var appearance: AppearanceOptions

  func run() throws {
    try openConsole(connection, appearance)
  }
}
