internal import CPCRE2
internal import Synchronization

/// A compiled pattern.
///
/// Unchecked: the code is not changed after `init` and PCRE2 lets threads share it then (`man pcre2api`,
/// MULTITHREADING); what a match writes to is in a scratch, which one thread has at a time.
final class PatternCode: @unchecked Sendable {
  let code: OpaquePointer
  private let idle = Mutex<[PatternScratch]>([])

  init(_ text: String, ignoresCase: Bool) throws(PatternProblem) {
    guard text.utf8.count <= Pattern.longest else {
      throw PatternProblem(column: Pattern.longest + 1, what: "a pattern has at most \(Pattern.longest) bytes")
    }
    var options = PCRE2_NEVER_BACKSLASH_C
    if ignoresCase { options |= PCRE2_CASELESS }
    if Self.namesCharacters(text) { options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF }
    var error: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) else {
      throw PatternProblem(error, at: offset, in: text)
    }
    self.code = code
    // Where there is no machine code for it, the interpreter matches: slower and within the same limits.
    _ = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether it speaks of more than bytes below 128.
  private static func namesCharacters(_ text: String) -> Bool {
    text.utf8.contains { $0 >= 0x80 } || ["\\p", "\\P", "\\X", "\\x{", "\\N{", "\\o{"].contains { text.contains($0) }
  }

  func withScratch<Result>(_ body: (PatternScratch) -> Result) -> Result {
    let scratch = idle.withLock { $0.popLast() } ?? PatternScratch(code)
    defer { idle.withLock { $0.append(scratch) } }
    return body(scratch)
  }
}

/// What a match writes to: its places, its limits, its stack.
///
/// Unchecked: `PatternCode` hands it to one caller at a time.
final class PatternScratch: @unchecked Sendable {
  enum Outcome {
    case found(Range<Int>)
    case notFound

    var isFound: Bool { if case .found = self { true } else { false } }
    var range: Range<Int>? { if case .found(let range) = self { range } else { nil } }
  }

  private let match: OpaquePointer?
  private let context: OpaquePointer?
  private let stack: OpaquePointer?

  init(_ code: OpaquePointer) {
    match = pcre2_match_data_create_from_pattern_8(code, nil)
    context = pcre2_match_context_create_8(nil)
    stack = pcre2_jit_stack_create_8(32 * 1024, 1024 * 1024, nil)
    pcre2_set_match_limit_8(context, Pattern.matchLimit)
    pcre2_set_depth_limit_8(context, Pattern.depthLimit)
    pcre2_set_heap_limit_8(context, Pattern.heapLimit)
    if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
  }

  deinit {
    pcre2_match_data_free_8(match)
    pcre2_match_context_free_8(context)
    pcre2_jit_stack_free_8(stack)
  }

  /// `nil` where it was given up.
  func find(_ code: PatternCode, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Outcome? {
    guard let match, let context else { return nil }
    // An empty subject may have no address, which PCRE2 takes since 10.43 alone.
    var none: UInt8 = 0
    let found = withUnsafePointer(to: &none) {
      pcre2_match_8(code.code, bytes.baseAddress ?? $0, bytes.count, start, 0, match, context)
    }
    if found == PCRE2_ERROR_NOMATCH { return .notFound }
    guard found >= 0, let places = pcre2_get_ovector_pointer_8(match) else { return nil }
    // `\K` in a look-around can put the start behind the end.
    return .found(places[0]..<max(places[0], places[1]))
  }
}

extension PatternProblem {
  fileprivate init(_ error: Int32, at offset: Int, in text: String) {
    var message = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(error, &message, message.count)
    what = length > 0 ? String(decoding: message.prefix(Int(length)), as: UTF8.self) : "the pattern is wrong"
    column = String(decoding: text.utf8.prefix(offset), as: UTF8.self).count + 1
  }
}
