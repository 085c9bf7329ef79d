/// Why a proxy answered as it did, beyond the code, in its own short word and in words for a person.
public struct ResponseFlag: Hashable, Sendable, CustomStringConvertible {
  /// As it stands in the log: `UF`.
  public let code: String
  /// What happened; `nil` for a flag that is not known, which is shown as it is.
  public let meaning: String?
  /// What is behind it most often; `nil` for a flag that is not known.
  public let usualCause: String?

  public init(_ code: String, meaning: String? = nil, usualCause: String? = nil) {
    self.code = code
    self.meaning = meaning
    self.usualCause = usualCause
  }

  public var description: String { code }
}
