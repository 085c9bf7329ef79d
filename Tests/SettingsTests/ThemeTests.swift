import Glibc
import Testing
import TerminalUI

@testable import Settings

@Suite struct ThemeTests {
  /// Reads a theme alone and gives it with its complaints as sentences.
  private func read(_ text: String, upon base: Theme? = nil) -> (Theme, [String]) {
    var reader = ThemeReader(Array(text.utf8), source: "t.toml")
    let theme = reader.theme(named: "t", upon: base)
    return (theme, reader.complaints.map(\.description))
  }

  @Test(arguments: BuiltInThemes.names)
  func theBuiltInThemesAreThoseOfTheFiles(name: String) throws {
    let folder = #filePath.components(before: "/Tests/")
    guard case .bytes(let bytes) = SettingsFile.read("\(folder)/themes/\(name).toml") else {
      Issue.record("themes/\(name).toml cannot be read")
      return
    }
    #expect(String(decoding: bytes, as: UTF8.self) == BuiltInThemes.text(named: name))
    var reader = ThemeReader(bytes, source: name)
    _ = reader.theme(named: name, upon: name == "light" ? BuiltInThemes.dark : nil)
    #expect(reader.complaints == [])
  }

  @Test func everyRoleOfTheBuiltInThemesCanBeTold() {
    // Text and its ground never have one colour, on no ground and at no depth.
    for theme in [BuiltInThemes.dark, BuiltInThemes.light] {
      for role in Role.all
      where role != .screen && role.parent != .screen && role.name != "status" && role.name != "diff" {
        for ground in [Role.screen, .bar, .panel, .selection] {
          for depth in [ColourDepth.sixteen, .indexed, .direct] {
            let look = theme.look(Style(role, on: ground), depth)
            let (text, back) = (look.foreground?.reduced(to: depth), look.background?.reduced(to: depth))
            #expect(text == nil || text != back, "\(theme.name): \(role) on \(ground) at \(depth)")
          }
        }
      }
    }
    let plain = BuiltInThemes.plain
    for depth in ColourDepth.allCases {
      for role in Role.all {
        let look = plain.look(Style(role, on: .selection), depth)
        #expect(look.foreground == nil && look.background == nil && look.attributes.contains(.reverse))
      }
    }
  }

  @Test func aRoleLooksLikeItsParent() {
    let (theme, complaints) = read(
      """
      [palette]
      sea = "#010203"
      [roles]
      text = "white"
      status = { colour = "sea", bold = true, failing = "red" }
      "status.good" = { underline = true }
      """)
    #expect(complaints == [])
    let sea = Colour.rgb(red: 1, green: 2, blue: 3)
    #expect(theme.look(Style(.warning), .direct) == Look(foreground: sea, attributes: .bold))
    #expect(theme.look(Style(.good), .direct) == Look(foreground: sea, attributes: .underline))
    #expect(theme.look(Style(.failing), .direct) == Look(foreground: .indexed(1), attributes: .bold))
    #expect(theme.look(Style(.title), .direct) == Look(foreground: .indexed(7)), "like text")
  }

  @Test func withoutColourTheAttributesAreThePlainOnes() {
    let look = BuiltInThemes.dark.look(Style(.failing, on: .selection), .none)
    #expect(look == Look(attributes: [.bold, .underline, .reverse]))
  }

  @Test func anInheritedRoleTakesTheNewPalette() {
    let (base, _) = read("[palette]\nsea = 1\n[roles]\naccent = 'sea'")
    let (theme, complaints) = read("[palette]\nsea = [200, 'green']", upon: base)
    #expect(complaints == [])
    #expect(theme.look(Style(.accent), .indexed).foreground == .indexed(200))
    #expect(theme.look(Style(.accent), .sixteen).foreground == .indexed(2))
  }

