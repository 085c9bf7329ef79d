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

  /// Whether it asks for more than the line as it was written.
  var needsFields: Bool { if case .word = self { false } else { true } }

  /// `nil` where the line does not tell.
  /// - Parameter fields: Where they stand in the line; without a format where they are not known.
  func holds(_ line: Span<UInt8>, _ fields: LogFields, writer: ProxyID?) -> Bool? {
    switch self {
    case .word(let match):
      let isThere = match.holds(line)
      return isThere != true && writer.map { match.holds($0.name) == true } == true ? true : isThere
    case .pod(let isNot, let match): return writer.flatMap { match.isIn([$0.pod, $0.name]) }.map { $0 != isNot }
    case .namespace(let isNot, let match): return writer.flatMap { match.holds($0.namespace) }.map { $0 != isNot }
    case .level(let comparison, let bound):
      return fields.level(in: line).map { comparison.holds(Double($0.rawValue), bound) }
    case .isError: return fields.isError(in: line)
    case .text(let names, let isNot, let match) where names == [.component] || names == [.message]:
      guard fields.format != nil, !fields.isAccess else { return nil }
      return fields.test(names[0], in: line, match).map { $0 != isNot }
    default: return fields.isAccess ? holds(forRequest: line, fields, writer: writer) : nil
    }
  }

  private func holds(forRequest line: Span<UInt8>, _ fields: LogFields, writer: ProxyID?) -> Bool? {
    switch self {
    case .number(let field, let comparison, let bound):
      fields.number(field, in: line).map { comparison.holds(Double($0), bound) }
    case .text(let names, let isNot, let match):
      Self.any(names) { fields.test($0, in: line, match) }.map { $0 != isNot }
    case .flags(let isNot, let match): fields.testFlags(in: line, match).map { $0 != isNot }
    case .destination(let isNot, let match):
      match.isIn(fields.destinations(in: line, writer: writer)).map { $0 != isNot }
    case .source(let isNot, let match): match.isIn(fields.sources(in: line, writer: writer)).map { $0 != isNot }
    case .direction(let isNot, let match): match.isIn(fields.directionNames(in: line)).map { $0 != isNot }
    case .word, .pod, .namespace, .level, .isError: nil
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

extension LogFields {
  private static let dash: [UInt8] = [UInt8(ascii: "-")]

  fileprivate func level(in line: Span<UInt8>) -> LogLevel? {
    isAccess || format == nil ? nil : string(.level, in: line).flatMap { LogLevel($0) }
  }

  /// A field that is absent is `-`, as it is written.
  fileprivate func test(_ field: LogField, in line: Span<UInt8>, _ match: TextMatch) -> Bool? {
    withText(of: field, in: line) { match.holds($0.isEmpty ? Self.dash.span : $0) }
  }

  fileprivate func testFlags(in line: Span<UInt8>, _ match: TextMatch) -> Bool? {
    guard case .whole = match else { return test(.responseFlags, in: line, match) }
    if test(.responseFlags, in: line, match) == true { return true }
    return withText(of: .responseFlags, in: line) { flags in
      var start = 0
      while start < flags.count {
        let end = flags.place(of: UInt8(ascii: ","), from: start, to: flags.count) ?? flags.count
        if match.holds(flags.extracting(start..<end)) == true { return true }
        start = end + 1
      }
      return false
    }
  }
}
