import JSON

/// What a credential plugin printed: `ExecCredential.status` (client.authentication.k8s.io).
struct PluginAnswer: Equatable, Sendable {
  var token: String?
  var certificate: PresentedCredential.Certificate?
  /// Seconds since 1970; `nil` lasts as long as this process.
  var expiry: Double?
}

/// Runs a plugin and reads what it prints.
@Sendable func runPlugin(_ plugin: CredentialPlugin) async throws(CredentialError) -> PluginAnswer {
  var spec: JSONValue = ["interactive": false]
  if let cluster = plugin.clusterDescription {
    do throws(JSONError) { spec["cluster"] = try JSONValue(parsing: cluster) } catch {
      throw .pluginFailed(command: plugin.command, reason: "its cluster's description is \(error)")
    }
  }
  let input: JSONValue = ["kind": "ExecCredential", "apiVersion": .string(plugin.apiVersion), "spec": spec]
  let environment = plugin.environment.map { ($0.name, $0.value) } + [("KUBERNETES_EXEC_INFO", input.text())]
  let program = Program(path: plugin.command, arguments: plugin.arguments, environment: environment)
  let outcome: Program.Outcome
  do throws(Program.Failure) {
    outcome = try await program.run(within: .seconds(60))
  } catch {
    switch error {
    case .notFound: throw .pluginMissing(command: plugin.command, hint: plugin.installHint)
    case .cannotStart(let reason): throw .pluginFailed(command: plugin.command, reason: reason)
    case .tookTooLong: throw .pluginFailed(command: plugin.command, reason: "it did not end within 60 s")
    case .tooMuchOutput: throw .pluginFailed(command: plugin.command, reason: "it printed more than 1 MB")
    }
  }
  guard outcome.status == 0 else {
    let said = plain(String(decoding: outcome.errorOutput.prefix(400), as: UTF8.self))
    throw .pluginFailed(
      command: plugin.command, reason: "exit status \(outcome.status)\(said.isEmpty ? "" : ": \(said)")")
  }
  return try PluginAnswer(printed: outcome.output, by: plugin)
}

extension PluginAnswer {
  init(printed output: [UInt8], by plugin: CredentialPlugin) throws(CredentialError) {
    func failure(_ reason: String) -> CredentialError { .pluginFailed(command: plugin.command, reason: reason) }
    // What it printed is never quoted: it may be a secret.
    guard let json = try? JSON(parsing: output), json["kind"]?.string == "ExecCredential" else {
      throw failure("it printed no ExecCredential")
    }
    let version = json["apiVersion"]?.string ?? "none"
    guard version == plugin.apiVersion else {
      throw failure("it printed an ExecCredential of version \(version), not \(plugin.apiVersion)")
    }
    let status = json["status"]
    if let text = status?["token"]?.string, !text.isEmpty {
      guard let value = headerValue(Array(text.utf8)) else { throw failure("its token holds control characters") }
      token = value
    }
    switch (status?["clientCertificateData"]?.string, status?["clientKeyData"]?.string) {
    case (let chain?, let key?): certificate = .init(chain: Array(chain.utf8), key: Array(key.utf8))
    case (nil, nil): break
    default: throw failure("it printed a certificate without its key, or a key without its certificate")
    }
    guard token != nil || certificate != nil else { throw failure("it printed neither a token nor a certificate") }
    if let text = status?["expirationTimestamp"]?.string {
      guard let moment = LogMoment(text) else { throw failure("its expirationTimestamp is no RFC 3339 time") }
      expiry = Double(moment.seconds)
    }
  }
}
