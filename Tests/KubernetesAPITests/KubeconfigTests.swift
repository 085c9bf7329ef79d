import Testing
import Transport

@testable import KubernetesAPI

/// Two contexts, in two files; the second file says some things that the first says already.
private let first = """
  apiVersion: v1
  kind: Config
  current-context: prod
  contexts:
  - name: prod
    context: {cluster: prod, user: ops, namespace: bookinfo}
  - name: staging
    context: {cluster: staging, user: dev}
  - name: broken
    context: {cluster: nowhere, user: ops}
  clusters:
  - name: prod
    cluster:
      server: https://10.0.0.1:6443/k8s/
      certificate-authority-data: Q0EgUEVN
      tls-server-name: kubernetes
  users:
  - name: ops
    user:
      token: 0123456789
  """

private let second = """
  current-context: staging
  clusters:
  - {name: prod, cluster: {server: "https://evil"}}
  - {name: staging, cluster: {server: "https://[::1]:8443", insecure-skip-tls-verify: true}}
  - {name: tunnelled, cluster: {server: "https://a", proxy-url: "http://proxy:3128"}}
  users:
  - {name: dev, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
  - {name: old, user: {auth-provider: {name: gcp}}}
  - {name: basic, user: {username: u, password: p}}
  - {name: half, user: {client-certificate-data: Q0VSVA==}}
  - name: eks
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        command: ./bin/aws
        args: [eks, get-token]
        env: [{name: AWS_PROFILE, value: prod}]
        installHint: install the AWS command line
        provideClusterInfo: true
  - {name: ancient, user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}}
  contexts:
  - {name: tunnelled, context: {cluster: tunnelled, user: dev}}
  - {name: old, context: {cluster: prod, user: old}}
  - {name: basic, context: {cluster: prod, user: basic}}
  - {name: half, context: {cluster: prod, user: half}}
  - {name: eks, context: {cluster: staging, user: eks}}
  - {name: ancient, context: {cluster: prod, user: ancient}}
  - {name: nobody, context: {cluster: prod, user: nobody}}
  - {name: anonymous, context: {cluster: prod}}
  """

private func both() throws -> Kubeconfig {
  try Kubeconfig(files: [("/home/sre/.kube/config", first), ("/etc/team/config", second)])
}

private func complaint(_ body: () throws(KubeconfigError) -> some Any) -> String {
  do throws(KubeconfigError) {
    _ = try body()
    return "none"
  } catch {
    return error.description
  }
}

@Suite struct KubeconfigTests {
  @Test func theFirstFileToSetAValueWins() throws {
    let access = try both().access()
    #expect(access.context == "prod" && access.namespace == "bookinfo")
    #expect(access.endpoint.description == "https://10.0.0.1:6443/k8s")
    #expect(access.endpoint.tls.trust == .authorities(Array("CA PEM".utf8)))
    #expect(access.endpoint.tls.serverName == "kubernetes")
    // Digits, and still a string.
    #expect(access.credential == .token("0123456789"))
  }

  @Test func readsCertificatesAndAddresses() throws {
    let access = try both().access("staging")
    #expect(access.namespace == "default")
    #expect(access.endpoint.host == "::1" && access.endpoint.port == 8443)
    #expect(access.endpoint.tls.trust == .anyone)
    #expect(access.endpoint.tls.clientCertificate == Array("CERT".utf8))
    #expect(access.endpoint.tls.clientKey == Array("KEY".utf8))
    #expect(access.credential == .none)
  }

  @Test func readsPluginsAndPasswords() throws {
    guard case .plugin(let plugin) = try both().access("eks").credential else {
      Issue.record("no plugin")
      return
    }
    #expect(plugin.command == "/etc/team/./bin/aws" && plugin.arguments == ["eks", "get-token"])
    #expect(plugin.environment == [.init(name: "AWS_PROFILE", value: "prod")])
    #expect(plugin.clusterDescription == #"{"server":"https://[::1]:8443","insecure-skip-tls-verify":true}"#)
    #expect(try both().access("basic").credential == .basic(user: "u", password: "p"))
    #expect(try both().access("anonymous").credential == .none)
  }

