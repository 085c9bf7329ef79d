import FoundationEssentials
import Testing

@testable import ConsoleRuntime

@Suite struct NewFileTests {
  @Test func whatIsThereIsNeverWrittenOver() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "meshdeck-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "notes.md").path
    #expect(NewFile.write(Array("one\n".utf8), to: path) == nil)
    #expect(NewFile.write(Array("two\n".utf8), to: path) == "it is there already")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\n")
    // Neither through a link, which may lead anywhere.
    let link = folder.appending(path: "link.md").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.appending(path: "else").path)
    #expect(NewFile.write(Array("two\n".utf8), to: link) == "it is there already")
    #expect(NewFile.write(Array("two\n".utf8), to: folder.appending(path: "none/notes.md").path)?.isEmpty == false)
  }
}
