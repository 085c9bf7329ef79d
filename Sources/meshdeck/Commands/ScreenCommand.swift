public import ArgumentParser
internal import Console
internal import ConsoleRuntime
internal import MeshModel
internal import Settings
internal import TerminalDriver
public import TerminalUI

/// `meshdeck screen routes --size 118x36`: one screen as text.
struct ScreenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "screen", abstract: "One screen as text, for runbooks and bug reports.")

  @Argument(help: "\(State.screenNames.joined(separator: ", ")).")
  var name: String

  @Option(help: ArgumentHelp("Columns and rows.", valueName: "118x36"))
  var size = Size(columns: 118, rows: 36)

  @Option(help: ArgumentHelp("How long to gather before the picture is taken.", valueName: "time"))
  var after = Span(.seconds(3))

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var appearance: AppearanceOptions

  func validate() throws {
    guard State.screenNames.contains(name) else {
      throw ValidationError("There is no screen \(name); there are \(State.screenNames.joined(separator: ", ")).")
    }
  }

  func run() throws {
    let settings = UserSettings(appearance.flags)
    let session = try Session(connection, settings: settings.configuration)
    let display = PrintingDisplay(size: size, after: after.duration)
    ConsoleLoop(
      identity: session.identity, mesh: session.mesh, display: display,
      glyphs: settings.configuration.glyphs(of: settings.theme, isUnicode: Terminal.isUnicode), time: .system,
      window: settings.configuration.window, health: settings.configuration.health, logs: settings.configuration.logs,
      screen: name, wake: display.wake
    ).run()
    print(display.frame?.text ?? "")
    settings.tellComplaints()
  }
}

extension Size: ExpressibleByArgument {
  public init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let columns = parts[0], let rows = parts[1], (1...1000).contains(columns),
      (1...1000).contains(rows)
    else { return nil }
    self.init(columns: columns, rows: rows)
  }

  public var defaultValueDescription: String { "\(columns)x\(rows)" }
}
