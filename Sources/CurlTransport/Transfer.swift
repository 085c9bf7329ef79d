internal import CLibcurl
import Glibc
import Transport

/// An exchange in libcurl's hands. Lives on the engine's thread alone.
final class Transfer {
  let exchange: Exchange
  let place: Admission<Transfer>.Place
  private let easy: UnsafeMutableRawPointer
  private let outbox: Outbox
  private var isBegun = false
  private(set) var deadlines: Deadlines
  private var head = HeadReader()
  /// Why a callback refused to go on.
  private var refusal: TransportError?
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var addresses: UnsafeMutablePointer<curl_slist>?
  /// libcurl writes here what went wrong.
  private let message = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(_ exchange: Exchange, userAgent: String, outbox: Outbox) throws(TransportError) {
    guard let easy = curl_easy_init() else { throw .unsendable(reason: "out of memory") }
    self.exchange = exchange
    self.outbox = outbox
    place = Admission.Place(exchange.request)
    self.easy = easy
    deadlines = Deadlines(exchange.request, started: exchange.started)
    message.initialize(repeating: 0)
    var options = EasyOptions(easy)
    try options.set(exchange.request, userAgent: userAgent)
    (fields, addresses) = (options.fields, options.addresses)

    let context = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_PRIVATE] {
      meshdeck_curl_set_pointer(easy, option, context)
    }
    meshdeck_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message.baseAddress)
    meshdeck_curl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Transfer.from(context)?.receiveLine(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    meshdeck_curl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Transfer.from(context)?.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(fields)
    curl_slist_free_all(addresses)
    message.deallocate()
  }

  /// The transfer that was given this handle.
  static func of(_ easy: UnsafeMutableRawPointer?) -> Transfer? {
    var context: UnsafeMutableRawPointer?
    guard meshdeck_curl_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
    return from(context)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  /// Gives why libcurl does not take it.
  func begin(in multi: MultiHandle) -> TransportError? {
    let code = curl_multi_add_handle(multi.pointer, easy)
    isBegun = code == CURLM_OK
    return isBegun ? nil : .unsendable(reason: String(cString: curl_multi_strerror(code)))
  }

  /// False when it had not begun.
  func end(in multi: MultiHandle) -> Bool {
    guard isBegun else { return false }
    isBegun = false
    curl_multi_remove_handle(multi.pointer, easy)
    return true
  }

  /// The answer has come over HTTP/2.
  var isOnSharedConnection: Bool {
    var version = 0
    meshdeck_curl_get_long(easy, CURLINFO_HTTP_VERSION, &version)
    return version == CURL_HTTP_VERSION_2_0
  }

  /// The reader has made room: what libcurl held is offered again before this returns. Gives why that failed.
  func resume() -> TransportError? {
    deadlines.received(at: .now)
    return failure(curl_easy_pause(easy, CURLPAUSE_CONT))
  }

  /// What to tell the caller of an end with `code`; `nil` when the answer is whole.
  func failure(_ code: CURLcode) -> TransportError? {
    if let refusal { return refusal }
    guard code != CURLE_OK else { return nil }
    var errorNumber = 0
    meshdeck_curl_get_long(easy, CURLINFO_OS_ERRNO, &errorNumber)
    return TransportError(
      code, message: message.baseAddress.map { String(cString: $0) } ?? "", errorNumber: Int32(errorNumber),
      request: exchange.request)
  }

  // MARK: What libcurl calls

  private func receiveLine(_ line: UnsafeRawBufferPointer) -> Int {
    do throws(TransportError) {
      if let head = try head.read(line) {
        deadlines.received(at: .now)
        if place.mayBeShared { outbox.answered.append(self) }
        outbox.add(exchange.receive(head))
      }
      return line.count
    } catch {
      refusal = error
      return 0
    }
  }

  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    let (receipt, wake) = exchange.receive(bytes)
    outbox.add(wake)
    switch receipt {
    case .taken:
      deadlines.received(at: .now)
      return bytes.count
    case .held:
      deadlines.hold()
      return meshdeck_curl_pause
    case .refused:
      refusal = .cancelled
      return 0
    }
  }
}
