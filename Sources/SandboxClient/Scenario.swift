/// A scripted time line: what happens to a sandbox's mesh. The one list of what a sandbox can be asked for.
public enum Scenario: String, Sendable, CaseIterable {
  case calm
  case badCanary = "bad-canary"
  case slowDependency = "slow-dependency"
  case staleProxy = "stale-proxy"
  case ejection
  case unready
  case expiringCertificate = "expiring-certificate"
  case mutualTLSMismatch = "mtls-mismatch"
  case gatewayAPI = "gateway-api"

  /// What happens, as part of a sentence.
  public var summary: String {
    switch self {
    case .calm: "nothing happens"
    case .badCanary: "reviews v3 gets a new image and more requests, and fails"
    case .slowDependency: "ratings becomes slow, and all that waits for it"
    case .staleProxy: "a new split reaches every proxy but one, which refuses it"
    case .ejection: "one of two pods of details fails, and its caller ejects it"
    case .unready: "the only pod of reviews v3 is not ready any more"
    case .expiringCertificate: "ratings gets a certificate that ends in 30 minutes"
    case .mutualTLSMismatch: "mutual TLS is a must, and turned off for calls to details"
    case .gatewayAPI: "an HTTPRoute divides the requests of reviews, and nothing happens"
    }
  }

  /// Whether it happens between real proxies only, and not in a model of them.
  public var needsEnvoys: Bool {
    switch self {
    case .ejection, .expiringCertificate, .mutualTLSMismatch: true
    case .calm, .badCanary, .slowDependency, .staleProxy, .unready, .gatewayAPI: false
    }
  }

  /// All of them, a line each, for a program's help.
  public static var list: String {
    allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n")
  }
}
