internal import JSON

/// One match of a VirtualService's rule as Envoy's route match; none matches everything.
struct RouteMatch: Equatable, Sendable {
  let envoy: JSONValue
  /// The end of the name that Istio gives the route in traces: `/static*`.
  let operation: String

  /// - Parameter matchesSegments: whether a prefix takes whole segments of a path only, as in the Gateway API.
  init(_ match: JSONValue?, matchesSegments: Bool = false) {
    guard let match else {
      (envoy, operation) = (["prefix": "/"], "/*")
      return
    }
    var result: JSONValue = [:]
    var operation = "/*"
    let isCaseSensitive = !(match["ignoreUriCase"]?.bool ?? false)
    if let path = match["uri"]?["exact"]?.string {
      result["path"] = .string(path)
      operation = path
    } else if let regex = match["uri"]?["regex"]?.string {
      result["safe_regex"] = ["regex": .string(regex)]
      operation = regex
    } else {
      let prefix = match["uri"]?["prefix"]?.string ?? "/"
      result[matchesSegments && prefix != "/" ? "path_separated_prefix" : "prefix"] = .string(prefix)
      operation = prefix + "*"
    }
    if match["uri"] != nil, result["safe_regex"] == nil { result["case_sensitive"] = .bool(isCaseSensitive) }

    var headers: [JSONValue] = []
    for (name, condition) in match["headers"]?.object ?? [:] { headers.append(Self.header(name, condition)) }
    headers.sort { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
    for (name, condition) in match["withoutHeaders"]?.object ?? [:] {
      var header = Self.header(name, condition)
      header["invert_match"] = true
      headers.append(header)
    }
    for (field, pseudoHeader) in [("method", ":method"), ("authority", ":authority"), ("scheme", ":scheme")] {
      if let condition = match[field] { headers.append(Self.header(pseudoHeader, condition)) }
    }
    if !headers.isEmpty { result["headers"] = .array(headers) }

    let parameters = (match["queryParams"]?.object ?? [:]).map { name, condition -> JSONValue in
      guard let text = Self.text(condition) else { return ["name": .string(name), "present_match": true] }
      return ["name": .string(name), "string_match": text]
    }
    if !parameters.isEmpty { result["query_parameters"] = .array(parameters) }
    envoy = result
    self.operation = operation
  }

  private static func header(_ name: String, _ condition: JSONValue) -> JSONValue {
    guard let text = text(condition) else { return ["name": .string(name), "present_match": true] }
    return ["name": .string(name), "string_match": text]
  }

  /// `nil` for an empty condition, which asks only that the field is there.
  private static func text(_ condition: JSONValue) -> JSONValue? {
    if let exact = condition["exact"]?.string { return ["exact": .string(exact)] }
    if let prefix = condition["prefix"]?.string { return ["prefix": .string(prefix)] }
    if let regex = condition["regex"]?.string { return ["safe_regex": ["regex": .string(regex)]] }
    return nil
  }
}
