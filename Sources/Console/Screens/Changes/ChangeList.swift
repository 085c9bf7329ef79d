import MeshHealth
import MeshModel
import TerminalUI

/// The Changes screen: what is selected, how far it is scrolled, and whether the selected change is shown in full.
struct ChangeList: Equatable, Sendable {
  /// What is shown, newest first: built when it changes, not for each picture.
  var rows: [TimelineEntry] = []
  /// How many there are without the filter.
  var count = 0
  var selection: TimelineEntry.ID?
  var scrolling = Scrolling()
  var isOpen = false
  var filter = TypedExpression()
}

extension State {
  /// The time line as far as anything is known of it, newest first.
  var timeline: [TimelineEntry] {
    let records = journal.filter { identity.scope.holds($0.change.route.resource.namespace) }
    let ramps = rampHistory.filter { identity.scope.holds($0.plan.route.resource.namespace) }
    return Timeline.entries(journal: records, observed: changes.value ?? [], ramps: ramps).map { entry in
      var entry = entry
      entry.effect = entry.observed.flatMap { effects[$0.id] }
      entry.progress = entry.record.flatMap { record in
        underway.last { $0.applied.id == record.id }?.progress.value ?? lastProgress[record.id]
      }
      return entry
    }
  }

  mutating func rebuildTimeline() {
    guard screen == .changes else { return }
    let all = timeline
    let before = changeList.selection.flatMap { selection in changeList.rows.firstIndex { $0.id == selection } }
    changeList.count = all.count
    changeList.rows = changeList.filter.expression.map { filter in all.filter(filter.matches) } ?? all
    if !changeList.rows.contains(where: { $0.id == changeList.selection }) {
      let place = min(before ?? 0, changeList.rows.count - 1)
      changeList.selection = changeList.rows.isEmpty ? nil : changeList.rows[place].id
    }
  }

  var selectedChange: TimelineEntry? { changeList.rows.first { $0.id == changeList.selection } }

  mutating func moveInChanges(_ movement: Movement) {
    let rows = changeList.rows
    let place = rows.firstIndex { $0.id == changeList.selection } ?? 0
    let height = ChangesLayout(self).list.rows
    guard let target = movement.target(from: place, count: rows.count, height: height) else { return }
    changeList.selection = rows[target].id
    changeList.scrolling.moved(from: place, to: target, count: rows.count, height: height)
  }

  mutating func filterChanges(_ text: String) {
    changeList.filter.take(text, fields: TimelineEntry.fields)
    rebuildTimeline()
  }
}
