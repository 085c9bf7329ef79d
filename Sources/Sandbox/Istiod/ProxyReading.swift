internal import EnvoyAPI
internal import JSON
internal import Transport

/// What one proxy says it has taken: versions by type, and by name within the type.
struct ProxyReading: Equatable, Sendable {
  var versions: [ControlPlane.XDSType: [String: String]]

  /// How it is with a proxy's answer.
  enum Outcome: Equatable, Sendable {
    case read(ProxyReading)
    /// It is there but does not answer in time: nothing new is known.
    case silent
    /// There is no proxy any more.
    case gone
  }

  /// Clusters and listeners by their `version_text`, which Istio's default stats list keeps; routes by the version in
  /// the configuration dump, since their stats are not kept.
  static func read(_ admin: EnvoyAdmin) async -> Outcome {
    do throws(EnvoyAdminError) {
      var versions: [ControlPlane.XDSType: [String: String]] = [.cluster: [:], .listener: [:], .route: [:]]
      for subscription in try await admin.subscriptions() {
        switch subscription.subject {
        case .clusters: versions[.cluster]?[""] = subscription.version
        case .listeners: versions[.listener]?[""] = subscription.version
        case .routes, .endpoints: break
        }
      }
      for entry in try await admin.configuration(.dynamicRoutes, mask: "version_info,route_config.name") {
        guard let name = entry["route_config"]?["name"]?.string else { continue }
        versions[.route]?[name] = entry["version_info"]?.string
      }
      return .read(ProxyReading(versions: versions))
    } catch .transport(.deadlineExceeded) {
      return .silent
    } catch {
      return .gone
    }
  }

  /// What the proxy's own log says of a configuration that it refused, or `nil` where it says nothing.
  static func refusal(inLog text: [UInt8]) -> String? {
    let marks = ["Filesystem config update rejected: ", "Filesystem config update failure: "]
    var last: String?
    for line in text.split(separator: UInt8(ascii: "\n")) where line.count < 64 << 10 {
      guard line.contains(UInt8(ascii: "\t")) else { continue }  // access-log lines have none
      for field in line.split(separator: UInt8(ascii: "\t")) {
        let field = String(decoding: field, as: UTF8.self)
        for mark in marks where field.hasPrefix(mark) { last = String(field.dropFirst(mark.count)) }
      }
    }
    return last
  }
}
