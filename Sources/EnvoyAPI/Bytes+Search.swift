internal import Glibc

extension [UInt8] {
  /// Whether the bytes of a text stand anywhere. Leaves bounds checking for `memchr` and `memcmp`, within the array.
  func contains(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard length > 0 else { return true }
    return withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      var start = 0
      while bytes.count - start >= length,
        let found = memchr(base + start, Int32(text.utf8Start.pointee), bytes.count - start - length + 1)
      {
        if memcmp(found, text.utf8Start, length) == 0 { return true }
        start = UnsafeRawPointer(found) - base + 1
      }
      return false
    }
  }
}
