import TerminalUI

/// What is being typed below the screen: the filter of a list, which follows each key, and the like.
struct Prompt: Equatable, Sendable {
  enum Purpose: Equatable, Sendable {
    /// What a list shows.
    case filter
    /// What the graph hides: an expression.
    case hide
    /// What is looked for in the graph, and what was selected before: an expression.
    case find(from: GraphScreen.Selection?)
    /// What is asked of the lines of a log: an expression.
    case logs(LogLens.Question)
    /// Whose logs are tailed.
    case logSource
    /// What is shown of a line.
    case logColumns
    /// The name of the file that the lines go to.
    case saveLog
    /// The moment to look at.
    case moment
    /// The time in a log to go to.
    case logMoment
    /// Which changes are listed: an expression.
    case changes
    /// The name of the file that the list goes to.
    case export
    /// The name of the route that a change is of, to say that it is meant.
    case confirm(revision: Int)
    /// Why a change is made.
    case note
    /// How a ramp is to go.
    case ramp

    var sign: String {
      switch self {
      case .filter, .find, .changes: "/"
      case .hide: "\\"
      case .logs(let question): question.sign
      case .logSource: "logs of "
      case .logColumns: "columns "
      case .moment, .logMoment: "at "
      case .export, .saveLog: "to "
      case .confirm: "name "
      case .note: "why "
      case .ramp: "ramp "
      }
    }
  }

  let purpose: Purpose
  var input: TextInput
  /// What the text was, for `esc`.
  let before: String
  /// The words that `tab` goes through, until another key.
  var offer: Offer?
  /// Whether the text was to be kept and could not be read, until another key.
  var isRefused = false

  init(_ purpose: Purpose = .filter, _ text: String) {
    self.purpose = purpose
    input = TextInput(text)
    before = text
  }
}

extension Command {
  static let filterCommands: [Command] = [
    Command("filter.keep", "keep what is typed", hint: "keep", keys: [Key(.enter)], in: .filter) { state, _ in
      state.keepPrompt()
    },
    Command("filter.complete", "the next word that can stand here", keys: [Key(.tab)], in: .filter) {
      state, _ in
      state.prompt?.complete()
      state.applyPrompt()
      return []
    },
    Command("filter.leave", "leave it as it was", hint: "leave", keys: [Key(.escape)], in: .filter) {
      state, _ in
      guard let left = state.prompt else { return [] }
      state.prompt = nil
      state.take(left.before, for: left.purpose)
      if case .find(let selection?) = left.purpose { state.select(selection) }
      return []
    },
  ]
}

extension State {
  var filter: TextFilter {
    switch screen {
    case .pulse: pulse.filter
    case .routes: routeList.filter
    case .proxies: proxyList.filter
    case .changes: TextFilter(changeList.filter.text)
    case .logs, .graph, .help: TextFilter()
    }
  }

  /// What is asked of what is shown, while it is not being typed; `nil` where nothing is.
  var filterLine: Line? {
    let asked =
      screen == .logs
      ? logTail.lens.line(LogLens.Question.allCases) : filter.isEmpty ? [] : Line("/\(filter.text)   ", .accent)
    guard !asked.isEmpty else { return nil }
    let isHiding = screen != .logs || logTail.lens.isSifting
    return isHiding ? asked + Line("esc shows all", .dim) : asked
  }

  mutating func openPrompt() {
    guard screen != .help else { return }
    prompt = Prompt(screen == .changes ? .changes : .filter, filter.text)
  }

  /// Whether the key was a part of the text.
  mutating func takeInPrompt(_ key: Key) -> Bool {
    guard prompt?.input.take(key) == true else { return false }
    prompt?.offer = nil
    prompt?.isRefused = false
    applyPrompt()
    return true
  }

  mutating func applyPrompt() { if let prompt { take(prompt.input.text, for: prompt.purpose) } }

  fileprivate mutating func keepPrompt() -> [Effect] {
    guard let kept = prompt else { return [] }
    switch kept.purpose {
    case .confirm(let revision): return confirmByName(kept.input.text, revision: revision)
    case .export: return exportChanges(to: kept.input.text)
    case .saveLog: return saveLog(to: kept.input.text)
    case .logColumns where !showColumns(kept.input.text): return []
    case .moment where !lookAt(kept.input.text): return []
    case .logMoment where !goTo(kept.input.text): return []
    case .logSource where !openLogs(of: kept.input.text): return []
    case .logs where kept.problem != nil:
      prompt?.isRefused = true
      return []
    case .logs(let question): logTail.ask(question, kept.input.text)
    case .note: takeNote(kept.input.text)
    case .ramp: return askAboutRamp(kept.input.text)
    case .moment, .logMoment, .logSource, .logColumns, .filter, .hide, .find, .changes: break
    }
    prompt = nil
    return []
  }

  fileprivate mutating func take(_ text: String, for purpose: Prompt.Purpose) {
    switch purpose {
    case .filter: setFilter(text)
    case .hide: hideInGraph(text)
    case .find: findInGraph(text)
    case .logs(let question) where prompt?.isAtField != true: logTail.ask(question, text)
    // What may become a field is no word yet.
    case .logs: break
    case .changes: filterChanges(text)
    case .logColumns: previewColumns(text)
    // Half a time is another one, and half a name is none: these count when they are kept.
    case .moment, .logMoment, .logSource, .saveLog, .confirm, .note, .export, .ramp: break
    }
  }

  mutating func setFilter(_ text: String) {
    switch screen {
    case .pulse:
      pulse.filter = TextFilter(text)
      keepPulseSelection()
    case .routes:
      routeList.filter = TextFilter(text)
      rebuildRouteTable()
    case .proxies:
      proxyList.filter = TextFilter(text)
      rebuildProxyRows()
    case .changes: filterChanges(text)
    case .logs, .graph, .help: break
    }
  }
}
