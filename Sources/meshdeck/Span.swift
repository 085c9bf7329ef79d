internal import ArgumentParser
internal import MeshModel

/// A span of time as a person writes it: `500ms`, `30s`, `2m`; a bare number is seconds.
struct Span: ExpressibleByArgument {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let span = Duration(typed: argument) else { return nil }
    duration = span
  }

  var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
