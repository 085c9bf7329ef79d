import Glibc
import Testing

@testable import Sandbox

/// What the mesh's metrics say of the lines that proxies write.
@Suite struct MeshMetricsTests {
  private let caller = MeshPod.of("productpage", at: "127.77.1.11")
  private let callee = MeshPod.of("ratings", at: "127.77.1.16")
  private let services = #"[{"host":"ratings.bookinfo.svc.cluster.local","name":"ratings","namespace":"bookinfo"}]"#

  /// One line of a request log.
  private func line(
    _ reporter: String = "source", code: String = "200", flags: String = "-", services: String? = nil,
    took: String = "3", answered: String = "2", caller: String = "127.0.0.1", peer: String = "-", own: String = "-",
    route: String = "default", authority: String = "ratings:9080"
  ) -> String {
    [
      reporter, code, flags, "-", took, "137", "315", services ?? self.services, "127.77.1.16:9080", answered, caller,
      peer, own, route, authority,
    ].joined(separator: "\t") + "\n"
  }

  /// The counted series of what one pod's proxy wrote, in their order.
  private func counted(_ text: String, by pod: MeshPod) async throws -> String {
    let folder = try TestFolder()
    let counter = RequestCounter(pods: [caller, callee], folder: folder.path)
    try FileText.makeFolder(pod.files(in: folder.path).folder)
    FileText.append(Array(text.utf8), to: pod.files(in: folder.path).requests)
    return try await exposition(of: counter)
  }

  private func exposition(of counter: RequestCounter) async throws -> String {
    var text: [UInt8] = []
    try await counter.upToDate().write { text += $0 }
    return String(decoding: text, as: UTF8.self)
  }

  private func labels(_ metrics: String, of name: String = "istio_requests_total") -> [[String: String]] {
    metrics.split(separator: "\n").filter { $0.hasPrefix(name + "{") }.map { line in
      let inner = line.dropFirst(name.count + 1).prefix { $0 != "}" }
      let pairs = inner.split(separator: "\",").map { label in
        let parts = label.split(separator: "=\"", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts[1].filter { $0 != "\"" })
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }
  }

  @Test func aSeriesIsWrittenAsIstiosProxiesWriteIt() async throws {
    let text = try await counted(line(), by: caller)
    #expect(
      text.hasPrefix(
        """
        # TYPE istio_requests_total counter
        istio_requests_total{reporter="source",source_workload="productpage-v1",source_canonical_service="productpage",\
        source_canonical_revision="v1",source_workload_namespace="bookinfo",source_principal="unknown",\
        source_app="productpage",source_version="v1",source_cluster="Kubernetes",destination_workload="ratings-v1",\
        destination_workload_namespace="bookinfo",destination_principal="unknown",destination_app="ratings",\
        destination_version="v1",destination_service="ratings.bookinfo.svc.cluster.local",\
        destination_canonical_service="ratings",destination_canonical_revision="v1",destination_service_name="ratings",\
        destination_service_namespace="bookinfo",destination_cluster="Kubernetes",request_protocol="http",\
        response_code="200",grpc_response_status="",response_flags="-",connection_security_policy="unknown",\
        pod="productpage-v1-7d4b9c6f8-x4l2p",namespace="bookinfo"} 1
        # TYPE istio_request_duration_milliseconds histogram

        """))
  }

  @Test func aDestinationThatDidNotAnswerIsUnknown() async throws {
    let series = labels(
      try await counted(
        line(code: "503", flags: "URX,UF", answered: "-") + line(code: "0", flags: "DC", answered: "-")
          + line(code: "404", flags: "NR", services: "-", answered: "-", route: "-", authority: "nowhere")
          + line(code: "502", services: "-", answered: "-", route: "block_all", authority: "nowhere"), by: caller))
    #expect(series.map { $0["response_code"] } == ["503", "0", "404", "502"])
    #expect(series.map { $0["response_flags"] } == ["URX,UF", "DC", "NR", "-"])
    #expect(series.allSatisfy { $0["destination_workload"] == "unknown" && $0["source_workload"] == "productpage-v1" })
    #expect(series.map { $0["destination_service_name"] } == ["ratings", "ratings", "nowhere", "BlackHoleCluster"])
    #expect(series.map { $0["destination_service_namespace"] } == ["bookinfo", "bookinfo", "unknown", "unknown"])
  }

