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

  @Test func readOnlyRefusesEveryCommandThatWrites() throws {
    let identity = MeshIdentityFixture.readOnly
    for command in Command.all where command.writes {
      var state = settled(identity)
      // Where its key has this meaning.
      if !Set(command.places).isDisjoint(with: [.ramp, .rampQuestion]) {
        let route = try #require(Bookinfo.routes().first { $0.id == Bookinfo.reviewsRule })
        let ramp = Ramp(try RampPlan(of: route, to: Bookinfo.v3), now: state.now)
        _ = state.update(.ramps(.value([RampProgress(id: 14, ramp: ramp)])))
      }
      _ = state.type(
        command.places.contains(.logs) ? "l" : command.places.contains(.rampQuestion) ? "q" : "w→")
      #expect(state.update(.terminal(.key(command.keys[0]))).isEmpty)
      #expect(state.notice != nil)
    }
  }
}
