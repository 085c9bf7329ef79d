internal import JSON

/// A certificate that a proxy uses (`/certs`).
public struct Certificate: Hashable, Sendable {
  /// An authority that peers are checked against, or a certificate that the proxy itself shows.
  public enum Use: Sendable { case authority, own }

  public var use: Use
  /// A file, or `<inline>`.
  public var path: String
  public var serialNumber: String
  /// URIs, DNS names and addresses, in the certificate's order.
  public var subjectAlternativeNames: [String]
  /// Whole days: 0 for a certificate of one day, Istio's default.
  public var daysUntilExpiration: UInt64?
  /// RFC 3339.
  public var validFrom: String?
  public var expirationTime: String?

  public init(
    use: Use, path: String, serialNumber: String, subjectAlternativeNames: [String] = [],
    daysUntilExpiration: UInt64? = nil, validFrom: String? = nil, expirationTime: String? = nil
  ) {
    self.use = use
    self.path = path
    self.serialNumber = serialNumber
    self.subjectAlternativeNames = subjectAlternativeNames
    self.daysUntilExpiration = daysUntilExpiration
    self.validFrom = validFrom
    self.expirationTime = expirationTime
  }
}

extension Certificate {
  /// The certificates of an answer in their order, each once: every TLS context repeats its own.
  static func unique(in answer: JSON) -> [Certificate] {
    struct Identity: Hashable { let use: Use, path: String, serialNumber: String }
    var seen = Set<Identity>()
    var all: [Certificate] = []
    for context in answer.list("certificates") {
      let lists: [(Use, String)] = [(.authority, "ca_cert"), (.own, "cert_chain")]
      for (use, key) in lists {
        for json in context.list(key) {
          let certificate = Certificate(json, use: use)
          let identity = Identity(use: use, path: certificate.path, serialNumber: certificate.serialNumber)
          if seen.insert(identity).inserted { all.append(certificate) }
        }
      }
    }
    return all
  }

  private init(_ json: JSON, use: Use) {
    let names = json.list("subject_alt_names").compactMap { name in
      (name["uri"] ?? name["dns"] ?? name["ip_address"])?.string
    }
    self.init(
      use: use, path: json["path"]?.string ?? "", serialNumber: json["serial_number"]?.string ?? "",
      subjectAlternativeNames: names, daysUntilExpiration: json["days_until_expiration"]?.unsigned,
      validFrom: json["valid_from"]?.string, expirationTime: json["expiration_time"]?.string)
  }
}
