internal import ProxyLogs

/// One term of a filter, made ready to be asked of many lines: it reads bytes in place.
enum LogTest: Hashable, Sendable {
  case number(LogField, Expression.Comparison, Double)
  /// Holds when it holds for one of the fields.
  case text([LogField], isNot: Bool, TextMatch)
  /// For the whole field, or one of the flags in it.
  case flags(isNot: Bool, TextMatch)
  case destination(isNot: Bool, TextMatch)
  case source(isNot: Bool, TextMatch)
  case direction(isNot: Bool, TextMatch)
  case pod(isNot: Bool, TextMatch)
  case namespace(isNot: Bool, TextMatch)
  case level(Expression.Comparison, Double)
  case isError
  /// In the line as it was written, or in the name of who wrote it.
  case word(TextMatch)

  init(_ term: Expression.Term) {
    switch term {
    case .word(let match): self = .word(match)
    case .flag: self = .isError
    case .compare(let field, let comparison, let bound):
      switch LogFilter.Field(rawValue: field.name) {
      case .ms: self = .number(.duration, comparison, bound)
      case .upms: self = .number(.upstreamServiceTime, comparison, bound)
      case .sent: self = .number(.bytesSent, comparison, bound)
      case .received: self = .number(.bytesReceived, comparison, bound)
      case .level: self = .level(comparison, bound)
      default: self = .number(.responseCode, comparison, bound)
      }
    case .text(let field, let isNot, let match):
      switch LogFilter.Field(rawValue: field.name) {
      case .flags: self = .flags(isNot: isNot, match)
      case .dst: self = .destination(isNot: isNot, match)
      case .src: self = .source(isNot: isNot, match)
      case .dir: self = .direction(isNot: isNot, match)
      case .pod: self = .pod(isNot: isNot, match)
      case .ns: self = .namespace(isNot: isNot, match)
      case let name: self = .text(Self.fields(of: name), isNot: isNot, match)
      }
    }
  }

  private static func fields(of name: LogFilter.Field?) -> [LogField] {
    switch name {
    case .path: [.path]
    case .method: [.method]
    case .host: [.authority]
    case .details: [.responseCodeDetails, .connectionTerminationDetails, .transportFailureReason]
    case .upstream: [.upstreamHost]
    case .cluster: [.upstreamCluster]
    case .route: [.routeName]
    case .client: [.downstreamRemoteAddress]
    case .id: [.requestID]
    case .trace: [.traceID]
    case .ua: [.userAgent]
    case .xff: [.forwardedFor]
    case .sni: [.requestedServerName]
    case .proto: [.protocolName]
    case .component: [.component]
    case .msg: [.message]
    default: []
    }
  }

  struct Subject {
    let text: LogText
    let record: LogRecord?
    let isAccess: Bool
    let writer: ProxyID?
  }

  /// `nil` where the line does not tell.
  func holds(for subject: Subject) -> Bool? {
    switch self {
    case .number(let field, let comparison, let bound):
      guard subject.isAccess, let value = subject.record?.number(field) else { return nil }
      return comparison.holds(Double(value), bound)
    case .text(let fields, let isNot, let match):
      guard let record = subject.record, subject.isAccess != (fields == [.component] || fields == [.message]) else {
        return nil
      }
      return Self.any(fields) { record.test($0, match) }.map { $0 != isNot }
    case .flags(let isNot, let match):
      guard subject.isAccess, let record = subject.record else { return nil }
      return record.testFlags(match).map { $0 != isNot }
    case .destination(let isNot, let match):
      guard subject.isAccess, let record = subject.record else { return nil }
      return match.isIn(record.destinations(writer: subject.writer)).map { $0 != isNot }
    case .source(let isNot, let match):
      guard subject.isAccess, let record = subject.record else { return nil }
      return match.isIn(record.sources(writer: subject.writer)).map { $0 != isNot }
    case .direction(let isNot, let match):
      guard subject.isAccess, let record = subject.record else { return nil }
      return match.isIn(record.directionNames).map { $0 != isNot }
    case .pod(let isNot, let match):
      return subject.writer.flatMap { match.isIn([$0.pod, $0.name]) }.map { $0 != isNot }
    case .namespace(let isNot, let match):
      return subject.writer.flatMap { match.holds($0.namespace) }.map { $0 != isNot }
    case .level(let comparison, let bound):
      guard !subject.isAccess, let level = subject.record?[.level].flatMap({ LogLevel($0) }) else { return nil }
      return comparison.holds(Double(level.rawValue), bound)
    case .isError:
      if subject.isAccess { return subject.record?.number(.responseCode).map { $0 >= 500 || $0 == 0 } }
      return subject.record?[.level].flatMap { LogLevel($0) }.map { $0 >= .error }
    case .word(let match):
      let isThere = subject.text.withBytes { match.holds($0) }
      if isThere != true, let writer = subject.writer, match.holds(writer.name) == true { return true }
      return isThere
    }
  }

  private static func any(_ fields: [LogField], _ verdict: (LogField) -> Bool?) -> Bool? {
    var isKnown = true
    for field in fields {
      switch verdict(field) {
      case true?: return true
      case false?: break
      case nil: isKnown = false
      }
    }
    return isKnown ? false : nil
  }
}

extension LogRecord {
  private static let dash: [UInt8] = [UInt8(ascii: "-")]

  /// A field that is absent is `-`, as it is written.
  fileprivate func test(_ field: LogField, _ match: TextMatch) -> Bool? {
    withText(of: field) { match.holds($0.isEmpty ? Self.dash.span : $0) }
  }

  fileprivate func testFlags(_ match: TextMatch) -> Bool? {
    guard case .whole = match else { return test(.responseFlags, match) }
    if test(.responseFlags, match) == true { return true }
    return withText(of: .responseFlags) { flags in
      var start = 0
      while start < flags.count {
        var end = start
        while end < flags.count, flags[end] != UInt8(ascii: ",") { end += 1 }
        if match.holds(flags.extracting(start..<end)) == true { return true }
        start = end + 1
      }
      return false
    }
  }
}
