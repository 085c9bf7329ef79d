internal import CLibcurl
import Transport

/// Writes a request onto one of libcurl's handles.
struct EasyOptions {
  private let easy: UnsafeMutableRawPointer
  /// The lists that libcurl does not copy.
  private(set) var fields: UnsafeMutablePointer<curl_slist>?
  private(set) var addresses: UnsafeMutablePointer<curl_slist>?
  private var refused: CURLcode?

  init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

  mutating func set(_ request: HTTPRequest, userAgent: String) throws(TransportError) {
    try RequestCheck.check(request)
    setConduct(userAgent: userAgent)
    setPlace(request)
    setMessage(request)
    if request.endpoint.scheme == .https { setTLS(request.endpoint.tls) }
    if let refused {
      freeLists()
      throw .unsendable(reason: String(cString: curl_easy_strerror(refused)))
    }
  }

  private mutating func setConduct(userAgent: String) {
    set(CURLOPT_NOSIGNAL, 1)
    // Without it, giving up on a name that is being looked up would hold the thread until the resolver is done.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, 30)
    set(CURLOPT_TCP_KEEPINTVL, 10)
    set(CURLOPT_USERAGENT, userAgent)
    note(meshdeck_curl_close_sockets_on_exec(easy))
  }

  private mutating func setPlace(_ request: HTTPRequest) {
    let endpoint = request.endpoint
    // libcurl asks for, and checks, the certificate of the name in the URL: where that is not the host, the
    // connection is sent to the host, and the Host field says what it would have said.
    let name = (endpoint.scheme == .https ? endpoint.tls.serverName : nil) ?? endpoint.host
    set(
      CURLOPT_URL, "\(endpoint.scheme):\("//")\(bracketed(name)):\(endpoint.port)\(endpoint.basePath)\(request.target)")
    if let unixSocket = endpoint.unixSocket {
      set(CURLOPT_UNIX_SOCKET_PATH, unixSocket)
    } else if name != endpoint.host {
      append("::\(bracketed(endpoint.host)):\(endpoint.port)", to: \.addresses)
      note(meshdeck_curl_set_list(easy, CURLOPT_CONNECT_TO, addresses))
    }
    if name != endpoint.host, request.headers["Host"] == nil {
      append("Host: \(bracketed(endpoint.host)):\(endpoint.port)", to: \.fields)
    }
    if endpoint.unixSocket != nil || isLoopback(endpoint.host) { set(CURLOPT_PROXY, "") }
    if endpoint.scheme == .https, !request.isAlone {
      set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
      // Better to share the connection that is being made than to open a second one.
      set(CURLOPT_PIPEWAIT, 1)
    } else {
      set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    }
  }

  private mutating func setMessage(_ request: HTTPRequest) {
    if request.method != .get || request.body != nil {
      let body = request.body ?? []
      if request.method != .delete || !body.isEmpty {
        note(meshdeck_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        body.withUnsafeBytes {
          note(
            meshdeck_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress)))
        }
      }
      set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
      // Neither the type that libcurl would name on its own, nor a round trip to ask whether a body is welcome.
      if request.headers["Content-Type"] == nil { append("Content-Type:", to: \.fields) }
      append("Expect:", to: \.fields)
    }
    for (name, value) in request.headers { append(value.isEmpty ? "\(name);" : "\(name): \(value)", to: \.fields) }
    note(meshdeck_curl_set_list(easy, CURLOPT_HTTPHEADER, fields))
  }

  private mutating func setTLS(_ tls: TLSSettings) {
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    switch tls.trust {
    case .system: break
    case .authorities(let authorities):
      set(CURLOPT_CAINFO_BLOB, authorities)
      // The directory that libcurl was built with would be trusted as well.
      note(meshdeck_curl_set_string(easy, CURLOPT_CAPATH, nil))
    case .anyone:
      set(CURLOPT_SSL_VERIFYPEER, 0)
      set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let certificate = tls.clientCertificate { set(CURLOPT_SSLCERT_BLOB, certificate) }
    if let key = tls.clientKey { set(CURLOPT_SSLKEY_BLOB, key) }
  }

  // MARK: One option

  private mutating func set(_ option: CURLoption, _ value: Int) { note(meshdeck_curl_set_long(easy, option, value)) }

  private mutating func set(_ option: CURLoption, _ value: String) {
    note(meshdeck_curl_set_string(easy, option, value))
  }

  private mutating func set(_ option: CURLoption, _ value: [UInt8]) {
    note(value.withUnsafeBytes { meshdeck_curl_set_blob(easy, option, $0.baseAddress, $0.count) })
  }

  private mutating func append(_ line: String, to list: WritableKeyPath<Self, UnsafeMutablePointer<curl_slist>?>) {
    guard let longer = curl_slist_append(self[keyPath: list], line) else { return note(CURLE_OUT_OF_MEMORY) }
    self[keyPath: list] = longer
  }

  private mutating func note(_ code: CURLcode) {
    if code != CURLE_OK, refused == nil { refused = code }
  }

  private mutating func freeLists() {
    curl_slist_free_all(fields)
    curl_slist_free_all(addresses)
    (fields, addresses) = (nil, nil)
  }
}

private func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

private func isLoopback(_ host: String) -> Bool {
  let name = host.lowercased()
  if name == "localhost" || name == "::1" { return true }
  let parts = name.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}
