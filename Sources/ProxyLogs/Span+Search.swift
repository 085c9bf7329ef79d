internal import Glibc

/// Searches in bytes. The only place of this target that leaves bounds checking: for `memchr`, within the span.
extension Span<UInt8> {
  /// The first place of a byte in `start..<end`; `nil` when it is not there.
  public func place(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start < end, start >= 0, end <= count else { return nil }
    return withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), end - start) else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }

  /// The last place of a byte in `start..<end`.
  func lastPlace(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    var place = end - 1
    while place >= start {
      if self[place] == byte { return place }
      place -= 1
    }
    return nil
  }

  func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
    guard range.count == text.utf8CodeUnitCount, range.upperBound <= count else { return false }
    return withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return range.isEmpty }
      return memcmp(base + range.lowerBound, text.utf8Start, range.count) == 0
    }
  }

  func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && equals(text, in: 0..<text.utf8CodeUnitCount)
  }

  /// A whole number in decimal digits alone; `nil` for anything else and for what does not fit.
  func number(in range: Range<Int>) -> UInt64? {
    guard !range.isEmpty, range.count <= 20 else { return nil }
    var value: UInt64 = 0
    for place in range {
      let digit = self[place] &- 0x30
      guard digit <= 9 else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// The text of a range; bytes that are not UTF-8 become replacement characters.
  func string(in range: Range<Int>) -> String {
    withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) }
  }
}
