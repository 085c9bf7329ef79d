import TerminalUI

/// The filter of a list while it is being typed. The list follows each key.
struct FilterPrompt: Equatable, Sendable {
  var input: TextInput
  /// What the filter was, for `esc`.
  let before: String
}

extension Command {
  static let filterCommands: [Command] = [
    Command("filter.keep", "keep the filter", hint: "keep", keys: [Key(.enter)], in: .filter) { state, _ in
      state.prompt = nil
      return []
    },
    Command("filter.leave", "leave the filter as it was", hint: "leave", keys: [Key(.escape)], in: .filter) {
      state, _ in
      let before = state.prompt?.before ?? ""
      state.prompt = nil
      state.setFilter(before)
      return []
    },
  ]
}

extension State {
  var filter: TextFilter {
    switch screen {
    case .routes: routeList.filter
    case .proxies: proxyList.filter
    case .logs: logTail.filter
    case .help: TextFilter()
    }
  }

  mutating func openPrompt() {
    guard screen != .help else { return }
    prompt = FilterPrompt(input: TextInput(filter.text), before: filter.text)
  }

  /// Whether the key was a part of the text.
  mutating func takeInPrompt(_ key: Key) -> Bool {
    guard prompt?.input.take(key) == true else { return false }
    applyFilter()
    return true
  }

  mutating func applyFilter() { if let prompt { setFilter(prompt.input.text) } }

  mutating func setFilter(_ text: String) {
    switch screen {
    case .routes:
      routeList.filter = TextFilter(text)
      rebuildRouteTable()
    case .proxies:
      proxyList.filter = TextFilter(text)
      rebuildProxyRows()
    case .logs: logTail.setFilter(TextFilter(text))
    case .help: break
    }
  }
}
