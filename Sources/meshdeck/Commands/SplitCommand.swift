internal import ArgumentParser

/// `meshdeck split`: changes weights without a screen, on the same road.
struct SplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split", abstract: "Change how a route divides its requests, or undo such a change.",
    subcommands: [
      SplitSetCommand.self, SplitRampCommand.self, SplitMirrorCommand.self, SplitCanaryCommand.self,
      SplitFirstCommand.self, SplitUndoCommand.self, SplitControllerCommand.self,
    ])
}
