import MeshHealth
public import MeshModel
public import TerminalUI

/// Everything the console knows and shows. It changes by `update` alone, and what is on screen follows from it alone.
public struct State: Equatable, Sendable {
  let identity: MeshIdentity
  /// Over how much time traffic is counted.
  var window: Duration
  /// The past moment that traffic is of, where it is not now.
  var moment: Timestamp?
  var size: Size
  var now: Timestamp
  let started: Timestamp

  var routes = Known<[Route]>()
  var proxies = Known<ProxyReport>()
  var traffic = Known<TrafficSample>()
  var edges = Known<EdgeSample>()
  var topology = Known<Topology>()
  var changes = Known<[ObservedChange]>()
  /// The proxies whose log levels are to be put back.
  var levels = Known<[LogLevelLease]>()
  /// What is wrong now, and what it takes to say so.
  var diagnosis: Diagnosis
  /// When the mesh was last looked at for what is wrong.
  var lastLook: Timestamp?
  /// What health did after changes.
  var effects = ChangeEffects()
  /// What was wrong at the past moment that is looked at.
  var pastFindings: [Finding] = []
  /// The journal, newest first.
  var history: [ChangeRecord] = []
  /// Changes made from this console that are on their way, oldest first; one for each rule.
  var underway: [Underway] = []
  /// The ramps that this console runs or has run.
  var ramps = Known<[RampProgress]>()
  /// The ramps of the journal, newest first.
  var rampHistory: [RampRecord] = []
  /// Ramps that ended in the middle, about which a person is to be asked.
  var lostRamps: [RampRecord] = []
  /// Those that a person wants to decide about later.
  var rampsPutOff: Set<Change.ID> = []
  /// Set while ramps are on their way and the console is to be left.
  var leaving: Leaving?
  /// How far each of our changes came, as long as it was followed.
  var lastProgress: [Change.ID: Propagation] = [:]

  var screen = Screen.pulse
  /// Where `back` leads from Help.
  var screenBefore = Screen.pulse
  var pulse = PulseList()
  var graphScreen = GraphScreen()
  var routeList = RouteList()
  var editor: WeightEditor?
  var proxyList = ProxyList()
  var logTail: LogTail
  /// How logs are kept and shown where nothing else was chosen.
  let logSettings: LogSettings
  /// What is shown of a line, in order.
  var logColumns: [LogColumn]
  var changeList = ChangeList()
  var help = HelpPage()
  var prompt: Prompt?
  /// Why the last command was not carried out, or what is wrong with the settings, as a sentence; until the next key.
  var notice: String?

  /// A write that failed, or whose answer was lost, after its editor was left, or what became of one whose console
  /// ended: a sentence, until esc or the next write.
  var failedWrite: String?

  /// Counts the drafts, so that an answer to an older one can be told.
  var revision = 0
  /// The change whose write has left and is not answered.
  var sending: Sending?

  /// - Parameters:
  ///   - health: From when on something counts as wrong.
  ///   - logs: How logs are kept and shown.
  ///   - remarks: What there is to say at the start, as sentences: what is wrong with the settings.
  public init(
    identity: MeshIdentity, window: Duration = .seconds(60), health: HealthRules = HealthRules(),
    logs: LogSettings = LogSettings(), remarks: [String] = [], size: Size, now: Timestamp
  ) {
    diagnosis = Diagnosis(rules: health)
    self.identity = identity
    self.window = window
    logSettings = logs
    logColumns = logs.columns
    logTail = LogTail(limit: logs.ring)
    if let first = remarks.first {
      let rest = remarks.count - 1
      notice = rest == 0 ? first : "\(first) (and \(rest) more, told when meshdeck is left)"
    }
    self.size = size
    self.now = now
    started = now
  }

  /// What `open(screen:)` knows.
  public static let screenNames = Screen.allCases.map(\.name)

  /// Shows a screen by its name; false where there is none of that name.
  public mutating func open(screen name: String) -> Bool {
    guard let screen = Screen.allCases.first(where: { $0.name == name }) else { return false }
    show(screen)
    return true
  }

  /// What the console asks for before anything has happened.
  public static let firstEffects: [Effect] = [.recover, .readHistory]
}

/// A screen with a tab. Screens keep their digits as others come.
enum Screen: Int, CaseIterable, Sendable {
  case pulse = 1, graph = 2, routes = 3, proxies = 5, logs = 6, changes = 7
  case help = 0

  var title: String {
    switch self {
    case .pulse: "Pulse"
    case .graph: "Graph"
    case .routes: "Routes"
    case .proxies: "Proxies"
    case .logs: "Logs"
    case .changes: "Changes"
    case .help: "Help"
    }
  }

  static let tabs: [Screen] = [.pulse, .graph, .routes, .proxies, .logs, .changes]

  var name: String { title.lowercased() }
}

/// A change that was written, and how far it has come.
struct Underway: Equatable, Sendable {
  let applied: AppliedChange
  var progress = Known<Propagation>()

  /// Whether nothing more will become known of it.
  var isSettled: Bool {
    guard let progress = progress.value else { return false }
    if progress.superseded != nil { return true }
    switch progress.seen.verdict {
    case .arrived: return true
    case .unknown: return progress.applied.isComplete
    case .notApplied, .gathering: return false
    }
  }
}

/// A write that has left and is not answered.
struct Sending: Equatable, Sendable {
  let revision: Int
  let route: RouteID
}
