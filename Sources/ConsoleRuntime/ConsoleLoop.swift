import Console
public import MeshModel
public import TerminalUI

/// Runs the console: gives it what happens, does what it asks for, and shows its picture. One thread owns it.
///
///     let loop = ConsoleLoop(identity: identity, mesh: mesh, display: terminal, glyphs: .unicode, time: .system) {
///       doorbell.ring()
///     }
///     loop.run()
public final class ConsoleLoop {
  /// Where the time comes from.
  public struct TimeSource {
    /// The time of day.
    public let now: () -> Timestamp
    /// A clock that never jumps: what is waited for is measured by it.
    public let uptime: () -> Duration

    public init(now: @escaping () -> Timestamp, uptime: @escaping () -> Duration) {
      self.now = now
      self.uptime = uptime
    }
  }

  /// At most about 60 pictures a second, however much happens; a key is answered at once.
  static let frameInterval: Duration = .milliseconds(16)

  private var state: State
  private let mesh: any Mesh
  private let display: any Display
  private let glyphs: Glyphs
  private let time: TimeSource
  private let inbox: Inbox
  private let feeds: Feeds

  private var timers: [(due: Duration, message: Message)] = []
  private var nextTick: Duration?
  private var effectsInFlight = 0
  private var shown: Frame?
  private var lastDrawn: Duration?
  private var isDirty = true
  public private(set) var hasEnded = false

  /// - Parameters:
  ///   - window: Over how much time traffic is counted.
  ///   - health: From when on something counts as wrong.
  ///   - logs: How logs are kept and shown.
  ///   - remarks: What there is to say at the start, as sentences.
  ///   - screen: The name of the screen to begin with, one of `State.screenNames`.
  ///   - wake: Ends a `wait` of the display; called from any thread.
  public init(
    identity: MeshIdentity, mesh: any Mesh, display: any Display, glyphs: Glyphs, time: TimeSource,
    window: Duration = .seconds(60), health: HealthRules = HealthRules(),
    logs: LogSettings = LogSettings(), remarks: [String] = [], screen: String? = nil,
    wake: @escaping @Sendable () -> Void
  ) {
    state = State(
      identity: identity, window: window, health: health, logs: logs, remarks: remarks, size: display.size,
      now: time.now())
    self.mesh = mesh
    self.display = display
    self.glyphs = glyphs
    self.time = time
    inbox = Inbox(wake: wake)
    feeds = Feeds(mesh: mesh, inbox: inbox)
    if let screen { _ = state.open(screen: screen) }
  }

  /// Runs until the console or the display ends it.
  public func run() {
    turn()
    while !hasEnded {
      guard let events = display.wait(untilNext) else { return }
      turn(events)
    }
  }

  /// Takes everything that has happened, and shows what it comes to. The first picture is shown before anything is
  /// asked of the world: the feeds' threads must not compete with it.
  public func turn(_ events: [TerminalEvent] = []) {
    let uptime = time.uptime()
    if lastDrawn == nil {
      drawIfDue(isUrgent: true, uptime)
      for effect in State.firstEffects { perform(effect) }
    }
    var messages = events.map(Message.terminal)
    messages += inbox.empty().compactMap { letter in
      guard let token = letter.token else {
        effectsInFlight -= 1
        return letter.message
      }
      return feeds.isOpen(token) ? letter.message : nil
    }
    messages += timers.filter { $0.due <= uptime }.map(\.message)
    timers.removeAll { $0.due <= uptime }
    // The first turn tells the time too.
    let isTick = nextTick.map { $0 <= uptime } ?? true

    if isTick || !messages.isEmpty {
      var effects = state.update(.tick(time.now()))
      for message in messages { effects += state.update(message) }
      for effect in effects { perform(effect) }
      let wanted = state.subscriptions
      feeds.follow(wanted)
      // Whatever happened has told the time too: the next tick is due after as long a quiet.
      let period = wanted.compactMap { if case .clock(let period) = $0 { period } else { nil } }.min()
      nextTick = period.map { uptime + $0 }
      isDirty = true
    }
    drawIfDue(isUrgent: !events.isEmpty, uptime)
  }