  @Test func aDestinationTellsWhoCalledAndHow() async throws {
    let (peer, own) = ("spiffe://cluster.local/ns/bookinfo/sa/a", "spiffe://cluster.local/ns/bookinfo/sa/b")
    let series = labels(
      try await counted(
        line("destination", caller: "127.77.1.11", peer: peer, own: own) + line("destination"), by: callee))
    #expect(series.map { $0["source_workload"] } == ["productpage-v1", "unknown"])
    #expect(series.map { $0["source_principal"] } == [peer, "unknown"])
    #expect(series.map { $0["destination_principal"] } == [own, "unknown"])
    #expect(series.map { $0["connection_security_policy"] } == ["mutual_tls", "none"])
  }

  @Test func durationsFallIntoIstiosBuckets() async throws {
    let text = try await counted(["0", "5", "6", "70000000"].map { line(took: $0) }.joined(), by: caller)
    let name = "istio_request_duration_milliseconds"
    let buckets = text.split(separator: "\n").filter { $0.hasPrefix(name) }.map { line in
      let bound = line.split(separator: "le=\"").last?.prefix { $0 != "\"" } ?? ""
      return (line.hasPrefix("\(name)_bucket") ? "\(bound) " : "") + (line.split(separator: " ").last ?? "")
    }
    #expect(
      buckets == [
        "0.5 1", "1 1", "5 2", "10 3", "25 3", "50 3", "100 3", "250 3", "500 3", "1000 3", "2500 3", "5000 3",
        "10000 3", "30000 3", "60000 3", "300000 3", "600000 3", "1800000 3", "3600000 3", "+Inf 4", "70000011", "4",
      ])
  }

  @Test func whatAClientWritesStaysInItsLabel() async throws {
    let text = try await counted(line(services: "-", authority: #"a"} 7\"#), by: caller)
    #expect(text.contains(#"destination_service="a\"} 7\\","#))
  }

  @Test func eachLineIsCountedOnceHoweverItArrives() async throws {
    let folder = try TestFolder()
    let files = caller.files(in: folder.path)
    try FileText.makeFolder(files.folder)
    // What an earlier sandbox left.
    FileText.append(Array(line().utf8), to: files.requests)
    let counter = RequestCounter(pods: [caller], folder: folder.path)
    func total() async throws -> Int {
      try await exposition(of: counter).split(separator: "\n").first { $0.hasPrefix("istio_requests_total{") }
        .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }
    #expect(try await total() == 0)
    let bytes = Array(line().utf8)
    FileText.append(Array(bytes[..<40]), to: files.requests)
    #expect(try await total() == 0)
    FileText.append(Array(bytes[40...]) + bytes, to: files.requests)
    #expect(try await total() == 2)
    // More than is read at once, and enough to be given back to the file system.
    let many = (5 << 20) / bytes.count
    FileText.append((0..<many).flatMap { _ in bytes }, to: files.requests)
    #expect(try await total() == many + 2)
    var information = stat()
    #expect(stat(files.requests, &information) == 0)
    #expect(information.st_size == off_t((many + 3) * bytes.count))
    #expect(information.st_blocks * 512 < 1 << 20)
    FileText.append(bytes, to: files.requests)
    #expect(try await total() == many + 3)
  }
}

extension MeshPod {
  fileprivate static func of(_ app: String, at address: String) -> MeshPod {
    MeshPod(
      role: .sidecar, name: "\(app)-v1-7d4b9c6f8-x4l2p", namespace: "bookinfo", workload: "\(app)-v1",
      templateHash: "7d4b9c6f8", labels: ["app": app, "version": "v1"], serviceAccount: app, address: address,
      applicationAddress: nil)
  }
}

/// A folder of a test's own, gone at the end.
final class TestFolder: Sendable {
  let path: String

  init() throws { path = try Folder.makeTemporary() }

  deinit { Folder.remove(path) }
}
