import MeshModel

/// Watches a mesh, and says what is wrong with it. It is fed with what is known, and remembers what it said, so that
/// findings do not come and go.
public struct Diagnosis: Equatable, Sendable {
  public init() {}
}
