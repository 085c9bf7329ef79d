import FoundationEssentials
import Glibc
import JSON
import Peers
import Pseudoterminal
import Testing

/// `meshdeck logs` of files and pipes, as its users have it.
@Suite struct FileLogTests {
  /// An outbound request that `productpage` sent to `reviews`, and the inbound one of that.
  private func outbound(_ second: Int, _ code: Int = 200, path: String = "/reviews/0", id: String = "id-1") -> String {
    "[2026-11-23T00:32:\(second).000Z] \"GET \(path) HTTP/1.1\" \(code) \(code == 200 ? "-" : "UF") via_upstream - \"-\" "
      + "0 21 17 17 \"-\" \"curl\" \"\(id)\" \"reviews:9080\" \"127.0.10.6:9080\" "
      + "outbound|9080|v3|reviews.default.svc.cluster.local 127.0.10.2:47516 127.0.10.9:9080 127.0.0.1:39522 - reviews\n"
  }
  private func inbound(_ second: Int, id: String = "id-1") -> String {
    "[2026-11-23T00:32:\(second).002Z] \"GET /reviews/0 HTTP/1.1\" 200 - via_upstream - \"-\" "
      + "0 21 10 10 \"-\" \"curl\" \"\(id)\" \"reviews:9080\" \"127.0.20.6:9080\" "
      + "inbound|9080|| 127.0.10.6:49564 127.0.10.6:9080 127.0.10.2:47516 - default\n"
  }

  private func meshdeck(_ arguments: String..., until: ((String) -> Bool)? = nil) throws -> ProgramRun {
    try ProgramRun(
      builtProgram("meshdeck"), ["logs"] + arguments, environment: ["LC_ALL": "C.UTF-8"], within: .seconds(30),
      until: until)
  }

