internal import JSON

/// Which requests a route takes: all conditions must hold (`config.route.v3.RouteMatch`). The runtime fraction, which
/// Istio does not write, is left out.
public struct RouteMatch: Hashable, Sendable {
  public enum Path: Hashable, Sendable {
    case prefix(String)
    case exact(String)
    case regex(String)
    /// The path itself or anything below it: `/api` takes `/api/x`, not `/apiary`.
    case separatedPrefix(String)
    /// The URI template of `path_match_policy`.
    case template(String)
    case connect
    /// None that this program knows.
    case unknown
  }

  public var path: Path
  public var isCaseSensitive: Bool
  public var headers: [HeaderMatch]
  public var queryParameters: [QueryParameterMatch]

  public init(
    path: Path, isCaseSensitive: Bool = true, headers: [HeaderMatch] = [],
    queryParameters: [QueryParameterMatch] = []
  ) {
    self.path = path
    self.isCaseSensitive = isCaseSensitive
    self.headers = headers
    self.queryParameters = queryParameters
  }

  /// Whether every request is taken.
  public var isAny: Bool { path == .prefix("/") && headers.isEmpty && queryParameters.isEmpty }
  /// The condition on the method, which Envoy writes as one on the pseudo-header.
  public var method: HeaderMatch? { headers.first { $0.name == ":method" } }
}

/// A condition on a text (`type.matcher.v3.StringMatcher`).
public struct StringMatch: Hashable, Sendable {
  public enum Pattern: Hashable, Sendable {
    case exact(String), prefix(String), suffix(String), contains(String), regex(String)
    /// None that this program knows.
    case unknown
  }

  public var pattern: Pattern
  public var ignoresCase: Bool

  public init(_ pattern: Pattern, ignoresCase: Bool = false) {
    self.pattern = pattern
    self.ignoresCase = ignoresCase
  }
}

/// A condition on a header; the old spellings (`exact_match`, …) read as the new one (`string_match`).
public struct HeaderMatch: Hashable, Sendable {
  public enum Condition: Hashable, Sendable {
    case string(StringMatch)
    /// The header is there, or, with `false`, is not.
    case present(Bool)
    /// An integer, from the first up to but not including the last.
    case range(Int, Int)
    case unknown
  }

  /// In lower case, pseudo-headers with their colon: `:method`.
  public var name: String
  public var condition: Condition
  /// Whether the condition must not hold.
  public var isInverted: Bool
  /// Whether an absent header counts as an empty one.
  public var takesMissingAsEmpty: Bool

  public init(
    name: String, condition: Condition, isInverted: Bool = false, takesMissingAsEmpty: Bool = false
  ) {
    self.name = name
    self.condition = condition
    self.isInverted = isInverted
    self.takesMissingAsEmpty = takesMissingAsEmpty
  }
}

public struct QueryParameterMatch: Hashable, Sendable {
  public enum Condition: Hashable, Sendable { case string(StringMatch), present(Bool), unknown }

  public var name: String
  public var condition: Condition

  public init(name: String, condition: Condition) {
    self.name = name
    self.condition = condition
  }
}

extension RouteMatch {
  init(_ json: JSON?) {
    self.init(
      path: Path(json), isCaseSensitive: json?["case_sensitive"]?.bool ?? true,
      headers: json?.list("headers").map { HeaderMatch($0) } ?? [],
      queryParameters: json?.list("query_parameters").map { QueryParameterMatch($0) } ?? [])
  }
}

extension RouteMatch.Path {
  init(_ json: JSON?) {
    self =
      if let prefix = json?["prefix"]?.string {
        .prefix(prefix)
      } else if let path = json?["path"]?.string {
        .exact(path)
      } else if let regex = json?["safe_regex"]?["regex"]?.string {
        .regex(regex)
      } else if let prefix = json?["path_separated_prefix"]?.string {
        .separatedPrefix(prefix)
      } else if let template = json?["path_match_policy"]?["typed_config"]?["path_template"]?.string {
        .template(template)
      } else if json?["connect_matcher"] != nil {
        .connect
      } else {
        .unknown
      }
  }
}

extension StringMatch {
  init(_ json: JSON) {
    let pattern: Pattern =
      if let text = json["exact"]?.string {
        .exact(text)
      } else if let text = json["prefix"]?.string {
        .prefix(text)
      } else if let text = json["suffix"]?.string {
        .suffix(text)
      } else if let text = json["contains"]?.string {
        .contains(text)
      } else if let text = json["safe_regex"]?["regex"]?.string {
        .regex(text)
      } else {
        .unknown
      }
    self.init(pattern, ignoresCase: json["ignore_case"]?.bool ?? false)
  }
}

extension HeaderMatch {
  init(_ json: JSON) {
    self.init(
      name: json["name"]?.string?.lowercased() ?? "", condition: Condition(json),
      isInverted: json["invert_match"]?.bool ?? false,
      takesMissingAsEmpty: json["treat_missing_header_as_empty"]?.bool ?? false)
  }
}

extension HeaderMatch.Condition {
  init(_ json: JSON) {
    self =
      if let match = json["string_match"] {
        .string(StringMatch(match))
      } else if let text = json["exact_match"]?.string {
        .string(StringMatch(.exact(text)))
      } else if let text = json["prefix_match"]?.string {
        .string(StringMatch(.prefix(text)))
      } else if let text = json["suffix_match"]?.string {
        .string(StringMatch(.suffix(text)))
      } else if let text = json["contains_match"]?.string {
        .string(StringMatch(.contains(text)))
      } else if let text = json["safe_regex_match"]?["regex"]?.string {
        .string(StringMatch(.regex(text)))
      } else if let isPresent = json["present_match"]?.bool {
        .present(isPresent)
      } else if let range = json["range_match"] {
        .range(range["start"]?.int ?? 0, range["end"]?.int ?? 0)  // protobuf leaves out zeros
      } else {
        // Without any condition Envoy asks only that the header be there.
        json.members.contains { !["name", "invert_match", "treat_missing_header_as_empty"].contains($0.key) }
          ? .unknown : .present(true)
      }
  }
}

extension QueryParameterMatch {
  init(_ json: JSON) {
    let condition: Condition =
      if let match = json["string_match"] {
        .string(StringMatch(match))
      } else if let isPresent = json["present_match"]?.bool {
        .present(isPresent)
      } else {
        json.members.contains { $0.key != "name" } ? .unknown : .present(true)
      }
    self.init(name: json["name"]?.string ?? "", condition: condition)
  }
}
