import Glibc
import MeshModel
import Peers
import ProxyLogs

/// Reading and filtering a file of Istio's text lines on one core, beside what everybody has: in CPU seconds, which a
/// busy machine does not stretch.
struct LogReading: BenchCase {
  let name = "log reading"

  func run() async throws -> [Figure] {
    let folder = try TemporaryFolder()
    let path = folder.path + "/access.log"
    let lines = try Self.write(to: path, bytes: 1 << 30)
    // Into the page cache.
    _ = try Self.seconds(of: "wc", ["-l", path])
    let count = try Self.seconds(of: "wc", ["-l", path])
    let grep = try Self.seconds(of: "grep", ["-cE", "\" 5[0-9][0-9] ", path])

    var reader = LogLineReader(wanted: [.responseCode, .path, .duration])
    var sum: UInt64 = 0
    let read = try Self.measured(path) { line in
      guard reader.read(line) else { return }
      sum &+= reader.fields.number(.responseCode, in: line) ?? 0
      sum &+= reader.fields.number(.duration, in: line) ?? 0
      sum &+= UInt64(reader.fields[.path].count)
    }
    guard sum > 0 else { throw PeerFailure("nothing was read") }
    let code = try Self.filtered(path, "code >= 500")
    guard code.matches == grep.answer else {
      throw PeerFailure("grep found \(grep.answer) lines and the filter \(code.matches)")
    }
    let pattern = try Self.filtered(path, "/upstream_reset|timeout/")
    let rate = { (seconds: Double) in Double(lines) / seconds / 1_000_000 }
    var figures = [
      Figure(
        what: "access log, code path duration: M lines/s", value: rate(read), bar: .atLeast(3),
        detail: "\(rounded(read)) s of CPU for 1 GB"),
      Figure(
        what: "the same, of the speed of wc -l", value: count.seconds / read, bar: .atLeast(0.15),
        detail: "wc \(rounded(count.seconds)) s"),
      Figure(
        what: "code >= 500, of the time of grep", value: code.seconds / grep.seconds, bar: .atMost(1),
        detail: "\(rounded(code.seconds)) s, grep \(rounded(grep.seconds)) s"),
      Figure(what: "a pattern: M lines/s", value: rate(pattern.seconds), bar: .atLeast(2)),
    ]
    if access("/usr/bin/lnav", X_OK) == 0 {
      // lnav keeps an index of the whole file: a tenth of it is enough to compare.
      let tenth = folder.path + "/tenth.log"
      let some = try Self.write(to: tenth, bytes: 100 << 20)
      let lnav = try Self.seconds(of: "lnav", ["-n", "-c", ":filter-in \" 5[0-9][0-9] ", tenth])
      figures.append(
        Figure(
          what: "code >= 500, of the time of lnav", value: code.seconds / Double(lines) / (lnav.seconds / Double(some)),
          bar: .atMost(0.15), detail: "lnav \(rounded(lnav.seconds)) s for 100 MB"))
    }
    return figures
  }

  private static func filtered(_ path: String, _ text: String) throws -> (seconds: Double, matches: Int) {
    var scan = LogScan(try LogFilter(text))
    var matches = 0
    let seconds = try measured(path) { if scan.matches($0) { matches += 1 } }
    return (seconds, matches)
  }

  /// CPU seconds of this process.
  private static func measured(_ path: String, _ each: (Span<UInt8>) -> Void) throws -> Double {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw PeerFailure("\(path) cannot be opened") }
    defer { close(file) }
    var blocks = LogBlocks(file)
    let start = cpuSeconds(RUSAGE_SELF)
    try blocks.readAll(each)
    return cpuSeconds(RUSAGE_SELF) - start
  }

  /// CPU seconds of a program that answers with a number.
  private static func seconds(of program: String, _ arguments: [String]) throws -> (seconds: Double, answer: Int) {
    let start = cpuSeconds(RUSAGE_CHILDREN)
    let quoted = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
    guard let pipe = popen("\(quoted) 2>/dev/null", "r") else { throw PeerFailure("\(program) cannot be started") }
    var answer = 0
    var hasNumber = false
    while true {
      let byte = fgetc(pipe)
      guard byte != EOF else { break }
      if !hasNumber, (48...57).contains(byte) { answer = answer &* 10 &+ Int(byte - 48) } else { hasNumber = true }
    }
    pclose(pipe)
    return (cpuSeconds(RUSAGE_CHILDREN) - start, answer)
  }

  private static func cpuSeconds(_ whose: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(whose.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
  }

  /// Lines of all outcomes, most of them in order, in no order. Gives how many.
  private static func write(to path: String, bytes size: Int) throws -> Int {
    var random = SeededGenerator(seed: 7)
    let kinds = (0..<2_000).map { _ in Array(line(&random).utf8) }
    guard let file = fopen(path, "wb") else { throw PeerFailure("\(path) cannot be written") }
    defer { fclose(file) }
    var written = 0
    var lines = 0
    while written < size {
      guard let line = kinds.randomElement(using: &random), fwrite(line, 1, line.count, file) == line.count else {
        throw PeerFailure("\(path) cannot be written")
      }
      written += line.count
      lines += 1
    }
    return lines
  }

  private static func line(_ random: inout SeededGenerator) -> String {
    let (code, flags, details) =
      Int.random(in: 0..<30, using: &random) == 0
      ? (503, "URX,UF", "upstream_reset_before_response_started{connection_failure}") : (200, "-", "via_upstream")
    let service = ["details", "reviews", "ratings", "productpage"].randomElement(using: &random) ?? ""
    let millisecond = Int.random(in: 100...999, using: &random)
    let number = Int.random(in: 10_000...99_999, using: &random)
    let duration = Int.random(in: 0...900, using: &random)
    return
      "[2026-11-23T00:32:52.\(millisecond)Z] \"GET /\(service)/\(number % 100) HTTP/1.1\" \(code) \(flags) \(details) - \"-\" "
      + "0 \(number) \(duration) \(duration) \"-\" \"bookinfo\" \"b34ec8fa-64e4-4cf9-8c0e-7f97278\(number)\" "
      + "\"\(service):9080\" \"127.0.10.7:9080\" outbound|9080||\(service).default.svc.cluster.local "
      + "127.0.10.6:\(number) 127.0.10.6:15001 127.0.0.1:\(number) - default\n"
  }
}
