import MeshModel

/// The draft of one rule's weights, over the screen.
struct WeightEditor: Equatable, Sendable {
  enum Check: Equatable, Sendable {
    /// The draft is what the resource says: nothing to ask.
    case none
    /// The server has not answered yet. `isAsked` once the question has left.
    case waiting(isAsked: Bool)
    case accepted(ChangePreview)
    case failed(ChangeFailure)
  }

  enum Stage: Equatable, Sendable {
    /// Left by `confirm`, when the draft may be sent.
    case drafting
    /// Asks whether it is meant. Left by `confirm` and by `esc`.
    case confirming
    /// Meant, and waiting for the dry run. Left by its answer and by `esc`.
    case checking
    /// The write has left. Left by its answer.
    case sending
    /// Somebody else changed the rule: nothing is overwritten. Left by taking theirs as the base, or by leaving.
    case conflict(theirs: TrafficSplit?)
  }

  let route: RouteID
  /// Which requests the rule takes: tells whether it is still the same one.
  let match: String
  var selected: Destination
  /// What the draft is made against.
  var base: TrafficSplit
  var resourceVersion: String
  var draft: TrafficSplit
  var pinned: Set<Destination> = []
  /// The digits of a percentage that is being typed, and the draft that they change: each digit starts from there, so
  /// that the 1 of 10 leaves no trace.
  var typed = ""
  var typedOver: TrafficSplit?
  var undoes: Change.ID?
  /// Why it is made.
  var note: String?
  /// What a controller could be told instead, while that is asked about.
  var offer: ControllerAction?
  /// The ramp that is asked about; the draft is then what it comes to.
  var ramp: RampPlan?
  var revision: Int
  var check = Check.none
  var stage = Stage.drafting
  /// Why the last write was not made.
  var failure: ChangeFailure?
  /// The version that our own write replaced: what the feed still says of it is older than what we know.
  var superseded: String?

  var isChanged: Bool { draft != base }

  var change: ChangeDraft {
    ChangeDraft(
      route: route, match: match, resourceVersion: resourceVersion, before: base, after: draft, undoes: undoes,
      note: note)
  }

  /// What is sent: the draft, or what a controller is told instead.
  var sent: ChangeDraft {
    guard let offer else { return change }
    return ChangeDraft(
      route: route, match: match, resourceVersion: resourceVersion, edit: .controller(offer), note: note)
  }

  /// Shares that neither are pinned nor are the selected one: those that give and take.
  var free: [Destination] { draft.destinations.filter { $0 != selected && !pinned.contains($0) } }

  /// Asks about no ramp any more.
  mutating func leaveRamp() {
    guard ramp.take() != nil else { return }
    draft = base
    check = .none
  }

  mutating func select(by step: Int) {
    let all = draft.destinations
    guard let place = all.firstIndex(of: selected), !all.isEmpty else { return }
    selected = all[min(max(0, place + step), all.count - 1)]
    endTyping()
  }

  mutating func type(_ digits: String) {
    let start = typedOver ?? draft
    typedOver = start
    typed = digits
    let percent = Int(digits).flatMap { $0 <= 100 ? $0 : nil }
    draft = percent.map { start.giving(percent: $0, to: selected, pinning: pinned) } ?? start
    if digits.isEmpty { endTyping() }
  }

  /// Why what is typed stands for no share; `nil` when it does, or nothing is typed.
  var typingRefusal: String? {
    guard let percent = Int(typed), percent > 100 else { return nil }
    return "\(typed) is more than 100 percent: the draft is as it was before; backspace takes a digit back"
  }

  mutating func endTyping() {
    typed = ""
    typedOver = nil
  }
}