  @Test(arguments: [
    (
      "prdo",
      "there is no context \"prdo\", did you mean \"prod\"?; known are ancient, anonymous, basic, broken, eks, half, "
        + "nobody, old, prod, staging, tunnelled"
    ),
    ("broken", "context \"broken\" names the cluster \"nowhere\", which the kubeconfig does not have"),
    ("nobody", "context \"nobody\" names the user \"nobody\", which the kubeconfig does not have"),
    (
      "tunnelled",
      "context \"tunnelled\" needs a proxy (proxy-url of cluster \"tunnelled\"), which is not supported: "
        + "take it out of the kubeconfig and set HTTPS_PROXY to it"
    ),
    ("half", "/etc/team/config: user \"half\" has a client certificate or its key, but not both"),
  ])
  func saysWhatIsWrong(_ context: String, _ sentence: String) throws {
    let kubeconfig = try both()
    #expect(complaint { () throws(KubeconfigError) in try kubeconfig.access(context) } == sentence)
  }

  @Test func saysWhatToDoAboutOldCredentials() throws {
    let kubeconfig = try both()
    let old = complaint { () throws(KubeconfigError) in try kubeconfig.access("old") }
    #expect(old.hasPrefix("context \"old\" needs the auth-provider \"gcp\", which is not supported: "))
    let ancient = complaint { () throws(KubeconfigError) in try kubeconfig.access("ancient") }
    #expect(ancient.contains("client.authentication.k8s.io/v1alpha1"))
  }

  @Test(arguments: [
    ("a: [1, 2", "/f:2:1: did not find expected ',' or ']'"),
    ("clusters:\n\t- x", "/f:2:1: found character that cannot start any token"),
    ("- 1", "/f: a kubeconfig is a mapping with clusters, users and contexts"),
    ("clusters: 7", "/f: \"clusters\" must be a list"),
    ("users: [{user: {}}]", "/f: entry 1 of \"users\" has no name"),
    ("", "none"),
  ])
  func placesWhatIsMalformed(_ text: String, _ sentence: String) {
    let said = complaint { () throws(KubeconfigError) in try Kubeconfig(files: [("/f", text)]) }
    #expect(said == sentence)
  }

  @Test func hostileFilesEndInASentence() {
    var aliases = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    for level in 1..<10 {
      aliases +=
        "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n"
    }
    let deep = String(repeating: "[", count: 200_000)
    for text in [aliases, deep] {
      let said = complaint { () throws(KubeconfigError) in try Kubeconfig(files: [("/f", text)]) }
      #expect(said.hasPrefix("/f:"))
    }
  }

  @Test func missingFilesAndContexts() throws {
    let missing = complaint { () throws(KubeconfigError) in try Kubeconfig(reading: ["/nowhere/a", "/nowhere/b"]) }
    #expect(
      missing == "no kubeconfig: /nowhere/a and /nowhere/b do not exist; name one with --kubeconfig or KUBECONFIG")
    let none = try Kubeconfig(files: [("/f", "contexts: [{name: a}, {name: b}]")])
    let said = complaint { () throws(KubeconfigError) in try none.access() }
    #expect(said == "the kubeconfig /f has no current context: pick one with --context: a, b")
    let empty = try Kubeconfig(files: [("/f", "")])
    let saidOfNone = complaint { () throws(KubeconfigError) in try empty.access("a") }
    #expect(saidOfNone == "there is no context \"a\"; the kubeconfig has no contexts at all")
  }

  @Test func aFolderIsNoKubeconfig() {
    let said = complaint { () throws(KubeconfigError) in try Kubeconfig(reading: ["/"]) }
    #expect(said == "cannot read /: Is a directory")
  }
}
