/// How a ramp is to go, as a person types it in one line: `25,50,100 hold 60s errors 1% p99 2x least 50`. What is left out
/// is as usual.
public struct RampTerms: Hashable, Sendable {
  public var steps: [Int]?
  public var hold: Duration
  public var guards: RampGuards

  public init(steps: [Int]? = nil, hold: Duration = RampPlan.usualHold, guards: RampGuards = RampGuards()) {
    self.steps = steps
    self.hold = hold
    self.guards = guards
  }

  /// What is wrong with a line, as a sentence.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
  }

  /// - Parameter usual: what is not said.
  public init(_ text: String, usual: RampTerms = RampTerms()) throws(Problem) {
    self = usual
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)[...]
    if let first = words.first, first.contains(where: \.isNumber), first.first?.isLetter == false {
      guard let steps = Self.steps(first) else {
        throw Problem("\"\(first)\" is no list of percentages, as in 10,25,50,100")
      }
      self.steps = steps
      words = words.dropFirst()
    }
    while let word = words.popFirst() {
      guard let value = words.popFirst() else {
        throw Problem("\"\(word)\" wants a value: hold 60s, errors 1%, p99 2x, least 50")
      }
      switch word {
      case "hold":
        guard let span = Duration(typed: value) else { throw Problem("\"\(value)\" is no time, as in 60s or 5m") }
        hold = span
      case "errors": guards.errors = try Self.bound(value, "%").map { $0 / 100 }
      case "p99": guards.slowFactor = try Self.bound(value, "x")
      case "least":
        guard let least = Int(value) else { throw Problem("\"\(value)\" is no number of requests") }
        guards.leastRequests = least
      default: throw Problem("\"\(word)\" is none of hold, errors, p99 and least")
      }
    }
  }

  /// `1,5,10`, with percent signs or without.
  public static func steps(_ text: String) -> [Int]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      Int(part.hasSuffix("%") ? part.dropLast() : part)
    }
    return parts.count > 1000 || parts.contains(nil) ? nil : parts.compactMap { $0 }
  }

  /// A number with its unit behind it or not, or `none`.
  public struct Bound: Hashable, Sendable {
    /// `nil` for none.
    public let value: Double?

    public init?(_ text: String, units: Set<Character>) {
      let number = Double(text.last.map(units.contains) == true ? text.dropLast() : text[...])
      guard number != nil || text == "none" else { return nil }
      value = number
    }
  }

  private static func bound(_ text: String, _ unit: Character) throws(Problem) -> Double? {
    guard let bound = Bound(text, units: [unit]) else {
      throw Problem("\"\(text)\" is neither a number, as in 2\(unit), nor none")
    }
    return bound.value
  }
}

extension RampTerms: CustomStringConvertible {
  /// As it is typed.
  public var description: String {
    func number(_ value: Double) -> String {
      value == value.rounded() ? Figures.decimals(value, 0) : Figures.decimals(value, 2)
    }
    let seconds = hold.components.seconds
    let span = hold == .seconds(seconds) ? "\(seconds)s" : "\(Figures.decimals(hold.seconds * 1000, 0))ms"
    let parts: [String?] = [
      steps.map { $0.map(String.init).joined(separator: ",") }, "hold \(span)",
      "errors \(guards.errors.map { number($0 * 100) + "%" } ?? "none")",
      "p99 \(guards.slowFactor.map { number($0) + "x" } ?? "none")", "least \(guards.leastRequests)",
    ]
    return parts.compactMap { $0 }.joined(separator: " ")
  }
}
