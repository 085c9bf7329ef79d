internal import Dispatch
internal import Glibc
internal import MeshModel
internal import Synchronization

/// Stops a ramp where it is when a person or a pipeline ends the command (SIGINT, SIGTERM, SIGHUP). A second signal ends
/// the program at once. From its making on no signal ends the program by itself.
final class RampInterruption: Sendable {
  private struct State {
    var ramp: Change.ID?
    var isAsked = false
  }

  private let mesh: any Mesh
  private let state = Mutex(State())
  /// Only ever cancelled, by the last owner; a dispatch source may be used from any thread (dispatch_source_create(3)).
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  init(stopping mesh: any Mesh) {
    self.mesh = mesh
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number)
    }
    for (source, number) in zip(sources, [SIGINT, SIGTERM, SIGHUP]) {
      source.setEventHandler { [weak self] in self?.stop(number) }
      source.activate()
    }
  }

  deinit { for source in sources { source.cancel() } }

  /// The ramp has begun. What was asked before counts for it.
  func watch(_ ramp: Change.ID) {
    let isAsked = state.withLock { state in
      state.ramp = ramp
      return state.isAsked
    }
    if isAsked { mesh.tell(ramp, .stop) }
  }

  private func stop(_ number: CInt) {
    let (ramp, isSecond) = state.withLock { state in
      defer { state.isAsked = true }
      return (state.ramp, state.isAsked)
    }
    if isSecond { _exit(128 + number) }
    StandardError.write("stopping\n")
    if let ramp { mesh.tell(ramp, .stop) }
  }
}
