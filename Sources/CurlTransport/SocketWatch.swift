internal import CLibcurl
import Glibc

/// Waits for the sockets and timers of libcurl, and has it go on with those that are ready alone: a turn costs as much
/// as there is to do, however many streams are open and silent. Lives on the engine's thread.
///
/// libcurl says what it waits for by callbacks (https://curl.se/libcurl/c/curl_multi_socket_action.html).
final class SocketWatch {
  private static let mostEvents = 128

  private let multi: MultiHandle
  private let epoll: Int32
  private var events = [epoll_event](repeating: epoll_event(), count: mostEvents)
  /// When libcurl wants to be called though no socket is ready.
  private var timer: ContinuousClock.Instant?

  init(_ multi: MultiHandle) {
    self.multi = multi
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { fatalError("no file descriptor for the network: \(String(cString: strerror(errno)))") }
    follow(multi.wakeUp, EPOLLIN.rawValue)
    meshdeck_curl_multi_set_callbacks(
      multi.pointer,
      { _, socket, what, context, _ in
        SocketWatch.from(context)?.follow(socket, libcurl: what)
        return 0
      },
      { _, milliseconds, context in
        SocketWatch.from(context)?.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { close(epoll) }

  private static func from(_ context: UnsafeMutableRawPointer?) -> SocketWatch? {
    context.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  /// Sleeps until there is something to do or the time is over, and does it.
  func turn(until deadline: ContinuousClock.Instant?) {
    let end = [timer, deadline].compactMap { $0 }.min()
    let count = epoll_wait(epoll, &events, Int32(Self.mostEvents), end.map(Self.milliseconds) ?? -1)
    // A count below zero: a signal came in between, and the loop comes back here.
    for event in events.prefix(Int(max(0, count))) {
      if event.data.fd == multi.wakeUp {
        multi.quieten()
      } else {
        act(on: event.data.fd, Self.readiness(event.events))
      }
    }
    if let due = timer, due <= .now {
      timer = nil
      act(on: curl_socket_t(CURL_SOCKET_TIMEOUT), 0)
    }
  }

  private func act(on socket: curl_socket_t, _ readiness: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(multi.pointer, socket, readiness, &running)
  }

  private func follow(_ socket: curl_socket_t, libcurl what: Int32) {
    switch what {
    case CURL_POLL_IN: follow(socket, EPOLLIN.rawValue)
    case CURL_POLL_OUT: follow(socket, EPOLLOUT.rawValue)
    case CURL_POLL_INOUT: follow(socket, EPOLLIN.rawValue | EPOLLOUT.rawValue)
    default: epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
    }
  }

  private func follow(_ socket: Int32, _ events: UInt32) {
    var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
    if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 { epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) }
  }

  private static func readiness(_ events: UInt32) -> Int32 {
    var readiness: Int32 = 0
    if events & EPOLLIN.rawValue != 0 { readiness |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { readiness |= CURL_CSELECT_OUT }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness |= CURL_CSELECT_ERR }
    return readiness
  }

  /// Rounded up, as waking too early would be for nothing.
  private static func milliseconds(until moment: ContinuousClock.Instant) -> Int32 {
    let (seconds, attoseconds) = (moment - .now).components
    let milliseconds =
      min(max(seconds, 0), 1 << 20) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: max(milliseconds, 0))
  }
}
