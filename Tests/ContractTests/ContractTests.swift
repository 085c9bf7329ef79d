import CurlTransport
import FoundationEssentials
import Glibc
import KubernetesAPI
import SandboxClient
import Testing
import Transport

/// Where the sandbox may differ from real servers, and why. Each must really differ: one that no longer does is to be
/// taken off this list.
private let permittedDeviations: [(contract: String, lacking: String, reason: String)] = [
  (
    "kube/endpointslice_loopback_address_422", "status",
    "the sandbox's pods live on loopback addresses, so its EndpointSlices must hold them"
  ),
  ("istiod/debug_syncz", "endpoints", "its proxies read files: endpoints stand inside their clusters"),
  (
    "envoy/productpage/config_dump_routes_mask", "no versions, as with delta xDS",
    "resources that come by files have a version_info"
  ),
]

private let contracts = kubernetesContracts + meshContracts

private let recordings = ProcessInfo.processInfo.environment["MESHDECK_RECORDINGS"].flatMap { $0.isEmpty ? nil : $0 }

@Suite struct ContractTests {
  @Suite(.enabled(if: recordings != nil, "MESHDECK_RECORDINGS names no recordings of real servers"))
  struct Recorded {
    @Test(arguments: contracts) func realServersHoldIt(_ contract: Contract) throws {
      let folder = try #require(recordings)
      let path = "\(folder)/\(contract.name)"
      let head = try String(contentsOfFile: path + ".head", encoding: .utf8)
      let body = [".json", ".txt"].lazy.compactMap { FileManager.default.contents(atPath: path + $0) }.first
      let recording = try #require(Recording(head: head, body: body.map(Array.init) ?? []))
      let status = try #require(recording.status)
      let answer = Answer(status: status, headers: recording.headers, body: recording.body)
      #expect(contract.complaints(answer) == [])
    }
  }

  @Suite(.enabled(if: isEnvoyThere || getenv("CI") != nil, "Envoy (MESHDECK_ENVOY) is missing"))
  struct Sandboxed {
    @Test func theSandboxHoldsThemToo() async throws {
      let client = CurlClient()
      defer { client.close() }
      var deviating: Set<String> = []
      for (scenario, contracts) in Dictionary(grouping: contracts, by: \.scenario) {
        let sandbox = try SandboxProcess(options: ["--scenario", scenario, "--rps", "5"])
        defer { sandbox.stop() }
        for contract in contracts {
          let answer = try await ask(contract, of: sandbox.ready, over: client)
          let complaints = contract.complaints(answer)
          guard let first = complaints.first else { continue }
          let permitted = permittedDeviations.first { $0.contract == contract.name && first.hasPrefix($0.lacking) }
          if let permitted {
            deviating.insert(permitted.reason)
          } else {
            Issue.record("\(contract.name): \(complaints)")
          }
        }
      }
      for deviation in permittedDeviations {
        #expect(deviating.contains(deviation.reason), "\(deviation.contract) no longer deviates")
      }
    }

    private func ask(
      _ contract: Contract, of ready: SandboxReady, over client: CurlClient
    ) async throws -> Answer {
      var headers = contract.headers
      let endpoint: Endpoint
      switch contract.server {
      case .istiod: endpoint = try #require(Endpoint(ready.istiod))
      case .proxy:
        let productpage = try #require(ready.proxies.first { $0.name.hasPrefix("productpage") })
        endpoint = try #require(Endpoint(productpage.admin))
      case .kubernetes(let user):
        let contexts: [Contract.Server.User: String] = [
          .admin: "sandbox", .viewer: "sandbox-viewer", .nobody: "sandbox-nobody",
        ]
        let access = try ClusterAccess.find(kubeconfig: ready.kubeconfig, context: contexts[user] ?? "sandbox")
        var server = access.endpoint
        if contexts[user] == nil { (server.tls.clientCertificate, server.tls.clientKey) = (nil, nil) }
        if case .token(let token) = access.credential { headers["Authorization"] = "Bearer \(token)" }
        if user == .unknownToken { headers["Authorization"] = "Bearer nobody-knows-this" }
        endpoint = server
      }
      let response = try await client.send(
        HTTPRequest(
          contract.method, endpoint, contract.target, headers: headers, body: contract.body.map { Array($0.utf8) }))
      return Answer(
        status: response.status, headers: response.headers, body: try await response.body.collect())
    }
  }
}

private let isEnvoyThere: Bool = {
  let named = getenv("MESHDECK_ENVOY").map { [String(cString: $0)] } ?? []
  let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
  return (named + folders.map { "\($0)/envoy" }).contains { access($0, X_OK) == 0 }
}()