  /// Whether everything that was asked for has been answered and shown; feeds may still bring more.
  public var isIdle: Bool { inbox.isEmpty && effectsInFlight == 0 && timers.isEmpty && !isDirty }

  /// How long nothing needs to be done, if nothing happens.
  public var untilNext: Duration? {
    let frame = isDirty ? lastDrawn.map { $0 + Self.frameInterval } ?? .zero : nil
    guard let soonest = (timers.map(\.due) + [nextTick, frame].compactMap { $0 }).min() else { return nil }
    return max(.zero, soonest - time.uptime())
  }

  private func drawIfDue(isUrgent: Bool, _ uptime: Duration) {
    guard isDirty, !hasEnded else { return }
    if let lastDrawn, !isUrgent, uptime - lastDrawn < Self.frameInterval { return }
    isDirty = false
    var frame = Frame(size: display.size, glyphs: glyphs)
    state.draw(on: &frame)
    guard frame != shown else { return }
    shown = frame
    lastDrawn = uptime
    display.draw(frame)
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .settle(let span, let revision): timers.append((time.uptime() + span, .settled(revision: revision)))
    case .preview(let draft, let revision):
      answer { mesh in
        do throws(ChangeFailure) {
          return .previewed(revision: revision, .success(try await mesh.preview(draft)))
        } catch { return .previewed(revision: revision, .failure(error)) }
      }
    case .apply(let draft, let revision):
      answer { mesh in
        do throws(ChangeFailure) {
          return .applied(revision: revision, .success(try await mesh.apply(draft)))
        } catch { return .applied(revision: revision, .failure(error)) }
      }
    case .recover:
      answer { mesh in
        do throws(ChangeFailure) {
          return .recovered(.success(try await mesh.recover()))
        } catch { return .recovered(.failure(error)) }
      }
    case .readHistory:
      answer { mesh in
        do throws(ChangeFailure) {
          return .history(.success(try await mesh.history()))
        } catch { return .history(.failure(error)) }
      }
    case .beginRamp(let plan, let note, let revision):
      answer { mesh in
        do throws(ChangeFailure) {
          return .rampBegun(revision: revision, .success(try await mesh.begin(plan, note: note)))
        } catch { return .rampBegun(revision: revision, .failure(error)) }
      }
    case .resumeRamp(let ramp, let isGoingBack):
      answer { mesh in
        do throws(ChangeFailure) {
          try await mesh.resume(ramp, isGoingBack: isGoingBack)
          return .rampResumed(ramp, nil)
        } catch { return .rampResumed(ramp, error) }
      }
    case .tellRamp(let ramp, let order): mesh.tell(ramp, order)
    case .readRamps:
      answer { mesh in
        do throws(ChangeFailure) {
          return .rampHistory(.success(try await mesh.rampHistory()))
        } catch { return .rampHistory(.failure(error)) }
      }
    case .write(let text, let path):
      answer { _ in .wrote(path, problem: NewFile.write(Array(text.utf8), to: path)) }
    case .save(let extract, let path):
      answer { _ in .wrote(path, problem: NewFile.write(extract.bytes, to: path)) }
    case .setLevel(let setting):
      answer { mesh in
        do throws(ChangeFailure) {
          return .levelSet(.success(try await mesh.setLevel(setting)))
        } catch { return .levelSet(.failure(error)) }
      }
    case .copy(let text):
      effectsInFlight += 1
      inbox.put(.copied(display.copy(text)))
    case .repaint:
      display.repaint()
      shown = nil
    case .suspend: display.suspend()
    case .quit: hasEnded = true
    }
  }

  private func answer(_ ask: @escaping @Sendable (any Mesh) async -> Message) {
    effectsInFlight += 1
    Task { [mesh, inbox] in inbox.put(await ask(mesh)) }
  }
}
