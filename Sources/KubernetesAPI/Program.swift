import Glibc

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
      var ignored: CInt = 0
      while waitpid(child.process, &ignored, 0) < 0, errno == EINTR {}
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
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? Int(status >> 8 & 0xff) : 128 + Int(signal), output: output, errorOutput: errors)
  }

  private struct Child {
    let process: pid_t
    let output: CInt
    let errors: CInt
  }

  private func start() throws(Failure) -> Child {
    let output = try makePipe()
    let errors: [CInt]
    do throws(Failure) { errors = try makePipe() } catch {
      output.forEach { _ = close($0) }
      throw error
    }
    defer {
      close(output[1])
      close(errors[1])
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    posix_spawn_file_actions_adddup2(&actions, errors[1], 2)

    // A group of its own, so that its children end with it; no signal blocked or ignored that we block or ignore.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var process = pid_t()
    let failure = withCStrings([path] + arguments) { arguments in
      withCStrings(wholeEnvironment) { environment in
        posix_spawnp(&process, path, &actions, &attributes, arguments, environment)
      }
    }
    guard failure == 0 else {
      close(output[0])
      close(errors[0])
      throw failure == ENOENT ? .notFound : .cannotStart(reason: errorText(failure))
    }
    return Child(process: process, output: output[0], errors: errors[0])
  }

  private func makePipe() throws(Failure) -> [CInt] {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .cannotStart(reason: errorText(errno)) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
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

private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
  for (place, string) in strings.enumerated() { (pointers + place).initialize(to: strdup(string)) }
  (pointers + strings.count).initialize(to: nil)
  defer {
    for place in strings.indices { free(pointers[place]) }
    pointers.deallocate()
  }
  return body(pointers)
}
