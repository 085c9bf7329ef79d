internal import JSON

/// What istiod's webhook `validation.istio.io` says about a resource, in its words
/// (pkg/config/validation/validation.go).
enum IstioValidation {
  /// Refuses what istiod refuses, and gives the warnings that it gives.
  static func check(_ object: APIObject, _ type: ResourceType) throws(APIFailure) -> [String] {
    switch type {
    case .virtualServices: try virtualService(object.json["spec"] ?? [:])
    case .destinationRules: try destinationRule(object.json["spec"] ?? [:])
    default: []
    }
  }

  private static func virtualService(_ spec: JSONValue) throws(APIFailure) -> [String] {
    guard spec["hosts"]?.array?.isEmpty == false else {
      throw .deniedByIstio("virtual service must have at least one host")
    }
    let http = spec["http"]?.array ?? []
    guard !http.isEmpty || spec["tcp"]?.array?.isEmpty == false || spec["tls"]?.array?.isEmpty == false else {
      throw .deniedByIstio("http, tcp or tls must be provided in virtual service")
    }
    for rule in http {
      let route = rule["route"]?.array ?? []
      guard !route.isEmpty || ["redirect", "directResponse", "delegate"].contains(where: { rule[$0] != nil }) else {
        throw .deniedByIstio("HTTP route, redirect or direct_response is required")
      }
      try weights(route)
    }
    for rules in [spec["tcp"], spec["tls"]] {
      for rule in rules?.array ?? [] { try weights(rule["route"]?.array ?? []) }
    }
    var warnings: [String] = []
    for (number, rule) in http.enumerated().dropLast() where rule["match"]?.array?.isEmpty != false {
      let next = http[(number + 1)...].indices.filter { http[$0]["match"]?.array?.isEmpty != false }
      for later in next {
        warnings.append("virtualService rule #\(later) not used (only the last rule can have no matches)")
      }
      break
    }
    return warnings
  }

  private static func weights(_ route: [JSONValue]) throws(APIFailure) {
    var total = 0
    for target in route {
      guard target.at("destination", "host")?.string?.isEmpty == false else {
        throw .deniedByIstio(target["destination"] == nil ? "destination is required" : "domain name \"\" invalid")
      }
      let weight = target["weight"]?.int ?? 0
      guard weight >= 0 else { throw .deniedByIstio("weight \(weight) < 0") }
      total = total.addingReportingOverflow(weight).partialValue
    }
    guard route.count < 2 || total != 0 else { throw .deniedByIstio("total destination weight = 0") }
  }

  private static func destinationRule(_ spec: JSONValue) throws(APIFailure) -> [String] {
    guard spec["host"]?.string?.isEmpty == false else { throw .deniedByIstio("destination rule host cannot be empty") }
    for subset in spec["subsets"]?.array ?? [] where subset["name"]?.string?.isEmpty != false {
      throw .deniedByIstio("subset name cannot be empty")
    }
    return []
  }
}
