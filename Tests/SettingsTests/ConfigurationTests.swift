import Testing
import TerminalUI

@testable import Settings

@Suite struct ConfigurationTests {
  @Test func readsTheFile() throws {
    let folder = try ConfigurationFolder([
      "config.toml": """
      theme = "light"
      glyphs = "ascii"
      window = "5m"
      [contexts.prod-eu1]
      read_only = true
      [contexts."arn:aws/x"]
      read_only = false
      """
    ])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(complaints == [])
    #expect(configuration.theme == "light")
    #expect(configuration.glyphs == .ascii)
    #expect(configuration.window == .seconds(300))
    #expect(configuration.isReadOnly(in: "prod-eu1"))
    #expect(!configuration.isReadOnly(in: "arn:aws/x"))
    #expect(!configuration.isReadOnly(in: nil))
  }

  @Test func withoutAFileThereAreDefaultsAndNoComplaints() throws {
    let folder = try ConfigurationFolder()
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(configuration == Configuration())
    #expect(complaints == [])
    #expect(Configuration.load(environment: { _ in nil }).complaints == [])
  }

  @Test func flagsWinOverTheEnvironmentOverTheFile() throws {
    let folder = try ConfigurationFolder([
      "config.toml": "theme = 'light'\nglyphs = 'ascii'\nwindow = '10s'\nread_only = true"
    ])
    let environment = folder.environment([
      "MESHDECK_THEME": "plain", "MESHDECK_GLYPHS": "unicode", "MESHDECK_WINDOW": "",
    ])
    let flags = Configuration.Flags(theme: "dark", isReadOnly: false)
    let (configuration, complaints) = Configuration.load(flags: flags, environment: environment)
    #expect(complaints == [])
    #expect(configuration.theme == "dark")
    #expect(configuration.themeSource == "--theme")
    #expect(configuration.glyphs == .unicode)
    #expect(configuration.window == .seconds(10))
    #expect(!configuration.isReadOnly)
  }

  @Test func theStoreIsChosenForAContextElseForAll() throws {
    let folder = try ConfigurationFolder([
      "config.toml": """
      prometheus = "http://store:9090"
      [contexts.prod-eu1]
      prometheus = "https://u:p@prod-store"
      [contexts.dev]
      prometheus = "none"
      [contexts.other]
      """
    ])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(complaints == [])
    #expect(configuration.prometheus(in: "prod-eu1") == "https://u:p@prod-store")
    #expect(configuration.prometheus(in: "dev") == "none")
    #expect(configuration.prometheus(in: "other") == "http://store:9090")
    #expect(configuration.prometheus(in: nil) == "http://store:9090")
    #expect(Configuration().prometheus(in: "dev") == nil)
    // The environment wins over all of the file.
    let environment = folder.environment(["MESHDECK_PROMETHEUS": "http://here"])
    #expect(Configuration.load(environment: environment).configuration.prometheus(in: "dev") == "http://here")
  }

  @Test(arguments: [
    ("them = 'dark'", ":1:1: there is no setting “them”, did you mean “theme”?"),
    ("theme = 4", ":1:9: “theme” is a text, not a number"),
    ("glyphs = 'unicod'", ":1:10: no glyphs are called “unicod”, did you mean “unicode”?"),
    ("window = 'soon'", ":1:10: “soon” is no time such as 60s or 5m"),
    ("window = '2s'", ":1:10: a window is 5s to 15m, not “2s”"),
    ("window = '99999999999999999999s'", ":1:10: “99999999999999999999s” is no time such as 60s or 5m"),
    ("prometheus = 9090", ":1:14: “prometheus” is a text, not a number"),
    ("promtheus = 'x'", ":1:1: there is no setting “promtheus”, did you mean “prometheus”?"),
    ("contexts.a.prometheus = true", ":1:25: “prometheus” is a text, not true or false"),
    ("contexts = []", ":1:12: “contexts” is a table, not a list"),
    ("contexts.a = 1", ":1:14: a context is a table, not a number"),
    ("contexts.a.readonly = true", ":1:12: a context has no “readonly”, did you mean “read_only”?"),
    ("\"é👍\" = 1979-05-27", ":1:1: there is no setting “é👍”"),
    ("contexts.\"é👍\".x = 1", ":1:15: a context has no “x”"),
  ])
  func complains(text: String, complaint: String) throws {
    let folder = try ConfigurationFolder(["config.toml": "\(text)\nread_only = true\n"])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(complaints.map(\.description) == ["\(folder.path)/meshdeck/config.toml\(complaint)"])
    #expect(configuration.isReadOnly, "the rest loads")
  }

  @Test func aBadReadOnlyIsReadOnly() throws {
    let folder = try ConfigurationFolder(["config.toml": "read_only = 'no'\ncontexts.p.read_only = 0"])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(configuration.isReadOnly && configuration.contexts["p"]?.isReadOnly == true)
    #expect(complaints.map(\.place) == [Place(line: 1, column: 13), Place(line: 2, column: 24)])
    let (other, warnings) = Configuration.load(environment: folder.environment(["MESHDECK_READ_ONLY": "perhaps"]))
    #expect(other.isReadOnly)
    #expect(
      warnings.last?.description == "MESHDECK_READ_ONLY: “perhaps” is neither true nor false; nothing will be written")
  }

  @Test(arguments: ["theme = ", "[", "a = 1\na = 2", "\u{1}", "x = \"\\q\""])
  func brokenSyntaxGivesDefaults(text: String) throws {
    let folder = try ConfigurationFolder(["config.toml": text])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(configuration == Configuration())
    #expect(complaints.count == 1)
    #expect(complaints[0].place != nil)
  }

  @Test func brokenSyntaxDoesNotLiftAProtection() throws {
    let folder = try ConfigurationFolder(["config.toml": "[contexts.prod]\nread_only = true\ntheme = "])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    #expect(configuration.isReadOnly(in: "prod"))
    #expect(complaints.count == 1)
    #expect(complaints[0].words.hasSuffix("; nothing will be written"))
  }

  @Test func deepNestingIsAComplaint() throws {
    let text = "a = " + String(repeating: "[", count: 100_000)
    let folder = try ConfigurationFolder(["config.toml": text])
    #expect(Configuration.load(environment: folder.environment()).complaints.count == 1)
  }
}
