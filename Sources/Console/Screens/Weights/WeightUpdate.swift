import MeshModel

extension State {
  /// How long a draft is left alone before the server is asked about it.
  static let settling: Duration = .milliseconds(150)

  private static let ruleIsGone = "the rule is gone: esc leaves"

  mutating func openEditor() -> [Effect] {
    guard let selection = routeList.selection, let route = route(selection.route) else { return [] }
    if foldedGroup != nil {
      openGroup()
      return []
    }
    guard route.isSplit else {
      let reason =
        route.id.resource.kind == .service
        ? "\(route.service) has no routing, so no weights to change: a first VirtualService is needed"
        : "\(route.id) has one destination, which takes everything: there are no weights to change"
      notice = reason
      return []
    }
    revision += 1
    editor = WeightEditor(
      route: route.id, match: route.match, selected: selection.destination, base: route.split,
      resourceVersion: route.resourceVersion,
      draft: route.split, revision: revision)
    return []
  }

  /// Changes the draft; a changed one is checked by the server once it is left alone.
  mutating func edit(_ change: (inout WeightEditor) -> Void) -> [Effect] {
    guard var editor else { return [] }
    switch editor.stage {
    case .drafting, .confirming, .checking: break
    case .sending:
      notice = "the change has been sent: its answer comes first"
      return []
    case .conflict(let theirs):
      notice =
        theirs == nil
        ? Self.ruleIsGone : "first decide whose weights are the base: t takes theirs, esc leaves"
      return []
    }
    editor.leaveRamp()
    let before = editor.draft
    editor.offer = nil
    change(&editor)
    editor.stage = .drafting
    guard editor.draft != before else {
      self.editor = editor
      return []
    }
    revision += 1
    editor.revision = revision
    editor.failure = nil
    // With other figures it puts nothing back.
    editor.undoes = nil
    editor.check = editor.isChanged && editor.draft.refusal == nil ? .waiting(isAsked: false) : .none
    self.editor = editor
    return editor.check == .none ? [] : [.settle(Self.settling, revision: revision)]
  }

  mutating func draftSettled(_ revision: Int) -> [Effect] {
    guard let editor, editor.revision == revision, editor.check == .waiting(isAsked: false) else { return [] }
    self.editor?.check = .waiting(isAsked: true)
    return [.preview(editor.change, revision: revision)]
  }

  mutating func draftPreviewed(_ revision: Int, _ result: Result<ChangePreview, ChangeFailure>) -> [Effect] {
    guard var editor, editor.revision == revision else { return [] }
    defer { self.editor = editor }
    switch result {
    case .success(let preview):
      editor.check = .accepted(preview)
      guard editor.stage == .checking else { return [] }
      return confirmAccepted(&editor, preview)
    case .failure(.conflict(let theirs)):
      editor.stage = .conflict(theirs: theirs)
      editor.check = .none
    case .failure(let failure):
      editor.check = .failed(failure)
      if editor.stage == .checking { editor.stage = .drafting }
    }
    return []
  }

  /// The first time asks whether it is meant; the second time sends, as soon as the dry run has accepted it.
  mutating func confirmDraft() -> [Effect] {
    guard var editor else { return [] }
    defer { self.editor = editor }
    if let refusal = editor.typingRefusal {
      notice = refusal
      return []
    }
    editor.endTyping()
    if editor.offer != nil, editor.stage == .drafting { return confirmOffer(&editor) }
    switch editor.stage {
    case .drafting:
      guard editor.isChanged else {
        notice = "nothing to apply: the draft is what the resource says"
        return []
      }
      if let refusal = editor.draft.refusal {
        notice = refusal
        return []
      }
      if case .accepted(let preview) = editor.check, let refusal = preview.checks.refusal {
        notice = "not written: \(refusal)"
        return []
      }
      editor.stage = .confirming
      // A second try after a failure asks the server anew.
      if case .failed = editor.check { editor.check = .waiting(isAsked: false) }
      guard editor.check == .waiting(isAsked: false) else { return [] }
      editor.check = .waiting(isAsked: true)
      return [.preview(editor.change, revision: editor.revision)]
    case .confirming:
      switch editor.check {
      case .accepted(let preview): return confirmAccepted(&editor, preview)
      case .waiting: editor.stage = .checking
      case .none, .failed: editor.stage = .drafting
      }
      return []
    case .conflict(let theirs):
      notice =
        theirs == nil
        ? Self.ruleIsGone : "nothing is overwritten: t takes their weights as the base, esc leaves"
      return []
    case .checking, .sending: return []
    }
  }

