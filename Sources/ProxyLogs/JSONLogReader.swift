/// Finds the fields of a line that is one flat JSON object, without parsing it into anything. Lenient where that does
/// no harm (what stands inside a nested value is not looked at); what it does not understand is no line of these.
struct JSONLogReader {
  private var place = 1
  private let count: Int
  /// Whether keys came that ztunnel alone writes, or linkerd-proxy alone.
  private var isZtunnel = false, isLinkerd = false

  init(_ line: Span<UInt8>) { count = line.count }

  /// An access log has at least a start time, or a code, or a cluster; Istio's agent writes a level and a message.
  mutating func read(_ line: Span<UInt8>, _ fields: inout LogFields) -> LogFormat? {
    var isAccess = false
    skipBlanks(line)
    if peek(line) != UInt8(ascii: "}") {
      while true {
        skipBlanks(line)
        guard let key = readString(line) else { return nil }
        skipBlanks(line)
        guard take(UInt8(ascii: ":"), line), let value = readValue(line) else { return nil }
        if let field = Self.field(line, key) {
          isAccess = isAccess || field == .startTime || field == .responseCode || field == .upstreamCluster
          let isAbsent = value.count == 1 && line[value.lowerBound] == UInt8(ascii: "-")
          fields[field] = isAbsent ? 0..<0 : field == .duration ? ZtunnelText.milliseconds(value, line) : value
        } else {
          note(line, key, value, &fields)
        }
        skipBlanks(line)
        if take(UInt8(ascii: ","), line) { continue }
        break
      }
    }
    guard take(UInt8(ascii: "}"), line) else { return nil }
    skipBlanks(line)
    guard place == count else { return nil }
    if isAccess || isZtunnel { return .accessJSON }
    if isLinkerd {
      LinkerdText.setPath(line, fields[.path], &fields)
      return .linkerdJSON
    }
    guard !fields[.level].isEmpty, !fields[.message].isEmpty else { return nil }
    // Keys that others use otherwise.
    var own = LogFields()
    for field in [.startTime, .level, .component, .message] as [LogField] { own[field] = fields[field] }
    fields = own
    return .componentJSON
  }

  /// Whether it is an object that has every key of a format, written as the format says.
  mutating func read(
    _ line: Span<UInt8>, _ members: [(key: [UInt8], value: AccessLogTemplate)], _ fields: inout LogFields
  ) -> Bool {
    var found = 0
    skipBlanks(line)
    while let key = readString(line) {
      skipBlanks(line)
      guard take(UInt8(ascii: ":"), line), let value = readValue(line) else { return false }
      if let member = members.first(where: { $0.key.count == key.count && line.has($0.key, at: key.lowerBound) }) {
        found += 1
        // null stands for what is absent.
        if !value.isEmpty, !member.value.read(line, value, &fields) { return false }
      }
      skipBlanks(line)
      guard take(UInt8(ascii: ","), line) else { break }
      skipBlanks(line)
    }
    guard take(UInt8(ascii: "}"), line) else { return false }
    skipBlanks(line)
    return place == count && found >= members.count
  }

  private mutating func note(_ line: Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>, _ fields: inout LogFields) {
    if line.equals("level", in: key) { fields[.level] = value }
    if line.equals("time", in: key) { fields[.startTime] = value }
    if line.equals("scope", in: key) { fields[.component] = value }
    if line.equals("msg", in: key) || line.equals("message", in: key) { fields[.message] = value }
    noteZtunnel(line, key, value, &fields)
    noteLinkerd(line, key, value, &fields)
  }

  private mutating func noteZtunnel(
    _ line: Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>, _ fields: inout LogFields
  ) {
    isZtunnel = isZtunnel || line.equals("src.addr", in: key)
    ZtunnelText.set(key, value, line, &fields)
  }

  /// Its `uri` is split when all is read: the host may be told besides.
  private mutating func noteLinkerd(
    _ line: Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>, _ fields: inout LogFields
  ) {
    switch key.count {
    case 3: if line.equals("uri", in: key) { fields[.path] = value }
    case 4: if line.equals("host", in: key), fields[.authority].isEmpty { fields[.authority] = value }
    case 6: if line.equals("status", in: key) { fields[.responseCode] = value }
    case 7: if line.equals("version", in: key) { fields[.protocolName] = value }
    case 8:
      if line.equals("trace_id", in: key) { fields[.traceID] = value }
      guard line.equals("total_ns", in: key) else { return }
      fields[.duration] = value
      isLinkerd = true
    case 9:
      if line.equals("timestamp", in: key) { fields[.startTime] = value }
      if line.equals("client.id", in: key) { fields[.sourceIdentity] = value }
    case 11: if line.equals("client.addr", in: key) { fields[.downstreamRemoteAddress] = value }
    case 13: if line.equals("request_bytes", in: key) { fields[.bytesReceived] = value }
    case 14: if line.equals("response_bytes", in: key) { fields[.bytesSent] = value }
    default: break
    }
  }

