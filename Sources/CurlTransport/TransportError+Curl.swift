internal import CLibcurl
import Glibc
import Transport

extension TransportError {
  /// What a person is told of libcurl's `code`.
  /// - Parameters:
  ///   - message: libcurl's own words, which name hosts and certificates and never fields or bodies.
  ///   - errorNumber: of the system call that failed, or 0.
  init(_ code: CURLcode, message: String, errorNumber: Int32, request: HTTPRequest) {
    let endpoint = request.endpoint
    let words = Self.printable(message.isEmpty ? String(cString: curl_easy_strerror(code)) : message)
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: self = .unresolved(host: endpoint.host)
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: self = .unreachable(endpoint, reason: words)
    case CURLE_COULDNT_CONNECT:
      let reason = errorNumber == 0 ? words : String(cString: strerror(errorNumber)).lowercased()
      self = .unreachable(endpoint, reason: reason)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
      self = .untrusted(endpoint, reason: words)
    case CURLE_OPERATION_TIMEDOUT: self = .unreachable(endpoint, reason: words)
    case CURLE_GOT_NOTHING: self = .brokenOff(reason: "the server closed it without an answer")
    case CURLE_PARTIAL_FILE: self = .brokenOff(reason: "the server closed it in the middle of the answer")
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
      let reason = errorNumber == 0 ? words : String(cString: strerror(errorNumber)).lowercased()
      self = .brokenOff(reason: reason)
    case CURLE_HTTP2, CURLE_HTTP2_STREAM: self = .brokenOff(reason: words)
    case CURLE_UNSUPPORTED_PROTOCOL where words.contains("HTTP/0.9"): self = .malformed(reason: "it has no status line")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      self = .malformed(reason: words)
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT:
      self = .unsendable(reason: words)
    default: self = .brokenOff(reason: words)
    }
  }

  /// The server's certificate has its say in libcurl's words: no control character of it gets through, nor a novel.
  private static func printable(_ words: String) -> String {
    let plain = words.unicodeScalars.map { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? " " : $0 }
    return String(String.UnicodeScalarView(plain.prefix(200)))
  }
}
