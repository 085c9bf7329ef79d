public import Transport

/// All objects of a kind as the server last had them, and how good this knowledge is.
public struct Watched<Resource: KubernetesResource>: Sendable {
  public enum Phase: Equatable, Sendable {
    /// Nothing is known yet.
    case loading
    /// What is here follows the server.
    case live
    /// What is here was true once; it is tried again after the time given.
    case behind(WatchTrouble, retryIn: Duration)
    /// The server does not know this kind: it is not installed, or in another version.
    case notServed(path: String)
  }

  public internal(set) var phase = Phase.loading
  /// Whether a whole list was ever seen. Until then `objects` is empty, which does not mean that there are none.
  public internal(set) var isComplete = false
  public internal(set) var objects: [ObjectKey: Resource] = [:]
  /// Counts the lists and events that `objects` was made of: while it stays, so do they.
  public internal(set) var revision = 0
  /// The server's state that `objects` equals; empty before the first list.
  public internal(set) var resourceVersion = ""

  /// By namespace and name.
  public var sorted: [Resource] { objects.sorted { $0.key < $1.key }.map(\.value) }

  public subscript(namespace: String, name: String) -> Resource? {
    objects[ObjectKey(namespace: namespace, name: name)]
  }
}

/// Why what is known does not follow the server at the moment. Descriptions are sentences for a person.
public enum WatchTrouble: Error, Equatable, Sendable, CustomStringConvertible {
  case refused(KubernetesError)
  case broken(TransportError)
  /// The server sends what is no event, again and again.
  case garbage(reason: String)

  public var description: String {
    switch self {
    case .refused(let error): error.description
    case .broken(let error): error.description
    case .garbage(let reason): "the API server's watch sends what cannot be read: \(reason)"
    }
  }
}
