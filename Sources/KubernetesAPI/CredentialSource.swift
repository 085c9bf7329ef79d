import Transport

/// What a request shows to prove who asks.
struct PresentedCredential: Equatable, Sendable {
  struct Certificate: Equatable, Sendable {
    let chain: [UInt8]
    let key: [UInt8]
  }

  var authorization: String?
  var certificate: Certificate?
}

/// Keeps the credential of one access fresh: reads a token's file again each minute, runs a plugin when what it gave
/// expires, and either once more when the server refuses what they gave.
actor CredentialSource {
  private let credential: Credential
  private let now: @Sendable () -> Moment
  private let run: @Sendable (CredentialPlugin) async throws(CredentialError) -> PluginAnswer
  private var held: (shown: PresentedCredential, until: Expiry)?
  private var running: Task<Result<PresentedCredential, CredentialError>, Never>?

  /// Both clocks at once: files are read by the steady one, credentials expire by the wall's.
  struct Moment: Sendable {
    var steady: ContinuousClock.Instant
    /// Seconds since 1970.
    var wall: Double
  }

  private enum Expiry {
    case never
    case steady(ContinuousClock.Instant)
    case wall(Double)
  }

  init(
    _ credential: Credential,
    now: @escaping @Sendable () -> Moment = { Moment(steady: .now, wall: wallClock()) },
    run: @escaping @Sendable (CredentialPlugin) async throws(CredentialError) -> PluginAnswer = runPlugin
  ) {
    self.credential = credential
    self.now = now
    self.run = run
  }

  func current() async throws(CredentialError) -> PresentedCredential {
    if let held, isFresh(held.until) { return held.shown }
    let task = running ?? Task { await self.renewed() }
    running = task
    return try await task.value.get()
  }

  /// After the server refused what was shown: forgets it. False where there is nothing else to show.
  func replace(_ refused: PresentedCredential) -> Bool {
    switch credential {
    case .none, .token, .basic: return false
    case .tokenFile, .plugin:
      if held?.shown == refused { held = nil }
      return true
    }
  }

  private func isFresh(_ expiry: Expiry) -> Bool {
    switch expiry {
    case .never: true
    case .steady(let end): now().steady < end
    case .wall(let end): now().wall < end
    }
  }

  private func renewed() async -> Result<PresentedCredential, CredentialError> {
    defer { running = nil }
    do throws(CredentialError) {
      let fresh = try await obtain()
      held = fresh
      return .success(fresh.shown)
    } catch {
      return .failure(error)
    }
  }

  private func obtain() async throws(CredentialError) -> (shown: PresentedCredential, until: Expiry) {
    switch credential {
    case .none: return (PresentedCredential(), .never)
    case .token(let token): return (PresentedCredential(authorization: "Bearer \(token)"), .never)
    case .basic(let user, let password):
      return (PresentedCredential(authorization: "Basic \(base64(Array("\(user):\(password)".utf8)))"), .never)
    case .tokenFile(let path):
      let text: [UInt8]
      do throws(FileError) { text = try readFile(path, upTo: 1 << 20) } catch {
        throw .unreadableFile(path: path, reason: error.reason)
      }
      guard let token = headerValue(text) else { throw .emptyFile(path: path) }
      return (PresentedCredential(authorization: "Bearer \(token)"), .steady(now().steady + .seconds(60)))
    case .plugin(let plugin):
      let answer = try await run(plugin)
      let shown = PresentedCredential(
        authorization: answer.token.map { "Bearer \($0)" }, certificate: answer.certificate)
      return (shown, answer.expiry.map(Expiry.wall) ?? .never)
    }
  }
}

/// A token fit for a header, without the white space around it; `nil` when there is none or it holds control
/// characters.
func headerValue(_ bytes: [UInt8]) -> String? {
  let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 10 || $0 == 13 }
  let text = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
  guard !text.isEmpty, text.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
  return String(decoding: Array(text), as: UTF8.self)
}
