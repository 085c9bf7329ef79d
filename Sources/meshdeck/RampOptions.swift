internal import ArgumentParser
internal import MeshModel

/// How a ramp goes.
struct RampOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the destination gets, step by step, in percent. Default: those of 1,5,10,25,50,100 that are more than it "
        + "has.", valueName: "percent,…"))
  var steps: StepList?

  @Option(help: ArgumentHelp("How long each step is watched at the least: 30s, 5m.", valueName: "time"))
  var hold = Span(RampPlan.usualHold)

  @Option(help: ArgumentHelp("The stable version. Default: the other destination that has most.", valueName: "dest"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "By how many percent more of its requests may fail than of the stable one's; or none. Default: the threshold of "
        + "the configuration, else 1%.", valueName: "percent"))
  var errors: Bound?

  @Option(
    help: ArgumentHelp(
      "How many times the stable one's P99 its P99 may be; or none. Default: the threshold of the configuration, else "
        + "2x.", valueName: "factor"))
  var p99: Bound?

  @Option(help: ArgumentHelp("Decide nothing with fewer requests to either.", valueName: "requests"))
  var least: Int?

  @Option(
    help: ArgumentHelp(
      "How long a step may wait beyond its hold, for requests, proxies or the API server.", valueName: "time"))
  var patience = Span(RampPlan.usualPatience)

  func guards(for route: RouteID, _ thresholds: HealthThresholds) -> RampGuards {
    var guards = RampGuards.usual(for: route, thresholds)
    if let errors { guards.errors = errors.value.map { $0 / 100 } }
    if let p99 { guards.slowFactor = p99.value }
    if let least { guards.leastRequests = least }
    return guards
  }

  /// `1,5,10`.
  struct StepList: ExpressibleByArgument {
    let percents: [Int]

    init?(argument: String) {
      guard let steps = RampTerms.steps(argument) else { return nil }
      percents = steps
    }
  }

  /// A number with `%` or `x` behind it or not, or `none`.
  struct Bound: ExpressibleByArgument {
    let value: Double?

    init?(argument: String) {
      guard let bound = RampTerms.Bound(argument, units: ["%", "x"]) else { return nil }
      value = bound.value
    }
  }
}
