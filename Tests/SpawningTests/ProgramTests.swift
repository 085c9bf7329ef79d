import Glibc
import Spawning
import Testing

@Suite struct ProgramTests {
  /// What a shell script says, and how it ends.
  private func run(_ script: String, _ change: (inout Program) -> Void = { _ in }) throws -> (said: String, code: CInt)
  {
    let pipe = try Pipe()
    defer { close(pipe.reading) }
    var program = Program("/bin/sh", ["-c", script])
    program.output = .descriptor(pipe.writing)
    change(&program)
    let process: pid_t
    do {
      process = try program.start()
    } catch {
      close(pipe.writing)
      throw error
    }
    close(pipe.writing)
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = read(pipe.reading, &buffer, buffer.count), count > 0 { said += buffer[..<count] }
    return (String(decoding: said, as: UTF8.self), waitForExit(of: process))
  }

  @Test func saysAndEnds() throws {
    #expect(try run("echo hello; exit 7") == ("hello\n", 7))
    #expect(try run("kill -9 $$").code == 137)
  }

  @Test func inheritsNoFileButThoseNamed() throws {
    // Marked by nobody: what any library may leave behind.
    let files = (0..<3).map { _ in open("/dev/null", O_RDONLY) }
    defer { files.forEach { close($0) } }
    let list = "cd /proc/self/fd; echo *"
    let without = try run(list).said
    for file in files { #expect(!without.split(separator: " ").contains("\(file)")) }
    let with = try run("exec cat /proc/self/fdinfo/\(files[1]) >/dev/null && echo kept") { $0.keeping = [files[1]] }
    #expect(with.code == 0)
    let others = try run("test -e /proc/self/fd/\(files[0]) || test -e /proc/self/fd/\(files[2])") {
      $0.keeping = [files[1]]
    }
    #expect(others.code == 1)
  }

  @Test func hasAnEnvironmentOfItsOwn() throws {
    #expect(try run("echo $MESHDECK_TEST") { $0.environment = ["MESHDECK_TEST=yes"] }.said == "yes\n")
  }

  @Test func hasNoSignalBlocked() throws {
    #expect(try run("grep SigBlk /proc/self/status").said.hasSuffix("\t0000000000000000\n"))
  }

  @Test func aMissingProgramIsToldAtOnce() {
    let failure = #expect(throws: SpawnFailure.self) { try Program("/nowhere/at/all").start() }
    #expect(failure?.isNotFound == true)
  }
}
