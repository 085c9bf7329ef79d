internal import ArgumentParser
internal import MeshModel

/// `meshdeck split canary reviews x-canary=1 v3`.
struct SplitCanaryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "canary", abstract: "Send the requests with one header to one destination.",
    discussion: """
      A rule for those requests is put in front of the rule that takes them now. All else of it, its other conditions \
      and its timeouts, is that rule's own. `split undo` takes it away again.
      """)

  @OptionGroup var rule: RuleOptions

  @Argument(help: ArgumentHelp("The header and its whole value: x-canary=1.", valueName: "header=value"))
  var header: String

  @Argument(help: ArgumentHelp("Where they go: a destination of the rule.", valueName: "dest"))
  var destination: String

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let target = try await rule.target(in: session, with: .destination)
    let parts = header.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw CommandFailure(.usage, "\"\(header)\" is not HEADER=VALUE, as in x-canary=1") }
    let destination = try target.split.destinations.named(destination, in: target.id)
    let canary = CanaryRule(header: parts[0], value: parts[1], destination: destination)
    if let refusal = canary.refusal { throw CommandFailure(.refused, refusal) }
    try await ChangeRoad(session: session, options: road).walk(ChangeDraft(of: target, .canary(canary, .making)))
  }
}

/// `meshdeck split mirror reviews v3=10%`.
struct SplitMirrorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mirror", abstract: "Set which part of a rule's requests is copied to a destination.",
    discussion:
      "Of a rule that copies requests already. Nobody hears the answers to copies, so nothing is seen of them.")

  @OptionGroup var rule: RuleOptions

  @Argument(help: ArgumentHelp("The part that is copied: v3=10%, shadow=0.5%.", valueName: "dest=percent"))
  var part: String

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var road: RoadOptions

  func run() async throws {
    let session = try Session(connection)
    try await session.tellRecovered()
    let target = try await rule.target(in: session, with: .mirror)
    let parts = part.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let percent = Double(parts[1].hasSuffix("%") ? parts[1].dropLast() : parts[1][...]),
      (0...100).contains(percent)
    else { throw CommandFailure(.usage, "\"\(part)\" is not DESTINATION=PERCENT, as in v3=10%") }
    let destination = try target.mirrors.map(\.destination).named(parts[0], in: target.id)
    guard let now = target.mirrors.first(where: { $0.destination == destination }) else { return }
    let edit = Edit.mirror(to: destination, before: now.percent, after: percent)
    try await ChangeRoad(session: session, options: road).walk(ChangeDraft(of: target, edit))
  }
}
