/// One line of a proxy's log: as it was written, and what could be read from it.
public struct LogLine: Hashable, Sendable {
  public let proxy: ProxyID
  /// The line's own time, or that of its arrival.
  public let time: Timestamp
  /// The line as it came, not made safe for a terminal.
  public let text: String
  /// The fields, when it is an access-log line.
  public let access: AccessFields?

  public init(proxy: ProxyID, time: Timestamp, text: String, access: AccessFields? = nil) {
    self.proxy = proxy
    self.time = time
    self.text = text
    self.access = access
  }

  /// About how much memory it takes.
  public var cost: Int { text.utf8.count + 128 }
}

/// What an access-log line says of a request.
public struct AccessFields: Hashable, Sendable {
  public enum Direction: String, Hashable, Sendable { case inbound = "in", outbound = "out", unknown = "-" }

  public var direction: Direction
  public var method: String
  public var path: String
  /// 0 when no response was sent.
  public var code: Int
  /// Why it was answered as it was, in the order of the line; empty where nothing was out of the ordinary.
  public var flags: [ResponseFlag]
  /// Where in the proxy the answer came from, and why connections failed, in the proxy's own words; empty for an
  /// ordinary answer.
  public var details: [String]
  public var duration: Duration?
  public var upstream: String
  public var requestID: String

  public init(
    direction: Direction, method: String, path: String, code: Int, flags: [ResponseFlag], details: [String] = [],
    duration: Duration?, upstream: String, requestID: String
  ) {
    self.direction = direction
    self.method = method
    self.path = path
    self.code = code
    self.flags = flags
    self.details = details
    self.duration = duration
    self.upstream = upstream
    self.requestID = requestID
  }

  /// The flags as they stand in the line: joined by commas, `-` for none.
  public var flagCodes: String { flags.isEmpty ? "-" : flags.map(\.code).joined(separator: ",") }
}
