/// ztunnel's access log, a line for each connection (`src/proxy/metrics.rs`): what Istio's agent would write, with
/// `key=value` behind the words: `…Z`, level, `access`, `connection complete`, `src.addr=10.0.0.5:33812`,
/// `dst.workload="reviews-v1-…"`. Tabs or spaces stand between the parts. Written when the connection has ended.
enum ZtunnelText {
  /// - Parameter start: Where the words behind `access` begin.
  static func read(_ line: Span<UInt8>, from start: Int, _ fields: inout LogFields) -> Bool {
    guard line.count - start > 11, line.equals("connection ", in: start..<start + 11) else { return false }
    var place = start
    var isPair = false
    while place < line.count {
      guard let (key, value) = pair(line, &place) else { return isPair }
      guard !key.isEmpty else { continue }
      isPair = true
      set(key, value, line, &fields)
    }
    return isPair
  }

  /// Keys of JSON are the same; values are numbers, and strings without their quotes.
  static func set(_ key: Range<Int>, _ value: Range<Int>, _ line: Span<UInt8>, _ fields: inout LogFields) {
    if line.equals("duration", in: key) {
      fields[.duration] = milliseconds(value, line)
    } else if line.equals("dst.addr", in: key) {
      fields[.downstreamLocalAddress] = value
      if fields[.upstreamHost].isEmpty { fields[.upstreamHost] = value }
    } else if let field = field(key, line) {
      fields[field] = value
    }
  }

  /// `15ms` without its unit.
  static func milliseconds(_ value: Range<Int>, _ line: Span<UInt8>) -> Range<Int> {
    let hasUnit = value.count > 2 && line.equals("ms", in: value.upperBound - 2..<value.upperBound)
    return hasUnit ? value.lowerBound..<value.upperBound - 2 : value
  }

  private static func field(_ key: Range<Int>, _ line: Span<UInt8>) -> LogField? {
    switch key.count {
    case 5: line.equals("error", in: key) ? .transportFailureReason : nil
    case 8: line.equals("src.addr", in: key) ? .downstreamRemoteAddress : nil
    case 9: line.equals("direction", in: key) ? .direction : nil
    case 10: line.equals("bytes_sent", in: key) ? .bytesSent : line.equals("bytes_recv", in: key) ? .bytesReceived : nil
    case 11: line.equals("dst.service", in: key) ? .destinationService : nil
    case 12:
      line.equals("src.workload", in: key)
        ? .sourceWorkload
        : line.equals("dst.workload", in: key)
          ? .destinationWorkload
          : line.equals("src.identity", in: key)
            ? .sourceIdentity : line.equals("dst.identity", in: key) ? .destinationIdentity : nil
    case 13:
      line.equals("src.namespace", in: key)
        ? .sourceNamespace : line.equals("dst.namespace", in: key) ? .destinationNamespace : nil
    // Where the traffic goes within the tunnel.
    case 14: line.equals("dst.hbone_addr", in: key) ? .upstreamHost : nil
    default: nil
    }
  }

  /// A word with `=` in it, a value in quotes up to the next quote that no backslash stands before. A word without gives
  /// an empty key; `nil` for a quote that is not closed.
  private static func pair(_ line: Span<UInt8>, _ place: inout Int) -> (key: Range<Int>, value: Range<Int>)? {
    while place < line.count, line[place] <= 0x20 { place += 1 }
    let start = place
    while place < line.count, line[place] > 0x20, line[place] != UInt8(ascii: "=") { place += 1 }
    guard place < line.count, line[place] == UInt8(ascii: "=") else { return (start..<start, start..<start) }
    let key = start..<place
    place += 1
    guard place < line.count, line[place] == UInt8(ascii: "\"") else {
      let value = place
      while place < line.count, line[place] > 0x20 { place += 1 }
      return (key, value..<place)
    }
    place += 1
    let value = place
    while place < line.count, line[place] != UInt8(ascii: "\"") {
      place += line[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < line.count else { return nil }
    defer { place += 1 }
    return (key, value..<place)
  }
}
