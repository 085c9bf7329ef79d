internal import ArgumentParser
internal import Dispatch
internal import Glibc

/// The entry. The console runs on the process's first thread, where it waits in `poll`; a command without a screen runs
/// as a task.
@main enum Main {
  static func main() {
    // A reader of our output that went away is no error: the next write says so.
    signal(SIGPIPE, SIG_IGN)
    Allocator.settle()
    let command: any ParsableCommand
    do {
      command = try MeshdeckCommand.parseAsRoot()
    } catch {
      leave(with: error)
    }
    if let command = command as? any AsyncParsableCommand {
      Task.detached {
        var command = command
        do {
          try await command.run()
          leave(with: ExitStatus.done)
        } catch {
          leave(with: error)
        }
      }
      dispatchMain()
    } else {
      var command = command
      do {
        try command.run()
        leave(with: ExitStatus.done)
      } catch {
        leave(with: error)
      }
    }
  }

  /// Says what is to be said (help on standard output, everything else on standard error) and ends the process.
  ///
  /// Leaves without the clean-up of `exit`: that of OpenSSL would free what the network's thread still uses.
  private static func leave(with status: ExitStatus) -> Never {
    fflush(nil)
    _exit(status.rawValue)
  }

  private static func leave(with error: any Error) -> Never {
    if let failure = error as? CommandFailure {
      StandardError.write("meshdeck: \(failure.message)\n")
      leave(with: failure.status)
    }
    let code = MeshdeckCommand.exitCode(for: error)
    guard code != .success else {
      print(MeshdeckCommand.fullMessage(for: error))
      leave(with: .done)
    }
    StandardError.write(MeshdeckCommand.fullMessage(for: error) + "\n")
    leave(with: .usage)
  }
}