  mutating func send(_ editor: inout WeightEditor) -> [Effect] {
    guard sending == nil else {
      notice = "another change is being written: its answer comes first"
      editor.stage = .drafting
      return []
    }
    editor.stage = .sending
    editor.failure = nil
    failedWrite = nil
    sending = Sending(revision: editor.revision, route: editor.route)
    if let ramp = editor.ramp { return [.beginRamp(ramp, note: editor.note, revision: editor.revision)] }
    return [.apply(editor.sent, revision: editor.revision)]
  }

  mutating func draftApplied(_ revision: Int, _ result: Result<AppliedChange, ChangeFailure>) -> [Effect] {
    guard let sending, sending.revision == revision else { return [] }
    let route = sending.route
    self.sending = nil
    let isOpen = editor?.revision == revision
    switch result {
    case .success(let applied):
      if case .controller = applied.change.edit { return offerTaken(applied) }
      underway.removeAll { $0.applied.change.route == applied.change.route }
      underway.append(Underway(applied: applied))
      if isOpen, var editor {
        editor.superseded = editor.resourceVersion
        editor.base = applied.change.after
        editor.draft = applied.change.after
        editor.resourceVersion = applied.resourceVersion
        editor.undoes = nil
        editor.note = nil
        editor.check = .none
        editor.stage = .drafting
        self.editor = editor
        // The watch may have been faster than the answer.
        editorFollowsRoutes()
      }
      return [.readHistory]
    case .failure(.conflict(let theirs)) where isOpen:
      editor?.stage = .conflict(theirs: theirs)
      editor?.check = .none
    case .failure(let failure) where isOpen:
      editor?.stage = .drafting
      editor?.failure = failure
      // What others wrote in the meantime was not looked at.
      editorFollowsRoutes()
    case .failure(let failure):
      let what = if case .answerLost = failure { "the change was" } else { "the change was not made:" }
      failedWrite = "\(route): \(what) \(failure); esc puts this away"
    }
    return [.readHistory]
  }

  /// Keeps the draft's base true while others write.
  mutating func editorFollowsRoutes() {
    guard var editor, let all = routes.value else { return }
    defer { self.editor = editor }
    // A rule that no longer divides requests is as good as gone: there is nothing to give weights to. One that takes
    // other requests is another rule in its place.
    guard let route = all.first(where: { $0.id == editor.route }), route.isSplit, route.match == editor.match else {
      if editor.stage != .sending { editor.stage = .conflict(theirs: nil) }
      return
    }
    if route.resourceVersion == editor.resourceVersion || route.resourceVersion == editor.superseded { return }
    switch editor.stage {
    case .sending: return
    case .conflict:
      editor.stage = .conflict(theirs: route.split)
    case .drafting, .confirming, .checking:
      if route.split == editor.base {
        // Something else of the resource changed: the draft is as good as before, against the new version.
        editor.resourceVersion = route.resourceVersion
      } else if !editor.isChanged {
        editor.endTyping()
        editor.base = route.split
        editor.draft = route.split
        editor.resourceVersion = route.resourceVersion
        editor.pinned.formIntersection(route.split.destinations)
        if !route.split.destinations.contains(editor.selected) { editor.selected = route.split.destinations[0] }
      } else {
        editor.leaveRamp()
        editor.stage = .conflict(theirs: route.split)
        editor.check = .none
      }
    }
  }

  /// After a conflict: what they wrote becomes the base, and the draft stays what it was where that is possible.
  mutating func takeTheirs() -> [Effect] {
    guard var editor, case .conflict(let theirs) = editor.stage else {
      notice = "there is nothing to take over: nobody else changed the rule"
      return []
    }
    guard let theirs, let route = routes.value?.first(where: { $0.id == editor.route }), route.isSplit else {
      notice = Self.ruleIsGone
      return []
    }
    guard route.split == theirs else {
      notice = "the resource as they wrote it has not come in yet: try again in a moment"
      return []
    }
    // What was being typed was typed over a draft that may be of other destinations.
    editor.endTyping()
    if Set(theirs.destinations) != Set(editor.draft.destinations) { editor.draft = theirs }
    editor.base = theirs
    editor.resourceVersion = route.resourceVersion
    editor.superseded = nil
    editor.undoes = nil
    editor.pinned.formIntersection(theirs.destinations)
    if !theirs.destinations.contains(editor.selected) { editor.selected = theirs.destinations[0] }
    editor.stage = .drafting
    revision += 1
    editor.revision = revision
    editor.check = editor.isChanged ? .waiting(isAsked: false) : .none
    self.editor = editor
    return editor.isChanged ? [.settle(Self.settling, revision: revision)] : []
  }

  mutating func leaveEditor() -> [Effect] {
    switch editor?.stage {
    case .drafting where editor?.offer != nil: editor?.offer = nil
    case .confirming, .checking:
      editor?.stage = .drafting
      editor?.leaveRamp()
    case .drafting, .sending, .conflict, nil: editor = nil
    }
    return []
  }
}