  @Test func aFileIsFilteredAndWhatWasLeftOutIsCounted() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.log"
    try write(outbound(10) + outbound(11, 503) + "a word\n" + outbound(12, 500, path: "/x"), to: path)
    let run = try meshdeck(path, "--filter", "code >= 500", "--exclude", "path = /x")
    #expect(run.code == 0 && run.output == outbound(11, 503), "\(run.output)")
    #expect(run.errors == "meshdeck: 1 of 4 lines, 3 filtered out\n", "\(run.errors)")
    let all = try meshdeck(path)
    #expect(all.errors.isEmpty && all.output.split(separator: "\n").count == 4)
    let columns = try meshdeck(path, "--columns", "code,dst,path", "--tail", "2")
    #expect(
      columns.output == "CODE    DST               PATH\n-       -                 -\n500     reviews/v3        /x\n")
    let csv = try meshdeck(path, "--columns", "code,line", "-o", "csv", "--filter", "code = 500")
    let line = outbound(12, 500, path: "/x").dropLast().replacing("\"", with: "\"\"")
    #expect(csv.output == "code,line\n500,\"\(line)\"\n", "\(csv.output)")
    let lines = try meshdeck(path, "-o", "jsonl").output.split(separator: "\n").map {
      try JSONValue(parsing: String($0))
    }
    #expect(lines.map { $0["response_code"] } == [200, 503, nil, 500] && lines[2]["text"] == "a word", "\(lines)")
    let top = try meshdeck(path, "--top", "paths")
    let rows = top.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      rows == ["PATHS LINES SHARE ERRORS LONGEST", "/reviews/0 2 66.7% 1 17 ms", "/x 1 33.3% 1 17 ms"], "\(rows)")
  }

  @Test func aWrongExpressionIsPointedAt() throws {
    let run = try meshdeck("-", "--exclude", "code >= 500 or cod = 1")
    #expect(run.code == 2)
    #expect(run.errors.contains("--exclude: there is no “cod” (did you mean code?)"), "\(run.errors)")
    #expect(run.errors.hasSuffix("\n  code >= 500 or cod = 1\n                 ^\n"), "\(run.errors)")
  }

  @Test func whatCannotBeMeantTogetherIsRefused() throws {
    let folder = try TemporaryFolder()
    try write("", to: folder.path + "/a.log")
    for arguments in [
      ["--top", "paths", "--request", "x"], ["--top", "paths", "-f"], ["--since", "1m", "--tail", "3"],
      ["-o", "raw", "--columns", "code"], ["reviews"], ["--columns", "cod"], ["--since", "soon"],
    ] {
      let run = try ProgramRun(
        builtProgram("meshdeck"), ["logs", folder.path + "/a.log"] + arguments, environment: [:], within: .seconds(30))
      #expect(run.code == 2 && run.output.isEmpty && !run.errors.isEmpty, "\(arguments) \(run.errors)")
    }
    #expect(try meshdeck("/nowhere.log").code == 2)
    #expect(try meshdeck().code == 2)
  }

  /// Lines of two files stand in one order, and a request is followed through them.
  @Test func filesAreReadAsOneLog() throws {
    let folder = try TemporaryFolder()
    let (caller, called) = (folder.path + "/caller.log", folder.path + "/called.log")
    try write(outbound(10) + "of the same moment\n" + outbound(20, id: "id-2"), to: caller)
    try write(inbound(10) + inbound(15, id: "id-3"), to: called)
    let run = try meshdeck(caller, called)
    let expected = [
      "\(caller)  \(outbound(10))", "\(caller)  of the same moment\n", "\(called)  \(inbound(10))",
      "\(called)  \(inbound(15, id: "id-3"))", "\(caller)  \(outbound(20, id: "id-2"))",
    ]
    #expect(run.output == expected.joined(), "\(run.output)")
    let trail = try meshdeck(called, caller, "--request", "id-1")
    let rows = trail.output.split(separator: "\n").map(String.init)
    try #require(rows.count == 3, "\(trail.output)")
    #expect(rows[1].contains("00:32:10.000  \(caller)") && rows[1].contains("17 ms  7 ms"), "\(rows[1])")
    #expect(rows[2].contains("  \(called)") && rows[2].contains("10 ms  10 ms"), "\(rows[2])")
    let since = try meshdeck(caller, "--since", "2026-11-23T00:32:15Z")
    #expect(since.output == outbound(20, id: "id-2"), "\(since.output)")
  }

  @Test func aFileIsFollowedOverItsRotation() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.log"
    try write(outbound(10) + outbound(11), to: path)
    var step = 0
    let run = try meshdeck(path, "-f", "--tail", "1", "--columns", "time") { said in
      let count = said.split(separator: "\n").count
      do {
        if step == 0, count == 2 {
          step = 1
          try append(outbound(12), to: path)
        } else if step == 1, count == 3 {
          step = 2
          rename(path, path + ".1")
          try write(outbound(13), to: path)
        } else if step == 2, count == 4 {
          step = 3
          // Shorter than it was: begun anew in its place.
          try write("x\n", to: path)
        }
      } catch { Issue.record(error) }
      return step == 3 && count == 5
    }
    #expect(
      run.output.split(separator: "\n").map { $0.prefix(19).suffix(8) }.prefix(4) == [
        "TIME", "00:32:11", "00:32:12", "00:32:13",
      ])
    #expect(run.errors.contains("was replaced") && run.errors.contains("was truncated"), "\(run.errors)")
  }

  /// What a client writes into its headers is never obeyed by a terminal; a pipe gets the bytes when it asks for them.
  @Test func controlBytesReachNoTerminal() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.log"
    let hostile = outbound(10, path: "/\u{1B}]52;c;ZXZpbA==\u{7}\u{9B}31m") + "\u{1B}[2Jraw \u{0} \u{202E}\n"
    try write(hostile, to: path)
    for format in ["text", "jsonl", "csv"] {
      let run = try meshdeck(path, "-o", format)
      #expect(
        run.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    }
    #expect(try meshdeck(path, "-o", "raw").output == hostile)
    let terminal = try Pseudoterminal(
      builtProgram("meshdeck"), ["logs", path, "-o", "raw"], columns: 118, rows: 36, environment: ["LC_ALL": "C.UTF-8"])
    try terminal.wait(for: "·[2Jraw")
    _ = try terminal.waitForExit()
  }

  @Test func aReaderThatHasHeardEnoughIsNoTrouble() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.log"
    try write(String(repeating: outbound(10), count: 20_000), to: path)
    let run = try ProgramRun(
      "/bin/bash", ["-c", "cat '\(path)' | '\(builtProgram("meshdeck"))' logs - | head -1; exit ${PIPESTATUS[1]}"],
      environment: ["PATH": "/usr/bin:/bin"])
    #expect(run.code == 0 && run.output == outbound(10) && run.errors.isEmpty, "\(run.errors)")
  }

  private func write(_ text: String, to path: String) throws {
    try put(text, path, O_WRONLY | O_CREAT | O_TRUNC)
  }
  private func append(_ text: String, to path: String) throws { try put(text, path, O_WRONLY | O_APPEND) }
  private func put(_ text: String, _ path: String, _ flags: Int32) throws {
    let file = open(path, flags, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let bytes = Array(text.utf8)
    try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
  }
}
