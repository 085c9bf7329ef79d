/// Istio's and Envoy's text formats. Neither escapes quotes, and a client can write anything into its own headers, so
/// what stands behind them is found from the end of the line: what a client writes there garbles only the fields that
/// it wrote itself. (A path cannot hold a space, so it cannot pretend to be the end of the request either, unless the
/// proxy lets a client's `x-envoy-original-path` through.)
enum AccessLogText {
  private static let space = UInt8(ascii: " ")
  private static let quote = UInt8(ascii: "\"")

  /// Reads what follows the start time, from the space behind its bracket on.
  static func read(
    _ line: Span<UInt8>, from start: Int, needsTail: Bool, _ fields: inout LogFields
  ) -> LogFormat? {
    var place = start
    guard opensQuote(line, place), readRequest(line, &place, &fields),
      readToken(line, &place, .responseCode, &fields), line.number(in: fields[.responseCode]) != nil,
      readToken(line, &place, .responseFlags, &fields),
      // Up to the next quote Istio has two words, Envoy's own format four numbers.
      let nextQuote = line.place(of: quote, from: place, to: line.count), nextQuote > place + 1,
      line[nextQuote - 1] == space
    else { return nil }
    let format: LogFormat = isNumbers(line, place..<nextQuote - 1) ? .envoyText : .istioText
    if format == .istioText {
      guard readToken(line, &place, .responseCodeDetails, &fields), place < nextQuote - 1 else { return nil }
      set(.connectionTerminationDetails, place + 1..<nextQuote - 1, line, &fields)
      guard let end = endOfReason(line, from: nextQuote + 1) else { return nil }
      set(.transportFailureReason, nextQuote + 1..<end, line, &fields)
      place = end + 1
    }
    guard readToken(line, &place, .bytesReceived, &fields), readToken(line, &place, .bytesSent, &fields),
      readToken(line, &place, .duration, &fields), readToken(line, &place, .upstreamServiceTime, &fields),
      opensQuote(line, place)
    else { return nil }
    return !needsTail || readHeaders(line, from: place, format, &fields) ? format : nil
  }

  /// The code alone, from the space behind the bracket of the start time on.
  static func code(_ line: Span<UInt8>, from start: Int) -> UInt64? {
    guard opensQuote(line, start), let close = endOfRequest(line, from: start + 2) else { return nil }
    let end = line.place(of: space, from: close + 2, to: line.count) ?? line.count
    return line.number(in: close + 2..<end)
  }

  /// The quote that is followed by the code.
  private static func endOfRequest(_ line: Span<UInt8>, from start: Int) -> Int? {
    var place = start
    while let close = line.place(of: quote, from: place, to: line.count) {
      guard close + 2 < line.count else { return nil }
      if line[close + 1] == space, line[close + 2] &- 0x30 <= 9 { return close }
      place = close + 1
    }
    return nil
  }

  /// ` "GET /path HTTP/1.1"`; the path ends at the last space, and the request where a quote is followed by the code.
  private static func readRequest(_ line: Span<UInt8>, _ place: inout Int, _ fields: inout LogFields) -> Bool {
    let start = place + 2
    guard let close = endOfRequest(line, from: start) else { return false }
    guard let first = line.place(of: space, from: start, to: close),
      let last = line.lastPlace(of: space, from: first + 1, to: close)
    else { return false }
    set(.method, start..<first, line, &fields)
    set(.path, first + 1..<last, line, &fields)
    set(.protocolName, last + 1..<close, line, &fields)
    place = close + 1
    return true
  }

  /// The quote that closes the reason of a failure: a number follows.
  private static func endOfReason(_ line: Span<UInt8>, from start: Int) -> Int? {
    var place = start
    while let close = line.place(of: quote, from: place, to: line.count) {
      guard close + 2 < line.count else { return nil }
      if line[close + 1] == space, line[close + 2] &- 0x30 <= 9 || line[close + 2] == UInt8(ascii: "-") { return close }
      place = close + 1
    }
    return nil
  }

