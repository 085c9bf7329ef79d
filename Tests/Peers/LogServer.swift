import Glibc
import Synchronization

/// An API server that has nothing but pods with a sidecar's log, each of which never ends: as many lines a second as it
/// is told to write, or as fast as they are taken. What `kubectl logs` and `meshdeck logs` need of it, and no more.
public final class LogServer: Sendable {
  public enum Pace: Sendable {
    case linesPerSecond(Int)
    case unbounded
    /// As fast as they are taken, and so many from each pod.
    case lines(Int)
  }

  public static let namespace = "flood"
  public static let container = "istio-proxy"

  public var port: Int { server.port }
  private var url: String { "http://127.0.0.1:\(port)" }
  private let server: RawServer
  private let state: State

  /// What the threads of the connections share.
  private final class State: Sendable {
    let pods: Int
    let pace: Pace
    let written = Atomic(0)
    let isStopped = Atomic(false)
    /// Words that a line each of the first pod is to have for its path.
    let words = Mutex<[String]>([])

    init(pods: Int, pace: Pace) {
      self.pods = pods
      self.pace = pace
    }
  }

  public init(pods: Int, pace: Pace) throws {
    let state = State(pods: pods, pace: pace)
    self.state = state
    server = try RawServer { connection in
      while Self.answer(connection.readHead(), on: connection, state) {}
    }
  }

  /// Lines that were handed to the network whole.
  public var written: Int { state.written.load(ordering: .relaxed) }

  /// Has the first pod write a line with this word in its path, within a few milliseconds.
  public func write(_ word: String) { state.words.withLock { $0.append(word) } }

  /// Ends every log.
  public func stop() {
    state.isStopped.store(true, ordering: .relaxed)
    server.stop()
  }

  /// A kubeconfig for it, or for a proxy before it that speaks TLS.
  public func kubeconfig(_ tls: (port: Int, authorityPath: String)? = nil) -> [UInt8] {
    let server =
      if let tls {
        #""https://127.0.0.1:\#(tls.port)","tls-server-name":"mesh.test","#
          + #""certificate-authority":"\#(tls.authorityPath)""#
      } else {
        "\"\(url)\""
      }
    return Array(
      """
      {"apiVersion":"v1","kind":"Config","current-context":"flood",
      "clusters":[{"name":"flood","cluster":{"server":\(server)}}],
      "contexts":[{"name":"flood","context":{"cluster":"flood","user":"flood","namespace":"\(Self.namespace)"}}],
      "users":[{"name":"flood","user":{"token":"nobody-asks-for-it"}}]}
      """.utf8)
  }

  // MARK: Answers

