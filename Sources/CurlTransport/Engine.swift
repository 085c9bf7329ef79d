internal import CLibcurl
import Glibc
import Synchronization
import Transport

/// The mailbox of the thread that owns libcurl. The thread sleeps until there is a command, a byte or a deadline.
final class Engine: Sendable {
  enum Command: Sendable {
    case start(Exchange)
    /// Its reader has made room.
    case resume(Exchange)
    /// Nobody waits for it any more.
    case remove(Exchange)
  }

  enum Orders {
    case carryOn([Command])
    /// With the commands that came before the end and are not to be carried out.
    case stop([Command])
  }

  private struct Mailbox {
    var commands: [Command] = []
    var isClosed = false
    var thread: pthread_t?
  }

  private let mailbox = Mutex(Mailbox())
  let multi: MultiHandle

  init(userAgent: String, limits: CurlClient.Limits) {
    multi = MultiHandle(limits)
    let loop = EngineLoop(engine: self, userAgent: userAgent, limits: limits)
    mailbox.withLock { $0.thread = startThread(loop.run) }
  }

  // Not with the thread: until now somebody may wake it.
  deinit { Glibc.close(multi.wakeUp) }

  func post(_ command: Command) {
    let (isClosed, wasEmpty) = mailbox.withLock { mailbox in
      let wasEmpty = mailbox.commands.isEmpty
      if !mailbox.isClosed { mailbox.commands.append(command) }
      return (mailbox.isClosed, wasEmpty)
    }
    if isClosed {
      if case .start(let exchange) = command { exchange.end(.cancelled) }
    } else if wasEmpty {
      multi.wake()
    }
  }

  func close() {
    let thread = mailbox.withLock { mailbox in
      mailbox.isClosed = true
      let thread = mailbox.thread
      mailbox.thread = nil
      return thread
    }
    guard let thread else { return }
    multi.wake()
    pthread_join(thread, nil)
  }

  func takeOrders() -> Orders {
    mailbox.withLock { mailbox in
      var commands: [Command] = []
      swap(&commands, &mailbox.commands)
      return mailbox.isClosed ? .stop(commands) : .carryOn(commands)
    }
  }
}

/// libcurl's handle of all transfers and connections.
// Sendable is true because other threads only ever call `wake`, which writes to a file descriptor of its own.
struct MultiHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  /// An eventfd that is ready once somebody has asked to be heard.
  let wakeUp: Int32

  init(_ limits: CurlClient.Limits) {
    guard meshdeck_curl_global_init() == CURLE_OK, let pointer = curl_multi_init() else {
      fatalError("libcurl cannot start: out of memory or file descriptors")
    }
    self.pointer = pointer
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeUp >= 0 else { fatalError("no file descriptor for the network: \(String(cString: strerror(errno)))") }
    for (option, value) in [
      (CURLMOPT_MAXCONNECTS, limits.connections),
      (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
    ] {
      meshdeck_curl_multi_set_long(pointer, option, value)
    }
  }

  func wake() { eventfd_write(wakeUp, 1) }

  /// Until it is woken again.
  func quieten() {
    var count: eventfd_t = 0
    eventfd_read(wakeUp, &count)
  }
}

/// Runs `body` on a thread that takes none of the process's signals but those that tell of its own faults: the others
/// belong to the terminal, and SIGPIPE (OpenSSL writes with write(2)) to nobody.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
  final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var blocked = sigset_t()
  var before = sigset_t()
  sigfillset(&blocked)
  for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] { sigdelset(&blocked, fault) }
  pthread_sigmask(SIG_BLOCK, &blocked, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

  var thread = pthread_t()
  let context = Unmanaged.passRetained(Body(body)).toOpaque()
  let code = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
      return nil
    }, context)
  guard code == 0 else { fatalError("no thread for the network: \(String(cString: strerror(code)))") }
  return thread
}
