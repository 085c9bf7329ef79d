/// Why the sandbox cannot run, as a sentence for the person who started it.
public struct SandboxError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