  /// False when the connection is of no more use.
  private static func answer(_ head: String, on connection: RawServer.Connection, _ state: State) -> Bool {
    let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
    guard words.count > 1 else { return false }
    let parts = words[1].split(separator: "?", maxSplits: 1)
    let (path, query) = (String(parts[0]), parts.count > 1 ? parts[1] : "")
    let pods = "/api/v1/namespaces/\(namespace)/pods"
    switch path {
    case "/api": return send(#"{"kind":"APIVersions","versions":["v1"]}"#, on: connection)
    case "/apis": return send(#"{"kind":"APIGroupList","apiVersion":"v1","groups":[]}"#, on: connection)
    case "/api/v1":
      return send(
        #"{"kind":"APIResourceList","groupVersion":"v1","resources":["#
          + #"{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","watch"]},"#
          + #"{"name":"pods/log","namespaced":true,"kind":"Pod","verbs":["get"]}]}"#, on: connection)
    case pods where query.contains("watch="):
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
      connection.awaitClose()
      return false
    case pods:
      let items = (0..<state.pods).map(pod).joined(separator: ",")
      return send(
        #"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[\#(items)]}"#, on: connection)
    default:
      let names = path.dropFirst(pods.count + 1).split(separator: "/")
      guard path.hasPrefix(pods + "/"), let number = names[0].split(separator: "-").last.flatMap({ Int($0) }) else {
        let body = #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}"#
        return send(body, status: "404 Not Found", on: connection)
      }
      guard names.count == 2 else { return send(pod(number), on: connection) }
      stream(of: number, isStamped: query.contains("timestamps=true"), on: connection, state)
      return false
    }
  }

  private static func send(
    _ body: String, status: String = "200 OK", on connection: RawServer.Connection
  ) -> Bool {
    connection.write(
      "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  private static func pod(_ number: Int) -> String {
    #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"flood-v1-\#(number)","namespace":"\#(namespace)","#
      + #""uid":"\#(number)","labels":{"app":"flood","version":"v1"}},"#
      + #""spec":{"containers":[{"name":"\#(container)","image":"proxy"}]},"#
      + #""status":{"phase":"Running","podIP":"10.0.0.\#(number)","conditions":[{"type":"Ready","status":"True"}]}}"#
  }

  // MARK: Logs

  private static func stream(
    of pod: Int, isStamped: Bool, on connection: RawServer.Connection, _ state: State
  ) {
    guard
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    else { return }
    var block = LogBlock(pod: pod, isStamped: isStamped)
    let began = ContinuousClock.now
    var sent = 0
    var told = 0
    while !state.isStopped.load(ordering: .relaxed) {
      if pod == 0 {
        let words = state.words.withLock { $0.dropFirst(told) }
        for word in words where !connection.write(block.chunk(word)) { return }
        told += words.count
      }
      var lines = LogBlock.mostLines
      switch state.pace {
      case .linesPerSecond(let rate):
        lines = min(lines, Int(Double(rate) * ((ContinuousClock.now - began) / .seconds(1))) - sent)
      case .unbounded: break
      case .lines(let count): lines = min(lines, count - sent)
      }
      guard lines > 0 else {
        usleep(10_000)
        continue
      }
      guard connection.write(block.chunk(lines: lines)) else { return }
      sent += lines
      state.written.add(lines, ordering: .relaxed)
    }
    connection.write("0\r\n\r\n")
  }
}

/// Lines as Istio's proxies write them, with the time of now, as one chunk of HTTP/1.1.
private struct LogBlock {
  static let mostLines = 100

  private let isStamped: Bool
  private var bytes: [UInt8] = []
  /// Where each line ends.
  private var ends: [Int] = []
  private var stamps: [Int] = []

  init(pod: Int, isStamped: Bool) {
    self.isStamped = isStamped
    let time = Self.now()
    for number in 0..<Self.mostLines {
      if isStamped {
        stamps.append(bytes.count)
        bytes += time + "000000Z ".utf8
      }
      bytes.append(UInt8(ascii: "["))
      stamps.append(bytes.count)
      let code = number % 50 == 0 ? "503 UF,URX" : "200 -"
      bytes += time
      bytes +=
        """
        Z] "GET /reviews/\(number)?page=\(number * 7) HTTP/1.1" \(code) via_upstream - "-" 0 295 \(number % 40) \
        \(number % 40) "-" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/131.0" \
        "5d1f0e4c-3c1c-9b7e-8a51-0000000\(10_000 + number)" "reviews:9080" "10.0.\(pod).\(number):9080" \
        outbound|9080|v1|reviews.flood.svc.cluster.local 10.0.\(pod).7:41200 10.96.0.7:9080 10.0.\(pod).7:50100 - default

        """.utf8
      ends.append(bytes.count)
    }
  }

  /// The first so many lines.
  mutating func chunk(lines: Int) -> [UInt8] {
    let end = ends[lines - 1]
    let time = Self.now()
    for stamp in stamps where stamp < end {
      bytes.replaceSubrange(stamp..<stamp + time.count, with: time)
    }
    return Array("\(String(end, radix: 16))\r\n".utf8) + bytes[..<end] + "\r\n".utf8
  }

  /// One line of a path.
  func chunk(_ word: String) -> [UInt8] {
    let time = String(decoding: Self.now(), as: UTF8.self)
    let line =
      (isStamped ? "\(time)000000Z " : "")
      + "[\(time)Z] \"GET /\(word) HTTP/1.1\" 200 - via_upstream - \"-\" 0 295 3 2 \"-\" \"curl\" \"-\" \"reviews:9080\" "
      + "\"10.0.0.9:9080\" outbound|9080|v1|reviews.flood.svc.cluster.local 10.0.0.7:41200 10.96.0.7:9080 "
      + "10.0.0.7:50100 - default\n"
    return Array("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n".utf8)
  }

  /// To the millisecond: `2026-01-31T04:05:06.789`.
  private static func now() -> [UInt8] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    return text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      + ".\(String(1_000 + time.tv_nsec / 1_000_000).dropFirst())".utf8
  }
}