  @Test(arguments: [
    ("[palette]\na = '#12345'", "t.toml:2:5: “#12345” is no colour (#rrggbb, 0 to 255, or a name such as bright-blue)"),
    (
      "[palette]\na = 'blu'",
      "t.toml:2:5: “blu” is no colour (#rrggbb, 0 to 255, or a name such as bright-blue), did you mean “blue”?"
    ),
    ("[palette]\na = 256", "t.toml:2:5: 256 is no colour: a terminal's are 0 to 255"),
    ("[palette]\na = true", "t.toml:2:5: a colour is a text or a number, not true or false"),
    ("palette = 3", "t.toml:1:11: “palette” is a table, not a number"),
    ("[roles]\naccnt = 'red'", "t.toml:2:1: there is no role “accnt”, did you mean “accent”?"),
    (
      "[palette]\nsea = 1\n[roles]\naccent = 'see'",
      "t.toml:4:10: “see” is neither a colour nor in the palette, did you mean “sea”?"
    ),
    ("[roles]\naccent = { blod = true }", "t.toml:2:12: the role “accent” has no “blod”, did you mean “bold”?"),
    ("[roles]\nstatus = { faling = 'red' }", "t.toml:2:12: the role “status” has no “faling”, did you mean “failing”?"),
    ("[roles]\naccent = { bold = 1 }", "t.toml:2:19: “bold” is true or false, not a number"),
    ("[rolls]", "t.toml:1:2: a theme has no “rolls”, did you mean “roles”?"),
    ("glyphs = 'asci'", "t.toml:1:10: no glyphs are called “asci”, did you mean “ascii”?"),
    ("inherits = 4", "t.toml:1:12: “inherits” is a text, not a number"),
  ])
  func complains(text: String, complaint: String) {
    // A good entry behind the bad one still counts.
    let (theme, complaints) = read(text + (text.contains("[roles]") ? "\n" : "\n[roles]\n") + "title = 'green'")
    #expect(complaints == [complaint])
    #expect(theme.look(Style(.title), .direct).foreground == .indexed(2))
  }

  @Test func complainsOfSyntax() {
    let (_, complaints) = read("[roles]\naccent = #7aa2f7\n")
    #expect(complaints.count == 1)
    #expect(complaints[0].hasPrefix("t.toml:2:"))
  }

  // MARK: Files

  @Test func aFileComesBeforeABuiltInTheme() throws {
    let folder = try ConfigurationFolder(["themes/dark.toml": "inherits = 'dark'\n[palette]\nred = '#ff0000'"])
    let (theme, complaints) = Theme.load(named: "dark", environment: folder.environment())
    #expect(complaints == [])
    #expect(theme.look(Style(.failing), .direct).foreground == .rgb(red: 255, green: 0, blue: 0))
    #expect(theme.look(Style(.good), .direct) == BuiltInThemes.dark.look(Style(.good), .direct))
  }

  @Test func aFileThatIsNoTOMLIsTheDarkTheme() throws {
    let folder = try ConfigurationFolder(["themes/mine.toml": "[palette]\nred = #ff0000\n"])
    let (theme, complaints) = Theme.load(named: "mine", environment: folder.environment())
    #expect(complaints.count == 1 && complaints[0].place?.line == 2)
    for role in Role.all {
      #expect(theme.look(Style(role), .direct) == BuiltInThemes.dark.look(Style(role), .direct), "\(role)")
    }
  }

  @Test func aMissingThemeIsTheDarkOne() throws {
    let folder = try ConfigurationFolder()
    let (theme, complaints) = Theme.load(
      named: "drak", wanted: ("c.toml", Place(line: 3, column: 9)), environment: folder.environment())
    #expect(theme.name == "dark")
    #expect(complaints.map(\.description) == ["c.toml:3:9: there is no theme “drak”, did you mean “dark”?"])
  }

  @Test func themesThatInheritFromEachOtherEnd() throws {
    let folder = try ConfigurationFolder(["themes/a.toml": "inherits = 'b'", "themes/b.toml": "inherits = 'a'"])
    let (theme, complaints) = Theme.load(named: "a", environment: folder.environment())
    #expect(complaints.map(\.words) == ["there is no theme “a”"])
    #expect(theme.look(Style(.good), .direct) == BuiltInThemes.dark.look(Style(.good), .direct))
  }
}

extension String {
  fileprivate func components(before mark: String) -> String {
    ranges(of: mark).last.map { String(self[..<$0.lowerBound]) } ?? self
  }
}
