import MeshModel
import Testing

@testable import Settings

@Suite struct HealthSettingsTests {
  func load(_ text: String) throws -> (rules: HealthRules, complaints: [String]) {
    let folder = try ConfigurationFolder(["config.toml": text])
    let (configuration, complaints) = Configuration.load(environment: folder.environment())
    return (configuration.health, complaints.map { String($0.description.drop { $0 != ":" }) })
  }

  @Test func nearerThresholdsBeginFromTheWiderOnes() throws {
    let (rules, complaints) = try load(
      """
      [health.services."payments/ledger"]
      slow_latency = "200ms"
      [health.namespaces.payments]
      failing_errors = "1%"
      [health]
      warning_errors = "0.5%"
      least_requests = 50
      slow_factor = 1.5
      certificate_time = "24h"
      """)
    #expect(complaints == [])
    let ledger = rules.thresholds(for: ServiceID(namespace: "payments", name: "ledger"))
    #expect(ledger.slowLatency == .milliseconds(200))
    #expect(ledger.failingErrors == 0.01)
    #expect(ledger.warningErrors == 0.005)
    let other = rules.thresholds(for: ServiceID(namespace: "shop", name: "api"))
    #expect(other.failingErrors == 0.05 && other.leastRequests == 50 && other.slowFactor == 1.5)
    #expect(other.certificateTime == .seconds(86_400) && other.slowLatency == nil)
  }

  @Test(arguments: [
    ("health = 4", ":1:10: “health” is a table, not a number"),
    ("[health]\nfailing_error = '5%'", ":2:1: health has no “failing_error”, did you mean “failing_errors”?"),
    ("[health]\nfailing_errors = 5", ":2:18: “failing_errors” is a share such as \"5%\""),
    ("[health]\nfailing_errors = '500%'", ":2:18: “failing_errors” is a share such as \"5%\""),
    ("[health]\nleast_requests = 0", ":2:18: “least_requests” is a number from 1 to 1000000"),
    ("[health]\nslow_latency = 'soon'", ":2:16: “slow_latency” is a time such as \"100ms\", \"2s\" or \"72h\""),
    ("[health.services.ledger]\n", ":1:18: a service is written “namespace/name”, not “ledger”"),
    ("[health.namespaces]\npayments = 3", ":2:12: “payments” is a table, not a number"),
  ]) func whatIsWrongIsSaidWithItsPlace(_ text: String, _ complaint: String) throws {
    let (rules, complaints) = try load(text)
    #expect(complaints == [complaint])
    #expect(rules.standard == HealthThresholds())
  }
}
