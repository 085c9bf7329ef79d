internal import CPCRE2

/// A regular expression in Perl's syntax (PCRE2, `man pcre2pattern`), compiled to machine code where PCRE2 can.
///
/// Subjects are bytes and need not be UTF-8. A pattern that speaks of ASCII alone matches them byte by byte; one that
/// names other characters matches characters, and never across bytes that are none.
public struct Pattern: Sendable {
  /// In bytes.
  public static let longest = 1_000
  /// How much work one subject may cause before it is given up. The interpreter counts calls of its `match()`, machine
  /// code counts differently; both end hostile patterns within some milliseconds.
  static let matchLimit: UInt32 = 200_000
  static let depthLimit: UInt32 = 1_000
  /// In KiB: what the interpreter may allocate.
  static let heapLimit: UInt32 = 8 * 1024

  /// As it was written.
  public let text: String
  public let ignoresCase: Bool
  private let code: PatternCode

  public init(_ text: String, ignoresCase: Bool = false) throws(PatternProblem) {
    self.text = text
    self.ignoresCase = ignoresCase
    code = try PatternCode(text, ignoresCase: ignoresCase)
  }

  /// Whether it is found anywhere in the subject; `nil` where that would take more work than the limits allow.
  public func matches(_ subject: Span<UInt8>) -> Bool? {
    code.withScratch { scratch in subject.withUnsafeBufferPointer { scratch.find(code, in: $0, from: 0) } }?.isFound
  }

  /// Every place where it is found, in order, none of them empty. Stops at `most`, and where the limits end it.
  public func places(in subject: Span<UInt8>, most: Int = 100) -> [Range<Int>] {
    code.withScratch { scratch in
      subject.withUnsafeBufferPointer { bytes in
        var places: [Range<Int>] = []
        var start = 0
        while places.count < most, start <= bytes.count, let found = scratch.find(code, in: bytes, from: start)?.range {
          if !found.isEmpty { places.append(found) }
          start = max(found.upperBound, start) + (found.isEmpty ? 1 : 0)
        }
        return places
      }
    }
  }
}

extension Pattern: Hashable {
  public static func == (one: Pattern, other: Pattern) -> Bool {
    one.text == other.text && one.ignoresCase == other.ignoresCase
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
    hasher.combine(ignoresCase)
  }
}
