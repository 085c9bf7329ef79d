import Transport

/// Who may have a connection, and who waits in line for one.
///
/// libcurl has such limits too, but 7.88 forgets those who wait when several connections become free at once.
struct Admission<Visitor> {
  /// What connections are shared by.
  struct Place: Hashable {
    private let scheme: Endpoint.Scheme
    private let host: String
    private let port: Int
    private let unixSocket: String?
    private let isAlone: Bool

    /// Only TLS can agree on HTTP/2.
    var mayBeShared: Bool { scheme == .https && !isAlone }

    init(_ request: HTTPRequest) {
      let endpoint = request.endpoint
      (scheme, host, port, unixSocket) = (endpoint.scheme, endpoint.host, endpoint.port, endpoint.unixSocket)
      isAlone = request.isAlone
    }
  }

  private struct Line {
    var inside = 0
    /// HTTP/2: many transfers on one connection.
    var isShared = false
    /// Last in line first.
    var waiting: [Visitor] = []
  }

  /// What a server of HTTP/2 allows on one connection, as a rule (RFC 9113, 6.5.2).
  private static var transfersPerSharedConnection: Int { 100 }

  private let limits: CurlClient.Limits
  private var lines: [Place: Line] = [:]
  /// Visitors that have a connection each.
  private var connections = 0

  init(_ limits: CurlClient.Limits) { self.limits = limits }

  /// True when the visitor may go in. Otherwise `leave` or `share` names it when its turn has come.
  mutating func enter(_ visitor: Visitor, _ place: Place) -> Bool {
    if hasRoom(lines[place, default: Line()]) {
      goIn(place)
      return true
    }
    lines[place, default: Line()].waiting.insert(visitor, at: 0)
    return false
  }

  /// One that went in is done. Gives the next, which has then gone in.
  mutating func leave(_ place: Place) -> Visitor? {
    guard var line = lines[place] else { return nil }
    line.inside -= 1
    if !line.isShared { connections -= 1 }
    lines[place] = line
    if let next = next(place) { return next }
    if line.inside == 0, line.waiting.isEmpty, !line.isShared { lines[place] = nil }
    return lines.first { !$0.value.waiting.isEmpty && hasRoom($0.value) }.flatMap { next($0.key) }
  }

  /// Visitors in line that want to wait no longer.
  mutating func giveUp(_ place: Place, where isGone: (Visitor) -> Bool) {
    lines[place]?.waiting.removeAll(where: isGone)
  }

  /// Connections to this place carry many transfers at once. Gives those that may go in now.
  mutating func share(_ place: Place) -> [Visitor] {
    guard var line = lines[place], !line.isShared else { return [] }
    line.isShared = true
    connections -= line.inside
    lines[place] = line
    var admitted: [Visitor] = []
    while let next = next(place) { admitted.append(next) }
    return admitted
  }

  private mutating func next(_ place: Place) -> Visitor? {
    guard let line = lines[place], hasRoom(line), let visitor = lines[place]?.waiting.popLast() else { return nil }
    goIn(place)
    return visitor
  }

  private mutating func goIn(_ place: Place) {
    lines[place, default: Line()].inside += 1
    if lines[place]?.isShared == false { connections += 1 }
  }

  private func hasRoom(_ line: Line) -> Bool {
    if line.isShared { return line.inside < limits.connectionsPerHost * Self.transfersPerSharedConnection }
    return line.inside < limits.connectionsPerHost && connections < limits.connections
  }
}
