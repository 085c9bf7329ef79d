internal import JSON

/// A listener and where it listens (`/listeners`).
public struct ListenerStatus: Hashable, Sendable {
  public var name: String
  public var address: String
  public var additionalAddresses: [String]

  public init(name: String, address: String, additionalAddresses: [String] = []) {
    self.name = name
    self.address = address
    self.additionalAddresses = additionalAddresses
  }
}

/// A listener that a control plane sent, and whether the last one of its name was refused.
public struct DynamicListener: Equatable, Sendable {
  public var name: String
  /// Absent with delta xDS. Envoy does not move it when it updates a listener in place.
  public var version: String?
  /// RFC 3339; absent while no version of the listener has been taken.
  public var lastUpdated: String?
  /// Gone with the next version that is taken.
  public var failure: UpdateFailure?

  public init(name: String, version: String? = nil, lastUpdated: String? = nil, failure: UpdateFailure? = nil) {
    self.name = name
    self.version = version
    self.lastUpdated = lastUpdated
    self.failure = failure
  }
}

extension ListenerStatus {
  init?(_ json: JSON) {
    guard let name = json["name"]?.string else { return nil }
    self.init(
      name: name, address: json["local_address"].map { socketAddress($0) } ?? "",
      additionalAddresses: json.list("additional_local_addresses").map { socketAddress($0) })
  }
}

extension DynamicListener {
  /// All but the listeners themselves.
  static let mask =
    "name,active_state.version_info,active_state.last_updated,"
    + "error_state.details,error_state.last_update_attempt,error_state.version_info"

  init?(_ json: JSON) {
    guard let name = json["name"]?.string else { return nil }
    let active = json["active_state"]
    self.init(
      name: name, version: active?["version_info"]?.string, lastUpdated: active?["last_updated"]?.string,
      failure: json["error_state"].map { UpdateFailure($0) })
  }
}
