public import SandboxClient

/// What a sandbox is started with.
public struct SandboxOptions: Sendable {
  public var scenario: Scenario = .badCanary
  /// A model in place of real Envoys.
  public var isSimulated = false
  /// A model where Envoy is missing; otherwise that is a failure.
  public var isSimulatedWithoutEnvoy = false
  /// How many services the model has; `nil` for Bookinfo alone.
  public var services: Int?
  public var requestsPerSecond: Double = 50
  /// Where its files go; they stay there. `nil` for a temporary folder that is removed at the end.
  public var folder: String?
  /// Whether a Prometheus scrapes the mesh, where one is installed.
  public var hasPrometheus = true
  /// Whether the proxies keep all statistics, or those of Istio's default list.
  public var keepsAllStats = false
  /// How far the scenario has come when the sandbox begins.
  public var startAt: Duration = .zero
  /// The path of Envoy, where it is to be another than the one that is found.
  public var envoy: String?

  public init() {}
}
