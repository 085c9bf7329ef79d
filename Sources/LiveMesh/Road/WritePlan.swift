import JSON
import KubernetesAPI
import MeshModel

/// What an edit comes to against the objects as they are: the requests that write it, in their order. Two plans are the
/// same only when they were made against the same versions.
struct WritePlan: Equatable, Sendable {
  /// The identity of the object that the edited rule stands in; `nil` where it is still to be made.
  let uid: String?
  /// Which requests the rule takes, as `Route.match` will say it, once it is written: of one that is taken away, which
  /// it took.
  let match: String?
  let writes: [ObjectWrite]
}

/// One request that writes an object, on condition that it is the one that was read.
struct ObjectWrite: Equatable, Sendable {
  enum Action: Equatable, Sendable {
    case patch(JSONPatch, of: KubernetesObject)
    case create(JSONValue)
    case delete(KubernetesObject)
  }

  let type: ResourceType
  let key: ObjectKey
  /// What of the object is written, where that is not the object itself: `status`.
  var subresource: String?
  let action: Action

  /// Gives the object as it is afterwards; `nil` where it is gone.
  func send(
    to kubernetes: KubernetesClient, mode: WriteMode
  ) async throws(KubernetesError) -> (object: KubernetesObject?, warnings: [String]) {
    switch action {
    case .patch(let patch, _):
      let written = try await kubernetes.patch(
        RoutingObject.self, as: type, in: key.namespace, name: key.name, subresource: subresource, with: patch,
        mode: mode)
      return (written.resource.object, written.warnings)
    case .create(let object):
      let written = try await kubernetes.create(RoutingObject.self, as: type, in: key.namespace, object, mode: mode)
      return (written.resource.object, written.warnings)
    case .delete(let object):
      let written = try await kubernetes.delete(
        type, in: key.namespace, name: key.name, uid: object.uid, resourceVersion: object.resourceVersion, mode: mode)
      return (nil, written.warnings)
    }
  }

  /// What differs between what was read and what the server made of it.
  func lines(to after: KubernetesObject?) -> [ChangePreview.Line] {
    func line(_ path: String, _ before: JSONValue?, _ after: JSONValue?) -> ChangePreview.Line? {
      guard before != after else { return nil }
      return ChangePreview.Line(path: path, before: before?.text() ?? "none", after: after?.text() ?? "none")
    }
    let whole = "\(type.kind) \(key)"
    switch action {
    case .patch(let patch, let before):
      return patch.writes.compactMap { place, value in
        // What is put into a list moves what stood there, and does not replace it.
        let isElement = before.json[place.parent]?.array != nil
        return line(
          place.path, isElement && value != nil ? nil : before.json[place], value == nil ? nil : after?.json[place])
      }
    case .create: return [line(whole, nil, after?.json["spec"])].compactMap { $0 }
    case .delete(let before): return [line(whole, before.json["spec"], nil)].compactMap { $0 }
    }
  }
}

extension JSONPointer {
  fileprivate var parent: JSONPointer { JSONPointer(steps.dropLast()) }

  /// As a person writes it: `spec.http[0].route[1].weight`.
  fileprivate var path: String {
    steps.reduce("") { path, step in
      if Int(step) != nil { return "\(path)[\(step)]" }
      return path.isEmpty ? step : "\(path).\(step)"
    }
  }
}
