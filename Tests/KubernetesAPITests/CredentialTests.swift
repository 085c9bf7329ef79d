import Glibc
import Peers
import Synchronization
import Testing
import Transport

@testable import KubernetesAPI

extension TemporaryFolder {
  fileprivate func write(_ name: String, _ text: String, isProgram: Bool = false) throws -> String {
    let file = try write(name, text.utf8)
    if isProgram { try #require(chmod(file, 0o700) == 0) }
    return file
  }
}

private final class TestClock: Sendable {
  private let passed = Mutex(0.0)
  private let start = ContinuousClock.now

  func advance(seconds: Double) { passed.withLock { $0 += seconds } }

  @Sendable func now() -> CredentialSource.Moment {
    let seconds = passed.withLock { $0 }
    return .init(steady: start + .seconds(seconds), wall: 1_800_000_000 + seconds)
  }
}

private func plugin(_ command: String, _ arguments: [String] = []) -> CredentialPlugin {
  CredentialPlugin(
    apiVersion: "client.authentication.k8s.io/v1", command: command, arguments: arguments,
    environment: [.init(name: "PROFILE", value: "prod")], installHint: "install it", clusterDescription: nil)
}

private func answer(_ status: String) -> String {
  #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{\#(status)}}"#
}

@Suite(.timeLimit(.minutes(1))) struct CredentialTests {
  @Test func basicIsEncoded() async throws {
    let source = CredentialSource(.basic(user: "Aladdin", password: "open sesame"))
    #expect(try await source.current().authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
  }

  @Test(arguments: ["", "f", "fo", "foo", "foob", "\u{0}\u{ff}é"])
  func base64GoesThereAndBack(_ text: String) {
    #expect(bytes(base64: base64(Array(text.utf8))) == Array(text.utf8))
  }

  @Test(arguments: ["a", "ab=", "a=bc", "abc!", "====", "abcde==="])
  func refusesWhatIsNotBase64(_ text: String) { #expect(bytes(base64: text) == nil) }

  @Test func aTokensFileIsReadAgainEachMinute() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("token", " one\n")
    let clock = TestClock()
    let source = CredentialSource(.tokenFile(path: path), now: clock.now)
    #expect(try await source.current().authorization == "Bearer one")
    _ = try folder.write("token", "two")
    clock.advance(seconds: 59)
    #expect(try await source.current().authorization == "Bearer one")
    clock.advance(seconds: 2)
    let shown = try await source.current()
    #expect(shown.authorization == "Bearer two")
    // Refused: read at once.
    _ = try folder.write("token", "three")
    #expect(await source.replace(shown))
    #expect(try await source.current().authorization == "Bearer three")
    _ = try folder.write("token", "\n")
    clock.advance(seconds: 61)
    await #expect(throws: CredentialError.emptyFile(path: path)) { try await source.current() }
  }

  @Test func aPluginRunsOnceUntilItsCredentialExpires() async throws {
    let clock = TestClock()
    let runs = Mutex(0)
    let source = CredentialSource(
      .plugin(plugin("x")), now: clock.now,
      run: { _ throws(CredentialError) in
        let number = runs.withLock { runs in
          runs += 1
          return runs
        }
        return PluginAnswer(token: "t\(number)", expiry: 1_800_000_000 + 600)
      })
    async let one = source.current()
    async let other = source.current()
    #expect(try await one == other)
    #expect(runs.withLock { $0 } == 1)
    clock.advance(seconds: 599)
    #expect(try await source.current().authorization == "Bearer t1")
    clock.advance(seconds: 2)
    #expect(try await source.current().authorization == "Bearer t2")
  }

  @Test func aRefusedTokenIsReplacedOnceForARequest() async throws {
    let runs = Mutex(0)
    let http = ScriptedClient { request, _ throws(TransportError) in
      request.headers["Authorization"] == "Bearer t2"
        ? .init(200, podText("a", version: 1)) : .init(401, status(401, "Unauthorized"))
    }
    var access = server
    access.credential = .plugin(plugin("/bin/sh", ["-c", "exit 3"]))
    let source = CredentialSource(
      access.credential,
      run: { _ throws(CredentialError) in
        let number = runs.withLock { runs in
          runs += 1
          return runs
        }
        return PluginAnswer(token: "t\(number)")
      })
    let client = KubernetesClient(access, over: http, gate: .open, credentials: source)
    #expect(try await client.get(Pod.self, in: "n", name: "a").name == "a")
    #expect(http.requests.count == 2)
    // A token that cannot be replaced is not tried twice.
    let fixed = ScriptedClient(.init(401, status(401, "Unauthorized")))
    await #expect(throws: KubernetesError.unauthorized(message: "said so")) {
      try await KubernetesClient(server, over: fixed, gate: .open).get(Pod.self, in: "n", name: "a")
    }
    #expect(fixed.requests.count == 1)
  }