  /// Keys differ in length and first letter nearly always: few are compared whole.
  private static func field(_ line: Span<UInt8>, _ key: Range<Int>) -> LogField? {
    let candidates: [2 of LogField?] =
      switch key.count {
      case 4: [.path, nil]
      case 6: [.method, nil]
      case 8: [.duration, .protocolName]
      case 9: [.authority, nil]
      case 10:
        line[key.lowerBound] == UInt8(ascii: "s")
          ? [.startTime, .bytesSent]
          : line[key.lowerBound] == UInt8(ascii: "b")
            ? [.bytesSent, nil]
            : line[key.lowerBound] == UInt8(ascii: "u") ? [.userAgent, nil] : [.requestID, .routeName]
      case 13: line[key.lowerBound] == UInt8(ascii: "r") ? [.responseCode, nil] : [.upstreamHost, nil]
      case 14: line[key.lowerBound] == UInt8(ascii: "r") ? [.responseFlags, nil] : [.bytesReceived, nil]
      case 15: [.forwardedFor, nil]
      case 16: [.upstreamCluster, nil]
      case 21:
        line[key.lowerBound] == UInt8(ascii: "u")
          ? [.upstreamServiceTime, nil]
          : [.responseCodeDetails, .requestedServerName]
      case 22: [.upstreamLocalAddress, nil]
      case 24: [.downstreamLocalAddress, nil]
      case 25: [.downstreamRemoteAddress, nil]
      case 30: [.connectionTerminationDetails, nil]
      case 33: [.transportFailureReason, nil]
      default: [nil, nil]
      }
    for index in candidates.indices {
      if let field = candidates[index], line.equals(field.key, in: key) { return field }
    }
    return nil
  }

  /// A value's text: of a string what stands between its quotes, of null and nested values nothing.
  private mutating func readValue(_ line: Span<UInt8>) -> Range<Int>? {
    skipBlanks(line)
    guard let first = peek(line) else { return nil }
    switch first {
    case UInt8(ascii: "\""): return readString(line)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested(line) ? 0..<0 : nil
    default:
      let start = place
      while let byte = peek(line), byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"), byte > 0x20 { place += 1 }
      let word = start..<place
      if line.equals("null", in: word) { return 0..<0 }
      if line.equals("true", in: word) || line.equals("false", in: word) { return word }
      return first == UInt8(ascii: "-") || first &- 0x30 <= 9 ? word : nil
    }
  }

  private mutating func readString(_ line: Span<UInt8>) -> Range<Int>? {
    guard take(UInt8(ascii: "\""), line) else { return nil }
    let start = place
    while let close = line.place(of: UInt8(ascii: "\""), from: place, to: count) {
      place = close + 1
      var slash = close
      while slash > start, line[slash - 1] == UInt8(ascii: "\\") { slash -= 1 }
      if (close - slash).isMultiple(of: 2) { return start..<close }
    }
    return nil
  }

  /// Passes over an object or array whatever its depth, without recursion.
  private mutating func skipNested(_ line: Span<UInt8>) -> Bool {
    var depth = 0
    while let byte = peek(line) {
      switch byte {
      case UInt8(ascii: "\""): guard readString(line) != nil else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        place += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        place += 1
        if depth == 0 { return true }
      default: place += 1
      }
    }
    return false
  }

  private func peek(_ line: Span<UInt8>) -> UInt8? { place < count ? line[place] : nil }

  private mutating func take(_ byte: UInt8, _ line: Span<UInt8>) -> Bool {
    guard peek(line) == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipBlanks(_ line: Span<UInt8>) {
    while let byte = peek(line), byte == 0x20 || byte == 0x09 { place += 1 }
  }
}

extension Span<UInt8> {
  /// The text of a JSON string's inside, escapes resolved (RFC 8259, 7); an escape that is none stays as it is, half a
  /// surrogate pair becomes a replacement character.
  func unescaped(in range: Range<Int>) -> String {
    var units: [UInt8] = []
    units.reserveCapacity(range.count)
    var place = range.lowerBound
    func unit(at start: Int) -> UInt16? {
      guard start + 6 <= range.upperBound, self[start] == UInt8(ascii: "\\"), self[start + 1] == UInt8(ascii: "u"),
        self[start + 2] != UInt8(ascii: "+"), self[start + 2] != UInt8(ascii: "-")
      else { return nil }
      return UInt16(string(in: start + 2..<start + 6), radix: 16)
    }
    while place < range.upperBound {
      guard self[place] == UInt8(ascii: "\\"), place + 1 < range.upperBound else {
        units.append(self[place])
        place += 1
        continue
      }
      if let high = unit(at: place) {
        place += 6
        var code = [high]
        if UTF16.isLeadSurrogate(high), let low = unit(at: place), UTF16.isTrailSurrogate(low) {
          code.append(low)
          place += 6
        }
        units += Array(String(decoding: code, as: UTF16.self).utf8)
        continue
      }
      switch self[place + 1] {
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(self[place + 1])
      default: units += [self[place], self[place + 1]]
      }
      place += 2
    }
    return String(decoding: units, as: UTF8.self)
  }
}
