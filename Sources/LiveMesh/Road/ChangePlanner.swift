import JSON
import KubernetesAPI
import MeshModel

/// Reads what a change is of, and says what is to be written, or what of it is there: the one place that knows how an
/// edit and the objects of the cluster come together.
struct ChangePlanner: Sendable {
  /// What became of a change.
  enum Standing: Equatable, Sendable {
    /// The objects say what they said before it.
    case before
    /// They say what it wrote.
    case after(KubernetesObject?)
    /// They say something else: the rule's split, `nil` where there is no such rule.
    case other(TrafficSplit?)
  }

  let kubernetes: KubernetesClient
  /// The kind of the object that routes, in the version that the server serves.
  let type: ResourceType

  /// The draft with all that it needs to be written, as far as the cluster tells it.
  func completed(_ draft: ChangeDraft) async throws(ChangeFailure) -> ChangeDraft {
    guard case .firstRoute(let first, .making) = draft.edit else { return draft }
    return try await FirstRoutePlanner(kubernetes: kubernetes, type: type).completed(draft, first)
  }

  /// What is to be written, provided that everything still says what the draft was made against.
  func plan(_ draft: ChangeDraft) async throws(ChangeFailure) -> WritePlan {
    if case .controller(let action) = draft.edit { return try await ControllerPlanner(kubernetes, action).plan() }
    if case .firstRoute(let first, let direction) = draft.edit {
      return try await FirstRoutePlanner(kubernetes: kubernetes, type: type)
        .plan(draft.route.resource, first, direction, of: draft.route)
    }
    let object: RoutingObject
    do throws(KubernetesError) {
      object = try await read(draft.route)
    } catch {
      if case .notFound = error { throw .conflict(theirs: nil) }
      throw ChangeFailure(error)
    }
    // A rule that takes other requests is another one: the one that is meant stands elsewhere now, or nowhere.
    guard let rule = object.rule(draft.route), draft.match.map({ $0 == rule.match }) ?? true else {
      throw .conflict(theirs: nil)
    }
    switch draft.edit {
    case .weights(let before, let after, let along):
      guard rule.split == before else { throw .conflict(theirs: rule.split) }
      var fields = try weightEdits(of: rule, to: after)
      for edit in along {
        guard let other = object.rule(edit.route), edit.match.map({ $0 == other.match }) ?? true,
          other.split == edit.before
        else { throw .refused("somebody else changed \(edit.route) in the meantime; nothing was written") }
        fields += try weightEdits(of: other, to: edit.after)
      }
      return plan(.setting(fields, resourceVersion: object.object.resourceVersion), object, draft, match: rule.match)
    case .mirror(let destination, let before, let after):
      guard let now = rule.mirrors.first(where: { $0.destination == destination }),
        let fields = object.mirrorEdits(of: rule, to: destination, percent: after)
      else { throw .refused("\(draft.route) no longer copies requests to \(destination)") }
      guard now.percent == before else {
        throw .refused(
          "somebody else changed the copies to \(destination) to \(now.percent) %; nothing was overwritten")
      }
      return plan(.setting(fields, resourceVersion: object.object.resourceVersion), object, draft, match: rule.match)
    case .canary(let canary, let direction):
      let patch = try patch(canary, direction, rule, in: object)
      let match = direction == .making ? RoutingObject(object, after: patch)?.rule(draft.route)?.match : rule.match
      return plan(patch, object, draft, match: match)
    case .firstRoute, .controller: throw .refused("\(draft.route.resource) cannot be routed")
    }
  }

  /// What became of a change whose answer is not known.
  func standing(of change: Change) async throws(KubernetesError) -> Standing {
    if case .controller(let action) = change.edit { return try await ControllerPlanner(kubernetes, action).standing() }
    let object: RoutingObject?
    do throws(KubernetesError) {
      object = try await read(change.route)
    } catch {
      guard case .notFound = error else { throw error }
      object = nil
    }
    func says(_ edit: Edit) -> Bool {
      edit.isWritten(in: object?.routes(of: edit, change.route) ?? [], of: change.route, match: change.match)
    }
    let rule = object?.rule(change.route).flatMap { found in
      change.match.map { $0 == found.match } ?? true ? found : nil
    }
    switch change.edit {
    case .weights(let before, let after, _):
      if before != after, rule?.split == after, says(change.edit) { return .after(object?.object) }
      return rule?.split == before && says(change.edit.reversed) ? .before : .other(rule?.split)
    case .mirror, .canary, .firstRoute, .controller:
      if says(change.edit) { return .after(object?.object) }
      return says(change.edit.reversed) ? .before : .other(rule?.split)
    }
  }

  private func read(_ route: RouteID) async throws(KubernetesError) -> RoutingObject {
    try await kubernetes.get(
      RoutingObject.self, as: type, in: route.resource.namespace, name: route.resource.name)
  }

  private func plan(_ patch: JSONPatch, _ object: RoutingObject, _ draft: ChangeDraft, match: String?) -> WritePlan {
    WritePlan(
      uid: object.object.uid, match: match,
      writes: [ObjectWrite(type: type, key: object.object.key, action: .patch(patch, of: object.object))])
  }

  private func weightEdits(of rule: EditableRule, to after: TrafficSplit) throws(ChangeFailure) -> [FieldEdit] {
    if let obstacle = rule.obstacle { throw .refused(obstacle) }
    guard let edits = rule.weightEdits(to: after) else {
      throw .refused("\(rule.id) has other destinations than the change")
    }
    return edits
  }

  private func patch(
    _ canary: CanaryRule, _ direction: Edit.Direction, _ rule: EditableRule, in object: RoutingObject
  ) throws(ChangeFailure) -> JSONPatch {
    let version = JSONPatch.setting([], resourceVersion: object.object.resourceVersion)
    switch direction {
    case .making:
      guard let made = object.canaryRule(canary, from: rule) else {
        throw .refused(
          "\(rule.id) cannot be told apart by \(canary.header): it has no destination \(canary.destination), sees no "
            + "headers, or looks at that one itself")
      }
      return JSONPatch(version.operations + [.add(rule.place, made)])
    case .removing:
      guard rule.split.sendsSameShares(as: canary.split), let there = object.json[rule.place] else {
        throw .conflict(theirs: rule.split)
      }
      return JSONPatch(version.operations + [.test(rule.place, there), .remove(rule.place)])
    }
  }
}

extension RoutingObject {
  /// As a patch would leave it; `nil` where it does not apply.
  fileprivate init?(_ object: RoutingObject, after patch: JSONPatch) {
    guard let json = try? patch.applied(to: object.json), let parsed = try? JSON(parsing: json.bytes()),
      let changed = KubernetesObject(parsed)
    else { return nil }
    self.init(changed)
  }

  /// The rules that an edit is of, as far as they are there.
  fileprivate func routes(of edit: Edit, _ route: RouteID) -> [Route] {
    var all = [route]
    if case .weights(_, _, let along) = edit { all += along.map(\.route) }
    return all.compactMap { id in
      rule(id).map {
        Route(
          id: id, resourceVersion: object.resourceVersion, mesh: "", hosts: [], match: $0.match, split: $0.split,
          mirrors: $0.mirrors)
      }
    }
  }
}
