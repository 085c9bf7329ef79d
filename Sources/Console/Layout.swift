import MeshModel
import TerminalUI

/// How the terminal is divided: header and tabs at the top, lines about the whole at the foot, the screen in between.
struct Layout: Equatable {
  static let smallest = Size(columns: 40, rows: 10)
  /// Header, tabs and the line below them.
  static let headRows = 3

  let body: Rect
  /// Trouble, the answer to the last command, or the filter that is typed, above the footer.
  let foot: [Foot]
  let footer: Int

  /// A row about the whole, below every screen.
  enum Foot: Equatable {
    /// The first row of a sentence has its sign, the next ones stand below it.
    case text(String, Health?)
    case prompt
    /// A ramp on its way.
    case ramp(RampProgress)
    /// What can be said to a question about ramps.
    case answers(RampQuestion)
    /// What can be typed, or what is wrong with what is typed.
    case hint(Line)
    /// What is asked of what is shown, while it is not being typed.
    case filter
  }

  init(_ state: State) {
    // A sentence says at its end what to do: it gets a second row where there is room.
    let isTall = state.size.rows >= 20
    func rows(_ text: String, _ health: Health) -> [Foot] {
      let columns = max(1, state.size.columns - 4)
      guard isTall, let first = text.wrapped(columns: columns, most: 1).first, first.count < text.count else {
        return [.text(text, health)]
      }
      let rest = text.dropFirst(first.count).drop { $0 == " " }
      return [.text(first, health), .text(String(rest), nil)]
    }
    var foot = state.troubles.prefix(isTall ? 2 : 1).flatMap { rows($0, .failing) }
    if let failed = state.failedWrite { foot += rows(failed, .failing) }
    if let notice = state.notice { foot += rows(notice, .warning) }
    foot += state.rampsBelow.map(Foot.ramp)
    if let question = state.rampQuestion, state.prompt == nil {
      foot += rows(state.sentence(of: question), .warning)
      foot.append(.answers(question))
    }
    if let prompt = state.prompt {
      if let hint = state.hint(for: prompt) { foot.append(.hint(hint)) }
      foot.append(.prompt)
    } else if state.filterLine != nil {
      foot.append(.filter)
    }
    self.foot = foot
    footer = state.size.rows - 1
    body = Rect(
      column: 0, row: Self.headRows, columns: state.size.columns,
      rows: state.size.rows - Self.headRows - foot.count - 1)
  }
}

extension State {
  /// Whether there is no room for a picture.
  var isTooSmall: Bool { size.columns < Layout.smallest.columns || size.rows < Layout.smallest.rows }

  /// What is wrong with what is shown, most important first: sentences with their remedy.
  var troubles: [String] {
    var feeds: [(name: String, trouble: Trouble?, asOf: Timestamp?)] = [
      ("routes", routes.trouble, routes.asOf), ("proxies", proxies.trouble, proxies.asOf),
      ("traffic", traffic.trouble, traffic.asOf),
    ]
    if screen == .graph {
      feeds += [("edges", edges.trouble, edges.asOf), ("services", topology.trouble, topology.asOf)]
    }
    var seen: [(trouble: Trouble, names: [String], oldest: Timestamp?)] = []
    for feed in feeds {
      guard let trouble = feed.trouble else { continue }
      if let place = seen.firstIndex(where: { $0.trouble == trouble }) {
        seen[place].names.append(feed.name)
        seen[place].oldest = [seen[place].oldest, feed.asOf].compactMap { $0 }.min()
      } else {
        seen.append((trouble, [feed.name], feed.asOf))
      }
    }
    return seen.map { entry in
      let age = entry.oldest.map { ", \(Figures.age(now - $0)) old" } ?? ", never read"
      return "\(entry.names.joined(separator: ", "))\(age): \(entry.trouble)"
    }
  }
}
