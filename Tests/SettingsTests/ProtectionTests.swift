import MeshModel
import Testing

@testable import Settings

@Suite struct ProtectionTests {
  private func load(_ text: String) throws -> (configuration: Configuration, complaints: [String]) {
    let folder = try ConfigurationFolder(["config.toml": text])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    return (configuration, complaints.map { String($0.description.drop { $0 != ":" }) })
  }

  @Test func patternsNameContexts() throws {
    let (configuration, complaints) = try load(
      """
      [contexts."prod-*"]
      production = true
      prometheus = "http://all"
      [contexts."*-eu?"]
      read_only = true
      [contexts.prod-us1]
      prometheus = "none"
      """)
    #expect(complaints == [])
    #expect(configuration.protection(of: "prod-us1").isProduction)
    #expect(!configuration.protection(of: "staging-eu1").isProduction)
    #expect(configuration.isReadOnly(in: "prod-eu1"))
    #expect(configuration.protection(of: "prod-eu1").isProduction)
    #expect(!configuration.isReadOnly(in: "prod-us1"))
    #expect(configuration.prometheus(in: "prod-us1") == "none")
    #expect(configuration.prometheus(in: "prod-us2") == "http://all")
  }

  /// A nearer name cannot take away what a pattern protects.
  @Test func whateverProtectsProtects() throws {
    let (configuration, _) = try load(
      "[contexts.\"prod-*\"]\nread_only = true\nproduction = true\n[contexts.prod-eu1]\nread_only = false\nproduction = false"
    )
    #expect(configuration.isReadOnly(in: "prod-eu1"))
    #expect(configuration.protection(of: "prod-eu1").isProduction)
  }

  @Test(arguments: [
    ("prod-*", "prod-eu1", true), ("prod-*", "prod", false), ("*", "", true), ("*prod*", "a-prod-b", true),
    ("p?d", "pod", true), ("p?d", "pd", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
    ("*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false), ("é*", "été", true),
  ]) func aPatternStandsForNames(_ pattern: String, _ name: String, _ expected: Bool) {
    #expect(ContextPattern(pattern).matches(name) == expected)
  }

  @Test func limitsAreOfEveryContext() throws {
    let (configuration, complaints) = try load("[confirm]\nrequests_per_second = 500\nshare = \"50%\"")
    #expect(complaints == [])
    #expect(configuration.protection(of: "any") == Protection(requestsPerSecond: 500, share: 0.5))
  }

  @Test(arguments: [
    (
      "[confirm]\nshare = 50", Protection(share: 0),
      ":2:9: “share” is a share, as \"50%\"; every change must be confirmed by name"
    ),
    (
      "[confirm]\nrequests_per_second = 'many'", Protection(requestsPerSecond: 0),
      ":2:23: “requests_per_second” is a number of requests, as 500; every change must be confirmed by name"
    ),
    ("[confirm]\nshares = '5%'", Protection(), ":2:1: confirm has no “shares”, did you mean “share”?"),
    (
      "contexts.any.production = 1", Protection(isProduction: true),
      ":1:27: “production” is true or false, not a number; every change must be confirmed by name"
    ),
    (
      "contexts.any.prodution = true", Protection(isProduction: true),
      ":1:14: a context has no “prodution”, did you mean “production”?"
    ),
  ]) func aSlipProtects(_ text: String, _ expected: Protection, _ complaint: String) throws {
    let (configuration, complaints) = try load(text)
    #expect(configuration.protection(of: "any") == expected)
    #expect(complaints == [complaint])
  }

  @Test func aFileThatIsNoTOMLProtectsAllTheSame() throws {
    let (configuration, complaints) = try load("[contexts.\"prod-*\"]\nproduction = true\ntheme = ")
    #expect(configuration.protection(of: "staging").isProduction)
    #expect(complaints.count == 1)
    #expect(complaints.first?.hasSuffix("; every change must be confirmed by name") == true)
  }
}
