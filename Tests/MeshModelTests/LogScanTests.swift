import MeshModel
import Peers
import ProxyLogs
import Testing

/// A line as filters are documented to see it, text by text: slow, and plainly right.
private struct PlainLine: ExpressionSubject {
  static var fields: [ExpressionField] { LogFilter.fields }

  let line: ProxyLogLine
  let writer: ProxyID?

  var words: [String] { [line.text.string] + (writer.map { [$0.name] } ?? []) }

  func value(of field: ExpressionField) -> ExpressionValue? {
    switch field.name {
    case "pod": return writer.map { .texts([$0.pod, $0.name]) }
    case "ns": return writer.map { .texts([$0.namespace]) }
    default: break
    }
    switch line {
    case .access(let access): return value(of: field.name, access)
    case .component(let component):
      switch field.name {
      case "level": return component.level.map { .number(Double($0.rawValue)) }
      case "component": return .texts([component.component.isEmpty ? "-" : component.component])
      case "msg": return .texts([component.message.isEmpty ? "-" : component.message])
      case "error": return component.level.map { .flag($0 >= .error) }
      default: return nil
      }
    case .raw: return nil
    }
  }

  private func value(of name: String, _ line: AccessLogLine) -> ExpressionValue? {
    func number(_ field: LogField) -> ExpressionValue? { line.number(field).map { .number(Double($0)) } }
    func text(_ fields: LogField...) -> ExpressionValue? { .texts(fields.map { line[$0] ?? "-" }) }
    switch name {
    case "code": return number(.responseCode)
    case "ms": return number(.duration)
    case "upms": return number(.upstreamServiceTime)
    case "sent": return number(.bytesSent)
    case "received": return number(.bytesReceived)
    case "error":
      if let code = line.responseCode { return .flag(code >= 500 || code == 0) }
      return line[.direction] == nil ? nil : .flag(line[.transportFailureReason] != nil)
    case "flags":
      let field = line[.responseFlags] ?? "-"
      return .texts([field] + field.split(separator: ",").map(String.init))
    case "path": return text(.path)
    case "method": return text(.method)
    case "host": return text(.authority)
    case "id": return text(.requestID)
    case "ua": return text(.userAgent)
    case "upstream": return text(.upstreamHost)
    case "cluster": return text(.upstreamCluster)
    case "details": return text(.responseCodeDetails, .connectionTerminationDetails, .transportFailureReason)
    case "dir":
      switch line.direction {
      case .inbound: return .texts(["in", "inbound"])
      case .outbound: return .texts(["out", "outbound"])
      case nil: return .texts([])
      }
    case "dst":
      var names = [line[.upstreamHost], line[.authority]].compactMap { $0 }
      if let cluster = line.upstreamCluster, let host = cluster.host {
        let service = String(host.split(separator: ".", omittingEmptySubsequences: false)[0])
        names += [host, service] + (cluster.subset.map { [$0, service + "/" + $0] } ?? [])
      } else if line.direction == .inbound, let writer {
        names += [writer.pod, writer.name]
      }
      return .texts(names)
    default: return nil
    }
  }
}

