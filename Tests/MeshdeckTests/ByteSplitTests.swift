import FoundationEssentials
import JSON
import Peers
import Pseudoterminal
import SandboxClient
import Testing

extension ProgramTests {
  /// Splits of connections: `tls` and `tcp` rules, read back from the listeners of real Envoys.
  @Suite struct ByteSplitTests {
    private static let manifest = """
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: bookinfo}
      spec:
        clusterIP: 10.96.9.130
        selector: {app: reviews}
        ports: [{name: tcp-db, port: 3306, protocol: TCP}, {name: tls-db, port: 5432, protocol: TCP}]
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: db, namespace: bookinfo}
      spec:
        host: db
        subsets: [{name: v1, labels: {version: v1}}, {name: v3, labels: {version: v3}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db, namespace: bookinfo}
      spec:
        hosts: [db]
        tcp:
        - match: [{port: 3306}]
          route:
          - {destination: {host: db, subset: v1}, weight: 90}
          - {destination: {host: db, subset: v3}, weight: 10}
        tls:
        - match: [{port: 5432, sniHosts: [db.example.com]}]
          route:
          - {destination: {host: db, subset: v1}, weight: 1}
          - {destination: {host: db, subset: v3}, weight: 1}

      """

    @Test func rulesOfTCPAndTLSAreChangedAndSeenInEveryProxy() throws {
      let mesh = try RunningSandbox("--scenario", "calm", "--rps", "5")
      let file = "\(mesh.state.path)/db.yaml"
      try Self.manifest.write(toFile: file, atomically: true, encoding: .utf8)
      try mesh.kubectl("apply", "-f", file)
      for (rule, path) in [("tcp/0", "tcp"), ("tls/0", "tls")] {
        let run = try mesh.meshdeck(
          "split", "set", "db", "--rule", rule, "v1=25%", "v3=75%", "--yes", "-o", "json")
        #expect(run.code == 0, "\(run.errors)")
        #expect(try JSONValue(printed: run)["applied"]?["taken"] == 6, "\(run.output)")
        let weights = try mesh.kubectl("get", "vs", "db", "-o", "jsonpath={.spec.\(path)[0].route[*].weight}")
        #expect(weights == "25 75")
      }
      let undo = try mesh.meshdeck("split", "undo", "--yes", "-o", "json")
      #expect(undo.code == 0, "\(undo.errors)")
      #expect(try JSONValue(printed: undo)["applied"]?["taken"] == 6, "\(undo.output)")
      #expect(try mesh.kubectl("get", "vs", "db", "-o", "jsonpath={.spec.tls[0].route[*].weight}") == "1 1")
    }
  }
}
