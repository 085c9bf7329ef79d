internal import Dispatch
internal import Glibc
internal import JSON
internal import Peers
internal import Testing

@testable import Sandbox

/// The real kubectl on the sandbox's API. Over plain HTTP it sends no credentials, so that here everyone is an admin.
@Suite(.enabled(if: Kubectl.path != nil, "neither MESHDECK_KUBECTL nor PATH names a kubectl"), .timeLimit(.minutes(1)))
struct KubectlTests {
  @Test func readsAndWrites() async throws {
    let log = try LogFile("one\ntwo\n")
    let kubectl = try await Kubectl(logs: OneLog(file: log))
    #expect(try await kubectl.run("get vs --no-headers").hasPrefix("reviews"))
    #expect(try await kubectl.run("get ns -o name") == "namespace/bookinfo\nnamespace/istio-system\n")
    #expect(
      try await kubectl.run("get virtualservices.v1alpha3.networking.istio.io reviews -o jsonpath={.apiVersion}")
        == "networking.istio.io/v1alpha3")
    #expect(try await kubectl.run("get vs reviews -o yaml").contains("weight: 80"))
    let description = try await kubectl.run("describe vs reviews")
    #expect(description.split(separator: " ").joined(separator: " ").contains("Weight: 15"), "\(description)")

    let replace =
      #"patch vs reviews --type json -p '[{"op":"test","path":"/spec/http/0/route/0/weight","value":80},{"op":"replace","path":"/spec/http/0/route/0/weight","value":70}]'"#
    #expect(try await kubectl.run(replace).hasSuffix("patched\n"))
    #expect(try await kubectl.run(replace).contains("the server rejected our request due to an error in our request"))
    #expect(
      try await kubectl.run(#"patch vs reviews --type merge -p '{"metadata":{"annotations":{"why":"test"}}}'"#)
        .hasSuffix("patched\n"))
    #expect(try await kubectl.run("patch vs reviews -p '{}'").contains("strategic-merge-patch+json is not supported"))
    #expect(try await kubectl.run("label vs reviews a=b").hasSuffix("labeled\n"))
    #expect(
      try await kubectl.run("edit vs reviews", environment: "EDITOR=\"sed -i s/weight:.70/weight:\\ 60/\"").hasSuffix(
        "edited\n"))
    let owners = try await kubectl.run(
      "get vs reviews -o jsonpath={.metadata.managedFields[*].manager} --show-managed-fields")
    #expect(Set(owners.split(separator: " ")) == ["console", "kubectl-patch", "kubectl-label", "kubectl-edit"])

    #expect(try await kubectl.run("auth can-i patch vs") == "yes\n")
    #expect(try await kubectl.run("auth can-i --list").contains("*.*"))
    #expect(try await kubectl.run("auth whoami").contains("kubernetes-admin"))
    #expect(
      try await kubectl.run("api-resources --api-group=networking.istio.io -o name").contains(
        "virtualservices.networking.istio.io"))
    await kubectl.stop()
  }

  private let manifest = """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: reviews}
    spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: d}
    spec:
      replicas: 1
      selector: {matchLabels: {app: d}}
      template:
        metadata: {labels: {app: d}}
        spec: {containers: [{name: a, image: a:1}, {name: b, image: b:1}]}
    """

  @Test func applies() async throws {
    let kubectl = try await Kubectl()
    #expect(
      try await kubectl.run("apply -f -", input: manifest)
        == "destinationrule.networking.istio.io/reviews created\ndeployment.apps/d created\n")
    let changed = manifest.replacing("a:1", with: "a:2")
    #expect(
      try await kubectl.run("apply -f -", input: changed)
        == "destinationrule.networking.istio.io/reviews unchanged\ndeployment.apps/d configured\n")
    #expect(try await kubectl.run("get deployments -o wide --no-headers").contains("a:2,b:1"))
    let wrong = manifest.replacing("{name: v1", with: "{nome: x, name: v1")
    #expect(try await kubectl.run("apply -f -", input: wrong).contains("unknown field \"spec.subsets[0].nome\""))
    #expect(try await kubectl.run("apply --validate=false -f -", input: wrong).contains("reviews configured"))
    #expect(try await kubectl.run("set image deployment/d b=b:9").hasSuffix("image updated\n"))
    let conflict = try await kubectl.run("apply --server-side --field-manager=tool -f -", input: manifest)
    #expect(
      conflict.contains("conflict with \"kubectl-set\" using apps/v1: .spec.template.spec.containers[name=\"b\"].image")
    )
    let forced = try await kubectl.run(
      "apply --server-side --field-manager=tool --force-conflicts -f -", input: manifest)
    #expect(forced.hasSuffix("deployment.apps/d serverside-applied\n"))
    #expect(try await kubectl.run("delete deployment d").contains("deleted"))
    #expect(try await kubectl.run("get deployment d").contains("(NotFound): deployments.apps \"d\" not found"))
    await kubectl.stop()
  }

  @Test func followsChangesAndLogs() async throws {
    let log = try LogFile("one\ntwo\n")
    let kubectl = try await Kubectl(logs: OneLog(file: log))
    try kubectl.cluster.put(
      .pods,
      ["metadata": ["name": "p", "namespace": "bookinfo"], "spec": ["containers": [["name": "app"]]]])
    #expect(try await kubectl.run("logs p --tail=1") == "two\n")
    async let watched = kubectl.run("get vs -w --no-headers | head -n 2")
    async let followed = kubectl.run("logs -f p | head -n 3")
    // Both are watched by now or will begin later: a change each until they have seen enough.
    let writing = Task {
      for number in 1... {
        try Task.checkCancellation()
        log.append("three\n")
        _ = try await kubectl.cluster.send(
          "PATCH", reviews, "{\"metadata\":{\"labels\":{\"n\":\"\(number)\"}}}", as: "application/merge-patch+json")
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    #expect(try await followed == "one\ntwo\nthree\n")
    #expect(try await watched.split(separator: "\n").count == 2)
    writing.cancel()
    await kubectl.stop()
  }
}

/// kubectl pointed at an API server of its own.
struct Kubectl {
  static let path: String? = {
    if let path = getenv("MESHDECK_KUBECTL") { return String(cString: path) }
    let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
    return folders.map { "\($0)/kubectl" }.first { access($0, X_OK) == 0 }
  }()

  let cluster: TestCluster
  private let server: APIServer
  private let folder: TemporaryFolder

  init(logs: any LogSource = NoLogs()) async throws {
    cluster = try TestCluster(logs: logs)
    server = try await APIServer.start(
      on: .tcp(host: "127.0.0.1", port: 0), objects: cluster.store, settings: cluster.handler.settings)
    folder = try TemporaryFolder()
  }

  /// Runs one command, at most 20 seconds, and gives what it wrote to both outputs.
  func run(_ command: String, input: String = "", environment: String = "") async throws -> String {
    let program =
      "timeout 20 \(Self.path ?? "kubectl") --server http://\(server.address) --cache-dir \(folder.path) -n bookinfo"
    let line = "{ \(environment) KUBECONFIG=/dev/null \(program) \(command) ; } 2>&1 <<'END'\n\(input)\nEND\n"
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "blocking").async {
        guard let pipe = popen(line, "r") else {
          return continuation.resume(throwing: RawClientError(call: "popen", number: errno))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        pclose(pipe)
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  func stop() async {
    await server.stop()
  }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    var result = ""
    var rest = Substring(self)
    while let first = rest.first {
      if rest.hasPrefix(part) {
        result += other
        rest = rest.dropFirst(part.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
