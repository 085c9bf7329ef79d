internal import ArgumentParser

/// A span of time as a person writes it: `500ms`, `30s`, `2m`; a bare number is seconds.
struct Span: ExpressibleByArgument {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber }
    guard let number = Int64(digits), number < 1_000_000_000 else { return nil }
    switch argument.dropFirst(digits.count) {
    case "ms": duration = .milliseconds(number)
    case "s", "": duration = .seconds(number)
    case "m": duration = .seconds(number * 60)
    case "h": duration = .seconds(number * 3600)
    default: return nil
    }
  }

  var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
