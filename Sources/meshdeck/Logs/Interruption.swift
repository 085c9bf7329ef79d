internal import Dispatch
internal import Glibc

/// Says what was left out when a person has seen enough (SIGINT), then ends as the signal would.
func tellWhenInterrupted(_ counts: LogCounts) -> any DispatchSourceSignal {
  signal(SIGINT, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: SIGINT)
  source.setEventHandler {
    if let summary = counts.summary { StandardError.write("meshdeck: \(summary)\n") }
    _exit(128 + SIGINT)
  }
  source.activate()
  return source
}
