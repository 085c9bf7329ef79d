import EnvoyAPI
import KubernetesAPI
import MeshModel
import Transport

extension Trouble {
  init(_ error: EnvoyAdminError, of endpoint: Endpoint) {
    switch error {
    case .transport(.unreachable(let endpoint, let reason)):
      self.init(.unreachable, "the proxy's admin API at \(endpoint) does not answer: \(reason)")
    case .transport(let error): self.init(error, what: "the proxy's admin API at \(endpoint) does not answer")
    case .notEnvoy, .incomplete: self.init(.malformed, "\(endpoint): \(error)")
    default: self.init(.serverFailed, "\(endpoint): \(error)")
    }
  }

  init(_ error: TransportError, what: String) {
    switch error {
    case .malformed, .tooLarge: self.init(.malformed, "\(what): \(error)")
    case .untrusted: self.init(.misconfigured, "\(what): \(error)")
    default: self.init(.unreachable, "\(what): \(error)")
    }
  }

  /// `doing` says what was wanted: `list pods`.
  init(_ error: KubernetesError, doing: String) {
    switch error {
    case .transport(let error): self.init(error, what: "the API server does not answer")
    case .unauthorized, .noCredentials: self.init(.unauthenticated, "\(error)")
    case .forbidden(let message):
      self.init(.forbidden, "not allowed to \(doing): \(message)", remedy: "ask for the right, or use another context")
    case .notServed: self.init(.misconfigured, "\(error)")
    case .tooManyRequests: self.init(.throttled, "\(error)")
    case .notKubernetes, .unreadable: self.init(.malformed, "\(error)")
    default: self.init(.serverFailed, "cannot \(doing): \(error)")
    }
  }

  /// `doing` says what was wanted: `list pods`.
  init(_ trouble: WatchTrouble, doing: String) {
    switch trouble {
    case .refused(let error): self.init(error, doing: doing)
    case .broken(let error): self.init(error, what: "the API server does not answer")
    case .garbage: self.init(.malformed, "\(trouble)")
    }
  }
}
