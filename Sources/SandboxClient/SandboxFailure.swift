/// Why there is no sandbox, as a sentence.
public struct SandboxFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
