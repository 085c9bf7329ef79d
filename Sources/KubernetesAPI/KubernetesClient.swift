import JSON
public import Transport

/// Talks to one API server as somebody. A value: copies share connections and credentials.
public struct KubernetesClient: Sendable {
  public let access: ClusterAccess
  public let gate: WriteGate
  let http: any HTTPClient
  let credentials: CredentialSource
  /// Waits between attempts; tests put in a clock of their own.
  let pause: @Sendable (Duration) async throws(CancellationError) -> Void

  /// The name under which this program's changes stand in `managedFields`.
  public static let fieldManager = "meshdeck"

  public init(_ access: ClusterAccess, over http: any HTTPClient, gate: WriteGate) {
    self.init(access, over: http, gate: gate, credentials: CredentialSource(access.credential))
  }

  init(
    _ access: ClusterAccess, over http: any HTTPClient, gate: WriteGate, credentials: CredentialSource,
    pause: @escaping @Sendable (Duration) async throws(CancellationError) -> Void = sleep(for:)
  ) {
    self.access = access
    self.gate = gate
    self.http = http
    self.credentials = credentials
    self.pause = pause
  }
}

/// A request to the API server before it has credentials.
struct APIRequest: Sendable {
  var method = HTTPRequest.Method.get
  var path: String
  var query: [(String, String?)] = []
  var contentType: String?
  var body: [UInt8]?
  var accept = "application/json"
  var deadline: Duration? = .seconds(30)
  var headDeadline = Duration.seconds(15)
  var idleLimit: Duration?
  /// Whether it is to have a connection to itself, see `HTTPRequest`.
  var isAlone = false
}

extension KubernetesClient {
  /// Gives the head of a successful answer.
  func send(_ request: APIRequest) async throws(KubernetesError) -> HTTPResponse {
    let response = try await answer(request)
    if response.isSuccess { return response }
    throw KubernetesError(
      status: response.status, headers: response.headers, body: await errorBody(of: response), path: request.path)
  }

  /// Sends a request with credentials, with fresh ones once more where these are not accepted. Gives the head of the
  /// answer, whatever its status. The only way out: what the gate holds back goes nowhere.
  func answer(_ request: APIRequest) async throws(KubernetesError) -> HTTPResponse {
    if let refusal = gate.refusal(of: request.method, path: request.path) { throw .readOnly(refusal) }
    var isSecondTry = false
    while true {
      let shown = try await presented()
      let response: HTTPResponse
      do throws(TransportError) {
        response = try await http.send(httpRequest(request, showing: shown))
      } catch {
        throw .transport(error)
      }
      guard response.status == 401, !isSecondTry, await credentials.replace(shown) else { return response }
      isSecondTry = true
    }
  }

  /// The whole body of a successful answer.
  func body(_ request: APIRequest, upTo limit: Int = 256 << 20) async throws(KubernetesError) -> [UInt8] {
    let response = try await send(request)
    return try await collect(response, upTo: limit)
  }

  func collect(_ response: HTTPResponse, upTo limit: Int = 256 << 20) async throws(KubernetesError) -> [UInt8] {
    do throws(TransportError) {
      return try await response.body.collect(upTo: limit)
    } catch {
      throw .transport(error)
    }
  }

  func parsed(_ body: [UInt8]) throws(KubernetesError) -> JSON {
    do throws(JSONError) {
      return try JSON(parsing: body)
    } catch {
      throw .unreadable(reason: error.description)
    }
  }

  private func presented() async throws(KubernetesError) -> PresentedCredential {
    do throws(CredentialError) {
      return try await credentials.current()
    } catch {
      throw .noCredentials(error)
    }
  }

  private func httpRequest(_ request: APIRequest, showing shown: PresentedCredential) -> HTTPRequest {
    var endpoint = access.endpoint
    if let certificate = shown.certificate {
      endpoint.tls.clientCertificate = certificate.chain
      endpoint.tls.clientKey = certificate.key
    }
    var headers: HTTPHeaders = ["Accept": request.accept, "User-Agent": "meshdeck"]
    headers["Content-Type"] = request.contentType
    headers["Authorization"] = shown.authorization
    return HTTPRequest(
      request.method, endpoint, request.path + queryString(request.query), headers: headers, body: request.body,
      headDeadline: request.headDeadline, deadline: request.deadline, idleLimit: request.idleLimit,
      isAlone: request.isAlone)
  }

  /// What an error says, as far as it can be read: the status counts, whatever happens to its body.
  private func errorBody(of response: HTTPResponse) async -> [UInt8] {
    var body: [UInt8] = []
    var chunks = response.body.makeAsyncIterator()
    while body.count < 1 << 20, let chunk = try? await chunks.next() { body += chunk }
    return body
  }
}

@Sendable func sleep(for span: Duration) async throws(CancellationError) {
  do { try await Task.sleep(for: span) } catch { throw CancellationError() }
}
