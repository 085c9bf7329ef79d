import MeshModel
import TerminalUI

extension Command {
  static let routeCommands: [Command] = [
    Command(
      "weights.open", "change the weights of the rule", hint: "weights", keys: [.character("w"), Key(.enter)],
      in: .routes
    ) {
      state, _ in
      state.openEditor()
    },
    Command("group.open", "open what goes by replicas", keys: [Key(.right)], in: .routes) { state, _ in
      state.openGroup()
      return []
    },
    Command("group.close", "close what goes by replicas", keys: [Key(.left)], in: .routes) { state, _ in
      state.closeGroup()
      return []
    },
    Command(
      "change.undo", "undo the newest change: shows it and asks", hint: "undo", keys: [.character("u")], in: .routes,
      .weights, .pulse
    ) {
      state, _ in
      state.openUndo()
    },
    Command(
      "logs.open", "tail the log of what is selected", hint: "logs", keys: [.character("l")],
      in: .pulse, .graph, .edges, .routes, .weights, .proxies, .changes
    ) {
      state, _ in
      state.openLogs()
      return []
    },
  ]
}