  /// `"xff" "user agent" "request id" "authority" "upstream host"` and in Istio's format six words more.
  private static func readHeaders(
    _ line: Span<UInt8>, from start: Int, _ format: LogFormat, _ fields: inout LogFields
  ) -> Bool {
    guard var close = line.lastPlace(of: quote, from: start + 2, to: line.count) else { return false }
    if format == .istioText {
      guard readTail(line, from: close + 1, &fields) else { return false }
    } else if close != line.count - 1 {
      return false
    }
    let quoted: [3 of LogField] = [.upstreamHost, .authority, .requestID]
    for index in quoted.indices {
      guard let open = openingQuote(line, before: close, notBefore: start + 2) else { return false }
      set(quoted[index], open + 1..<close, line, &fields)
      close = open - 2
      guard close >= start + 2, line[close] == quote else { return false }
    }
    var place = start + 2
    while let end = line.place(of: quote, from: place, to: close) {
      if end + 2 < close, line[end + 1] == space, line[end + 2] == quote {
        set(.forwardedFor, start + 2..<end, line, &fields)
        set(.userAgent, end + 3..<close, line, &fields)
        return true
      }
      if end + 2 == close, line[end + 1] == space {
        // An empty user agent: its two quotes are the last ones.
        set(.forwardedFor, start + 2..<end, line, &fields)
        return true
      }
      place = end + 1
    }
    return false
  }

  /// Cluster, upstream's local address, downstream's local and remote address, server name; the route's name is the
  /// rest, since it may hold spaces.
  private static func readTail(_ line: Span<UInt8>, from start: Int, _ fields: inout LogFields) -> Bool {
    var place = start
    guard readToken(line, &place, .upstreamCluster, &fields), readToken(line, &place, .upstreamLocalAddress, &fields),
      readToken(line, &place, .downstreamLocalAddress, &fields),
      readToken(line, &place, .downstreamRemoteAddress, &fields),
      readToken(line, &place, .requestedServerName, &fields), place + 1 < line.count
    else { return false }
    set(.routeName, place + 1..<line.count, line, &fields)
    return true
  }

  /// A space, and what stands between it and the next space.
  private static func readToken(
    _ line: Span<UInt8>, _ place: inout Int, _ field: LogField, _ fields: inout LogFields
  ) -> Bool {
    guard place < line.count, line[place] == space else { return false }
    let end = line.place(of: space, from: place + 1, to: line.count) ?? line.count
    guard end > place + 1 else { return false }
    set(field, place + 1..<end, line, &fields)
    place = end
    return true
  }

  private static func set(
    _ field: LogField, _ range: Range<Int>, _ line: Span<UInt8>, _ fields: inout LogFields
  ) {
    let isAbsent = range.count == 1 && line[range.lowerBound] == UInt8(ascii: "-")
    fields[field] = isAbsent ? 0..<0 : range
  }

  private static func opensQuote(_ line: Span<UInt8>, _ place: Int) -> Bool {
    place + 1 < line.count && line[place] == space && line[place + 1] == quote
  }

  /// The nearest quote before a place that has a space before it.
  private static func openingQuote(_ line: Span<UInt8>, before close: Int, notBefore start: Int) -> Int? {
    var end = close
    while let open = line.lastPlace(of: quote, from: start, to: end) {
      if line[open - 1] == space { return open }
      end = open
    }
    return nil
  }

  /// Whether a range that begins with a space holds four words, the first three of them numbers.
  private static func isNumbers(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var words = 0
    var place = range.lowerBound
    while place < range.upperBound {
      let end = line.place(of: space, from: place + 1, to: range.upperBound) ?? range.upperBound
      guard words == 3 || line.number(in: place + 1..<end) != nil else { return false }
      words += 1
      place = end
    }
    return words == 4
  }
}