  @Test func runsARealProgram() async throws {
    let folder = try TemporaryFolder()
    let program = try folder.write(
      "plugin",
      """
      #!/bin/sh
      printf '%s %s %s' "$1" "$PROFILE" "$KUBERNETES_EXEC_INFO" > "$2"
      echo 'a word on stderr' >&2
      cat
      echo '\(answer(#""token":"tok","clientCertificateData":"C","clientKeyData":"K","expirationTimestamp":"2027-01-15T08:00:00Z""#))'
      """, isProgram: true)
    let seen = "\(folder.path)/seen"
    let result = try await runPlugin(plugin(program, ["get-token", seen]))
    #expect(
      result
        == PluginAnswer(
          token: "tok", certificate: .init(chain: Array("C".utf8), key: Array("K".utf8)), expiry: 1_800_000_000))
    let given = String(decoding: try readFile(seen, upTo: 4096), as: UTF8.self)
    #expect(
      given == "get-token prod "
        + #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#)
  }

  @Test(arguments: [
    ("exit 3", "exit status 3"), ("echo no; echo \"who \\033[31mare you\" >&2; exit 1", "exit status 1: who"),
    ("kill -9 $$", "exit status 137"), ("echo hello", "it printed no ExecCredential"),
    ("yes", "it printed more than 1 MB"),
    ("echo '\(answer(#""token":"a\nb""#))'", "it printed no ExecCredential"),
    ("echo '\(answer(#""clientKeyData":"K""#))'", "a key without its certificate"),
    ("echo '\(answer(""))'", "neither a token nor a certificate"),
    ("echo '\(answer(#""token":"t","expirationTimestamp":"soon""#))'", "is no RFC 3339 time"),
    (#"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}'"#, "v1beta1, not"),
  ])
  func saysHowAProgramFailed(_ script: String, _ words: String) async throws {
    do throws(CredentialError) {
      _ = try await runPlugin(plugin("/bin/sh", ["-c", script]))
      Issue.record("it was taken")
    } catch {
      #expect(error.description.contains(words), "\(error)")
      #expect(!error.description.contains("\u{1b}"))
    }
  }

  @Test func aMissingProgramComesWithItsHint() async throws {
    await #expect(throws: CredentialError.pluginMissing(command: "no-such-program", hint: "install it")) {
      try await runPlugin(plugin("no-such-program"))
    }
  }

  @Test func aProgramThatHangsIsEnded() async throws {
    let program = Program(path: "/bin/sh", arguments: ["-c", "sleep 1000 & sleep 1000"], environment: [])
    await #expect(throws: Program.Failure.tookTooLong) { try await program.run(within: .milliseconds(50)) }
  }

  @Test func secretsAreNotPrinted() {
    for credential in [Credential.token("hush"), .basic(user: "u", password: "hush")] {
      var dumped = ""
      dump(credential, to: &dumped)
      #expect(!"\(credential) \(String(reflecting: credential)) \(dumped)".contains("hush"))
    }
  }

  @Test func aPodUsesItsServiceAccount() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("ca.crt", "CA")
    _ = try folder.write("namespace", "mesh\n")
    let access = try #require(try ClusterAccess.inCluster(folder: folder.path, host: "10.0.0.1", port: "443"))
    #expect(access.endpoint.tls.trust == .authorities(Array("CA".utf8)))
    #expect(access.namespace == "mesh" && access.credential == .tokenFile(path: "\(folder.path)/token"))
    #expect(try ClusterAccess.inCluster(folder: folder.path, host: nil, port: nil) == nil)
  }
}
