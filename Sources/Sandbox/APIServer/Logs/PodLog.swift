internal import JSON

/// `GET …/pods/P/log`: which container, which lines, and whether to go on.
struct PodLog: Sendable {
  private let file: String
  private let follows: Bool
  private let timestamps: Bool
  private let tailLines: Int?
  private let byteLimit: Int?
  private let since: WallTime?

  init(
    of pod: APIObject, _ query: HTTPServer.Query, from source: any LogSource, now: WallTime = .now
  ) async throws(APIFailure) {
    let container = try Self.container(of: pod, named: query["container"])
    follows = query.has("follow")
    timestamps = query.has("timestamps")
    tailLines = try ObjectReader.number(query["tailLines"], of: "tailLines")
    byteLimit = try ObjectReader.number(query["limitBytes"], of: "limitBytes")
    if let text = query["sinceTime"] {
      guard query["sinceSeconds"] == nil else {
        throw .badRequest("at most one of `sinceTime` or `sinceSeconds` may be specified")
      }
      guard let time = WallTime(text) else { throw .badRequest("sinceTime: Invalid value: \"\(text)\"") }
      since = time
    } else if let seconds = try ObjectReader.number(query["sinceSeconds"], of: "sinceSeconds") {
      since = WallTime(seconds: now.seconds - min(seconds, now.seconds), nanoseconds: now.nanoseconds)
    } else {
      since = nil
    }
    if query.has("previous") {
      throw .badRequest("previous terminated container \"\(container)\" in pod \"\(pod.name)\" not found")
    }
    guard let file = await source.logFile(ofContainer: container, inPod: pod.name, namespace: pod.namespace) else {
      throw .badRequest("container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: ContainerCreating")
    }
    self.file = file
  }

  private static func container(of pod: APIObject, named name: String?) throws(APIFailure) -> String {
    func names(_ field: String) -> [String] {
      (pod.json.at("spec", field)?.array ?? []).compactMap { $0["name"]?.string }
    }
    let (containers, initial) = (names("containers"), names("initContainers"))
    if let name, !name.isEmpty {
      guard (containers + initial).contains(name) else {
        throw .badRequest("container \(name) is not valid for pod \(pod.name)")
      }
      return name
    }
    guard containers.count == 1, let only = containers.first else {
      throw .badRequest(
        "a container name must be specified for pod \(pod.name), choose one of: [\(containers.joined(separator: " "))]"
          + (initial.isEmpty ? "" : " or one of the init containers: [\(initial.joined(separator: " "))]"))
    }
    return only
  }

  /// Writes the lines; with `follow` for as long as the pod is there.
  func run(isThere: @Sendable () -> Bool, _ write: HTTPServer.Response.Write) async throws {
    var tail = try LogTail(path: file)
    if let tailLines { tail.skip(toLast: tailLines) }
    var left = byteLimit ?? .max
    var filter = LogStamps(since: since, areShown: timestamps)
    while left > 0, let lines = try await tail.next(following: { follows && isThere() }) {
      let shown = filter.shown(lines)
      try await write(Array(shown.prefix(left)))
      left -= min(left, shown.count)
    }
  }
}

/// The time of each line. A container runtime notes when a line was written; a plain file does not, so that the time
/// that the line itself begins with counts (`[2026-11-23T01:08:58.123Z]` of a request, `2026-11-23T01:08:58.123456Z` of
/// the proxy itself), and for lines without one that of the line before. It must be the same whenever a line is read.
private struct LogStamps {
  let since: WallTime?
  let areShown: Bool
  private var last: WallTime?

  init(since: WallTime?, areShown: Bool) { (self.since, self.areShown) = (since, areShown) }

  mutating func shown(_ lines: [UInt8]) -> [UInt8] {
    guard since != nil || areShown else { return lines }
    var shown: [UInt8] = []
    for line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let time = Self.time(of: line) ?? last ?? WallTime(seconds: 0, nanoseconds: 0)
      last = time
      if let since, time < since { continue }
      if areShown { shown += Array((time.nanoText + " ").utf8) }
      shown += line
      shown.append(UInt8(ascii: "\n"))
    }
    return shown
  }

  private static func time(of line: ArraySlice<UInt8>) -> WallTime? {
    let isBracketed = line.first == UInt8(ascii: "[")
    let ends: [UInt8] = isBracketed ? [UInt8(ascii: "]")] : [UInt8(ascii: "\t"), UInt8(ascii: " ")]
    guard let end = line.prefix(40).firstIndex(where: ends.contains) else { return nil }
    return WallTime(String(decoding: line[(line.startIndex + (isBracketed ? 1 : 0))..<end], as: UTF8.self))
  }
}
