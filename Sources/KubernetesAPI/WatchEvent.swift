import JSON

/// A line of a watch.
enum WatchEvent<Resource: KubernetesResource>: Sendable {
  /// `ADDED` and `MODIFIED`: the object is now so. Which of the two it is says nothing after a watch was resumed.
  case set(Resource)
  case deleted(KubernetesObject)
  /// Nothing happened up to this resourceVersion.
  case bookmark(String)
  /// `ERROR`: a `Status`, most often 410.
  case failed(KubernetesError)
}

/// Why a line of a watch is no event.
struct NotAnEvent: Error, Equatable {
  let reason: String
}

extension WatchEvent {
  init(line: [UInt8], path: String, keepingFields: Bool) throws(NotAnEvent) {
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: line) } catch { throw NotAnEvent(reason: error.description) }
    let object = json["object"]
    switch json["type"]?.string {
    case "ADDED", "MODIFIED":
      guard let object = object.flatMap({ KubernetesObject($0, keepingFields: keepingFields, dropping: Resource.bulk) })
      else {
        throw NotAnEvent(reason: "an event without an object")
      }
      self = .set(Resource(object))
    case "DELETED":
      guard let object = object.flatMap({ KubernetesObject($0, keepingFields: false) }) else {
        throw NotAnEvent(reason: "an event without an object")
      }
      self = .deleted(object)
    case "BOOKMARK":
      guard let version = object?["metadata"]?["resourceVersion"]?.string else {
        throw NotAnEvent(reason: "a bookmark without a resourceVersion")
      }
      self = .bookmark(version)
    case "ERROR":
      self = .failed(KubernetesError(event: object, path: path))
    case let other:
      throw NotAnEvent(
        reason: other.map { "an event of type \"\(plain($0.prefix(40)))\"" } ?? "an event without a type")
    }
  }
}
