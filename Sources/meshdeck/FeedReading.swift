internal import MeshModel

/// How long trouble in reaching a server may last before a command gives up: a second attempt has been made by then.
private let refusalPatience: Duration = .seconds(2)

/// The first value of a feed that says enough; the last one where none has when the time is over. Trouble that will not
/// pass by itself (bad credentials, a wrong configuration) ends the wait, and a server that cannot be reached soon; other
/// trouble is given until the limit to pass.
func firstValue<Value: Sendable>(
  of feed: Feed<Value>, within limit: Duration, saying isEnough: @escaping @Sendable (Value) -> Bool = { _ in true }
) async throws(CommandFailure) -> Value {
  let (refusals, refusal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  let outcome = await withTaskGroup(of: FirstValue<Value>?.self) { group in
    group.addTask {
      var last: Trouble?
      var known: Value?
      for await event in feed {
        switch event {
        case .connecting: continue
        case .value(let value):
          if isEnough(value) { return .value(value) }
          known = value
        case .trouble(let trouble):
          switch trouble.kind {
          case .unauthenticated, .forbidden, .misconfigured, .malformed: return .trouble(trouble)
          case .unreachable:
            last = trouble
            refusal.yield()
          case .throttled, .serverFailed: last = trouble
          }
        }
        if known == nil, let last, Task.isCancelled { return .trouble(last) }
      }
      return known.map { .value($0) } ?? last.map { .trouble($0) }
    }
    group.addTask {
      // Cancelled as soon as the value is there: nothing waits for this longer than it must.
      try? await Task.sleep(for: limit)
      return nil
    }
    group.addTask {
      for await _ in refusals { break }
      try? await Task.sleep(for: refusalPatience)
      return nil
    }
    var outcome = await group.next() ?? nil
    group.cancelAll()
    while outcome == nil, let next = await group.next() { outcome = next }
    return outcome
  }
  switch outcome {
  case .value(let value): return value
  case .trouble(let trouble): throw CommandFailure(trouble)
  case nil: throw CommandFailure(.unreachable, "no answer within \(limit.components.seconds) s")
  }
}

/// As `firstValue`, for what a command can do without.
func outcome<Value: Sendable>(
  of feed: Feed<Value>, within limit: Duration, saying isEnough: @escaping @Sendable (Value) -> Bool = { _ in true }
) async -> Result<Value, CommandFailure> {
  do { return .success(try await firstValue(of: feed, within: limit, saying: isEnough)) } catch {
    return .failure(error)
  }
}

extension Result where Failure == CommandFailure {
  var failure: CommandFailure? { if case .failure(let failure) = self { failure } else { nil } }

  /// The value; where there is none, why is said on standard error.
  var valueOrWarning: Success? {
    switch self {
    case .success(let value): return value
    case .failure(let failure):
      StandardError.write("meshdeck: \(failure.message)\n")
      return nil
    }
  }
}

private enum FirstValue<Value: Sendable>: Sendable {
  case value(Value)
  case trouble(Trouble)
}
