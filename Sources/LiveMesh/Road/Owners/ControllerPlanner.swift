import JSON
import KubernetesAPI
import MeshModel

/// Says what an action of a controller writes to the controller's own object, and whether it stands there.
struct ControllerPlanner {
  private let kubernetes: KubernetesClient
  private let action: ControllerAction

  init(_ kubernetes: KubernetesClient, _ action: ControllerAction) {
    self.kubernetes = kubernetes
    self.action = action
  }

  func plan() async throws(ChangeFailure) -> WritePlan {
    guard let type = ControllerKinds.type(of: action.object.kind), let field = Field(action) else {
      throw .refused("\(action.object.kind) cannot be told to \(action.verb.rawValue)")
    }
    let object: KubernetesObject
    do throws(KubernetesError) {
      object = try await read(type)
    } catch {
      throw ChangeFailure(error)
    }
    let edit = field.edit(of: object)
    let patch = JSONPatch.setting([edit], resourceVersion: object.resourceVersion)
    return WritePlan(
      // The journal keeps the identity of what routes, and this is another object.
      uid: nil, match: nil,
      writes: [
        ObjectWrite(type: type, key: object.key, subresource: action.subresource, action: .patch(patch, of: object))
      ])
  }

  func standing() async throws(KubernetesError) -> ChangePlanner.Standing {
    guard let type = ControllerKinds.type(of: action.object.kind), let field = Field(action) else { return .other(nil) }
    let object: KubernetesObject
    do throws(KubernetesError) {
      object = try await read(type)
    } catch {
      guard case .notFound = error else { throw error }
      return .other(nil)
    }
    return object.json[field.place] == field.value ? .after(object) : .before
  }

  private func read(_ type: ResourceType) async throws(KubernetesError) -> KubernetesObject {
    try await kubernetes.get(AnyResource.self, as: type, in: action.object.namespace, name: action.object.name).object
  }

  /// The one field that an action is: what `kubectl argo rollouts`, `flux suspend` and `kubectl patch canary` write.
  private struct Field {
    let place: JSONPointer
    /// `nil` takes it away.
    let value: JSONValue?

    init?(_ action: ControllerAction) {
      let isRollout = action.object.kind == ControllerKinds.rollout.kind
      switch action.verb {
      case .pause where isRollout: self.init(["spec", "paused"], true)
      case .resume where isRollout: self.init(["spec", "paused"], false)
      case .promote where isRollout: self.init(["status", "pauseConditions"], nil)
      case .abort where isRollout: self.init(["status", "abort"], true)
      case .suspend where !isRollout: self.init(["spec", "suspend"], true)
      case .resume: self.init(["spec", "suspend"], false)
      default: return nil
      }
    }

    /// A controller that has not looked at its object yet has given it no status.
    func edit(of object: KubernetesObject) -> FieldEdit {
      let parent = JSONPointer(place.steps.dropLast())
      guard object.json[parent] == nil, let value, let name = place.steps.last else {
        return FieldEdit(place, from: object.json[place], to: value)
      }
      return FieldEdit(parent, from: nil, to: .object(JSONObject([(name, value)])))
    }

    private init(_ steps: [String], _ value: JSONValue?) {
      place = JSONPointer(steps)
      self.value = value
    }
  }
}

extension ControllerAction {
  /// What of its object it writes, where that is not the object itself.
  var subresource: String? { verb == .promote || verb == .abort ? "status" : nil }
}