@Suite(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
struct LogScanTests {
  private static func lines() throws -> [[UInt8]] {
    let recorded = try ["access_samples.istio_text.log", "access_samples.json.log", "gateway/access.istio_text.log"]
      .flatMap { try Recordings.lines("envoy-file-xds/" + $0).prefix(40) }
    let others = [
      #"[2026-11-23T00:32:52.272Z] "GET /a"b HTTP/1.1" 503 UF 7 121 60 - "10.0.0.1" "curl/8" "f4" "details" "1.2.3.4:9""#,
      "[2026-11-23 00:28:00.511][22614][critical][config] [source/e/impl.cc:81] 503 UF reviews",
      "2026-11-23T01:13:42.071Z\twarn\tEnvoy proxy is NOT ready: 503", "UF 503 words of nobody", "",
      #"{"level":"error","time":"2026-11-23T01:13:42.071Z","scope":"ads","msg":"fa\u0069led"}"#,
      #"{"response_code":503,"path":"\/r\u0065views","response_flags":"UF","duration":700,"upstream_cluster":"x"}"#,
    ].map { Array($0.utf8) }
    return recorded + others
  }

  private func term(_ random: inout SeededGenerator) -> String {
    let number = ["0", "200", "403", "499.5", "500", "503", "1k", "60"].randomElement(using: &random) ?? "0"
    let sign = ["=", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "="
    let word =
      [
        "UF", "urx", "-", "reviews", "v3", "reviews/v3", "GET", "/r", "ratings", "bookinfo", "9080", "default",
        "upstream_", "curl",
      ]
      .randomElement(using: &random) ?? "x"
    let pattern = ["/re[vw]/", "/\\d{3}/", "/^.*U/", "/x|UF/i"].randomElement(using: &random) ?? "/x/"
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1:
      return "\(["code", "ms", "upms", "sent", "received"].randomElement(using: &random) ?? "code") \(sign) \(number)"
    case 2:
      let level = LogLevel.allCases.randomElement(using: &random)?.name ?? "info"
      return "level \(sign) \(level)"
    case 3: return ["error", "!error", "\"\(word)\"", pattern].randomElement(using: &random) ?? "error"
    case 4: return "\"\(word)\""
    default:
      let field =
        [
          "flags", "path", "method", "host", "id", "ua", "upstream", "cluster", "details", "dir", "dst", "pod", "ns",
          "component", "msg",
        ]
        .randomElement(using: &random) ?? "path"
      let operation =
        ["= \"\(word)\"", "!= \"\(word)\"", "~ \"\(word)\"", "!~ \"\(word)\"", "~ \(pattern)", "!~ \(pattern)"]
        .randomElement(using: &random) ?? "= x"
      return "\(field) \(operation)"
    }
  }

  private func expression(_ depth: Int, _ random: inout SeededGenerator) -> String {
    switch depth == 0 ? 0 : Int.random(in: 0..<5, using: &random) {
    case 1: "(\(expression(depth - 1, &random)) and \(expression(depth - 1, &random)))"
    case 2: "(\(expression(depth - 1, &random)) or \(expression(depth - 1, &random)))"
    case 3: "not (\(expression(depth - 1, &random)))"
    default: term(&random)
    }
  }

  /// However a filter is asked, of whatever line, whole or damaged: the same answer.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func filtersAgreeWithThePlainReading(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let lines = try Self.lines()
    for _ in 0..<12 {
      let text = expression(3, &random)
      let filter = try LogFilter(text)
      let plain = try Expression(text, fields: LogFilter.fields)
      let writer = Bool.random(using: &random) ? ProxyID("reviews-v3-x.bookinfo") : nil
      var scan = LogScan(filter, writer: writer)
      for var bytes in lines {
        if Int.random(in: 0..<4, using: &random) == 0, !bytes.isEmpty {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] =
            [0x20, 0x22, 0x5B, 0x35, 0x2D, 0xFF].randomElement(using: &random) ?? 0
        }
        let line = ProxyLogLine(bytes)
        let expected = plain.matches(PlainLine(line: line, writer: writer))
        #expect(filter.matches(line, writer: writer) == expected, "seed \(seed): \(text): \(line.text.string)")
        #expect(scan.matches(bytes.span) == expected, "seed \(seed): \(text): \(line.text.string)")
      }
    }
  }

  /// Whatever a person types: a filter, or a sentence with a place within the text.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func anyTextIsAFilterOrAProblemWithItsPlace(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = [
      "code", "flags", "level", "error", "and", "or", "not", "(", ")", "!", "=", "!=", "~", "!~", "<", ">=", "\"", "'",
      "/", "/a+/",
      "/(/", "\\", " ", " ", "500", "é", "\u{0}", "\u{1B}[31m", "👩‍👩‍👧", "warn", "|", "&",
    ]
    for _ in 0..<400 {
      let text = (0..<Int.random(in: 0...14, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        .joined()
      do throws(ExpressionProblem) {
        let filter = try LogFilter(text)
        _ = filter.matches(ProxyLogLine("{\"response_code\":1,\"path\":\"a\"}"))
      } catch {
        #expect((1...text.count + 1).contains(error.column), "seed \(seed): \(text): \(error)")
        #expect(!error.what.isEmpty)
      }
      _ = LogFilter.completion(of: text, at: Int.random(in: -1...20, using: &random))
    }
  }
}
