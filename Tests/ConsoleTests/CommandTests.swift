import ConsoleTestSupport
import MeshModel
import TerminalUI
import Testing

@testable import Console

@Suite struct CommandTests {
  @Test func docsSayWhatTheKeysAre() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    try Pictures.expectFile(root + "/docs/keys.md", Command.markdown)
  }

  @Test func namesAreUnique() {
    let names = Command.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  /// No key has two meanings in one place.
  @Test func keysAreUnambiguous() {
    for place in Command.Place.allCases {
      var owners: [Key: String] = [:]
      for command in Command.all where command.places.contains(place) {
        for key in command.keys {
          #expect(owners[key] == nil, "\(key) is \(owners[key] ?? "") and \(command.name) in \(place)")
          owners[key] = command.name
        }
      }
    }
  }

  @Test func readOnlyRefusesEveryCommandThatWrites() {
    let identity = MeshIdentityFixture.readOnly
    for command in Command.all where command.writes {
      var state = settled(identity)
      // Where its key has this meaning.
      _ = state.type(command.places.contains(.logs) ? "l" : "w→")
      #expect(state.update(.terminal(.key(command.keys[0]))).isEmpty)
      #expect(state.notice != nil)
    }
  }
}
