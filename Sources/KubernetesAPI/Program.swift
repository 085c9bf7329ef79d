import Glibc
import Spawning

/// Another program, run to its end with nothing to read, bounded in time and output.
struct Program: Sendable {
  /// A name to look up in `PATH`, or a path.
  let path: String
  let arguments: [String]
  /// Added to this process's environment.
  let environment: [(String, String)]

  struct Outcome: Sendable {
    /// The exit status, or 128 and the number of the signal that ended it.
    let status: Int
    let output: [UInt8]
    /// The beginning of what it said on stderr.
    let errorOutput: [UInt8]
  }

  enum Failure: Error, Equatable {
    case notFound
    case cannotStart(reason: String)
    case tookTooLong
    case tooMuchOutput
  }

  /// Waits on a thread of its own, since a task must not block.
  func run(within limit: Duration) async throws(Failure) -> Outcome {
    let result = await withCheckedContinuation { (waiting: CheckedContinuation<Result<Outcome, Failure>, Never>) in
      let work = Work { waiting.resume(returning: Result { () throws(Failure) in try self.runHere(within: limit) }) }
      var thread = pthread_t()
      let started = pthread_create(&thread, nil, runWork, Unmanaged.passRetained(work).toOpaque())
      if started == 0 {
        pthread_detach(thread)
      } else {
        Unmanaged.passUnretained(work).release()
        waiting.resume(returning: .failure(.cannotStart(reason: errorText(started))))
      }
    }
    return try result.get()
  }

  private func runHere(within limit: Duration) throws(Failure) -> Outcome {
    let child = try start()
    defer {
      close(child.output)
      close(child.errors)
    }
    let end = ContinuousClock.now + limit
    var output: [UInt8] = []
    var errors: [UInt8] = []
    do throws(Failure) {
      try drain(child, into: &output, &errors, until: end)
    } catch {
      kill(-child.process, SIGKILL)
      waitForExit(of: child.process)
      throw error
    }
    var status: CInt = 0
    while true {
      let ended = waitpid(child.process, &status, WNOHANG)
      if ended == child.process { break }
      guard ended >= 0 || errno == EINTR else { throw .cannotStart(reason: errorText(errno)) }
      // It closed its output and still runs.
      if ContinuousClock.now > end { kill(-child.process, SIGKILL) }
      usleep(2000)
    }
    return Outcome(status: Int(exitCode(ofWaitStatus: status)), output: output, errorOutput: errors)
  }

  private struct Child {
    let process: pid_t
    let output: CInt
    let errors: CInt
  }

  private func start() throws(Failure) -> Child {
    do throws(SpawnFailure) {
      let output = try Pipe()
      let errors: Pipe
      let process: pid_t
      do throws(SpawnFailure) {
        errors = try Pipe()
      } catch {
        output.close()
        throw error
      }
      var program = Spawning.Program(path, arguments)
      program.environment = wholeEnvironment
      program.output = .descriptor(output.writing)
      program.errors = .descriptor(errors.writing)
      // So that its children end with it.
      program.group = .own
      do throws(SpawnFailure) {
        process = try program.start()
      } catch {
        output.close()
        errors.close()
        throw error
      }
      close(output.writing)
      close(errors.writing)
      return Child(process: process, output: output.reading, errors: errors.reading)
    } catch {
      throw error.isNotFound ? .notFound : .cannotStart(reason: errorText(error.code))
    }
  }

  private var wholeEnvironment: [String] {
    var variables: [String] = []
    let replaced = Set(environment.map(\.0))
    var place = environ
    while let text = place.pointee {
      let variable = String(cString: text)
      if !replaced.contains(String(variable.prefix { $0 != "=" })) { variables.append(variable) }
      place += 1
    }
    return variables + environment.map { "\($0.0)=\($0.1)" }
  }

  /// Reads both pipes until both are closed.
  private func drain(
    _ child: Child, into output: inout [UInt8], _ errors: inout [UInt8], until end: ContinuousClock.Instant
  ) throws(Failure) {
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    var open = [child.output, child.errors]
    while !open.isEmpty {
      let left = end - ContinuousClock.now
      guard left > .zero else { throw .tookTooLong }
      var ready = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let count = poll(&ready, nfds_t(ready.count), CInt(min(left.components.seconds * 1000 + 10, 1000)))
      guard count >= 0 || errno == EINTR else { throw .cannotStart(reason: errorText(errno)) }
      for entry in ready where count > 0 && entry.revents != 0 {
        let got = read(entry.fd, &chunk, chunk.count)
        if got < 0, errno == EINTR { continue }
        if got <= 0 {
          open.removeAll { $0 == entry.fd }
        } else if entry.fd == child.output {
          output += chunk[..<got]
          guard output.count <= 1 << 20 else { throw .tooMuchOutput }
        } else {
          errors += chunk[..<got].prefix(max(0, 4096 - errors.count))
        }
      }
    }
  }
}

/// Carries a closure to a thread.
private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private let runWork: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
  if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
  return nil
}
