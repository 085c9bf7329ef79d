import MeshModel
import PrometheusAPI

/// Why a metrics store gave no figures of the mesh: one sentence without a full stop, and what to do.
enum StoreFailure: Error, Equatable, Sendable, CustomStringConvertible {
  case refused(store: String, PrometheusError)
  /// It answers, and knows no requests of a mesh near that moment.
  case lacksMetrics(store: String, at: Timestamp?)
  /// None is given, and nothing in the cluster looks like one.
  case noneKnown

  var description: String {
    switch self {
    case .refused(let store, let error): "the metrics store \(store): \(error)"
    case .lacksMetrics(let store, nil):
      "the metrics store \(store) has no istio_requests_total of the last 5 minutes; does it scrape the proxies "
        + "(port 15020)?"
    case .lacksMetrics(let store, let moment?):
      "the metrics store \(store) has no istio_requests_total of the 5 minutes before \(moment.rfc3339)"
    case .noneKnown: "no metrics store is known; give its address with --prometheus URL"
    }
  }

  var trouble: Trouble {
    switch self {
    case .refused(_, .transport), .refused(_, .gaveUp): Trouble(.unreachable, description)
    case .refused(_, .unauthenticated): Trouble(.unauthenticated, description)
    case .refused(_, .forbidden): Trouble(.forbidden, description)
    case .refused(_, .throttled): Trouble(.throttled, description)
    case .refused(_, .notPrometheus): Trouble(.malformed, description)
    case .refused(_, .refused): Trouble(.serverFailed, description)
    default: Trouble(.misconfigured, description)
    }
  }
}
