internal import MeshModel

/// The first value of a feed that says enough; the last one where none has when the time is over. Trouble that will not pass by itself (bad credentials, a wrong configuration) ends the
/// wait; other trouble is given until the limit to pass.
func firstValue<Value: Sendable>(
  of feed: Feed<Value>, within limit: Duration, saying isEnough: @escaping @Sendable (Value) -> Bool = { _ in true }
) async throws(CommandFailure) -> Value {
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
          case .unreachable, .throttled, .serverFailed: last = trouble
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
    var outcome = await group.next() ?? nil
    group.cancelAll()
    if outcome == nil { outcome = await group.next() ?? nil }
    return outcome
  }
  switch outcome {
  case .value(let value): return value
  case .trouble(let trouble): throw CommandFailure(trouble)
  case nil: throw CommandFailure(.unreachable, "no answer within \(limit.components.seconds) s")
  }
}

private enum FirstValue<Value: Sendable>: Sendable {
  case value(Value)
  case trouble(Trouble)
}
