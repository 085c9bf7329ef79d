import JSON
import Testing
import Transport

@testable import KubernetesAPI

private typealias Answer = ScriptedClient.Answer

@Suite struct ClientTests {
  @Test func readsAnObject() async throws {
    let http = ScriptedClient(Answer(200, podText("a b", version: 7)))
    let pod = try await client(over: http).get(Pod.self, in: "n", name: "a b")
    #expect(pod.name == "a b")
    let request = try #require(http.requests.first)
    #expect(request.target == "/api/v1/namespaces/n/pods/a%20b")
    #expect(request.headers["Authorization"] == "Bearer secret")
    #expect(request.headers["Accept"] == "application/json")
    #expect(request.headers["User-Agent"] == "meshdeck")
  }

  @Test func patchesWithEverythingThatSafeguardsIt() async throws {
    var answer = Answer(200, podText("a", version: 8))
    answer.headers = ["Warning": #"299 - "first""#]
    answer.headers.add("Warning", #"299 - "second""#)
    let http = ScriptedClient(answer)
    let patch = JSONPatch([.test(JSONPointer(["metadata", "resourceVersion"]), "7")])
    let written = try await client(over: http).patch(Pod.self, in: "n", name: "a", with: patch, mode: .dryRun)
    #expect(written.resource.object.resourceVersion == "8")
    #expect(written.warnings == ["first", "second"])
    let request = try #require(http.requests.first)
    #expect(request.method == .patch)
    #expect(
      request.target == "/api/v1/namespaces/n/pods/a?fieldManager=meshdeck&fieldValidation=Strict&dryRun=All")
    #expect(request.headers["Content-Type"] == "application/json-patch+json")
    #expect(request.body == patch.json.bytes())
    _ = try await client(over: http).patch(Pod.self, in: "n", name: "a", with: patch, mode: .forReal)
    #expect(http.requests.last?.target.contains("dryRun") == false)
  }

  @Test func nothingIsWrittenWhileReadOnly() async throws {
    let http = ScriptedClient(Answer(200, #"{"status":{"allowed":true}}"#))
    let reader = client(over: http, gate: .readOnly)
    await #expect(throws: KubernetesError.self) {
      try await reader.patch(Pod.self, in: "n", name: "a", with: JSONPatch(), mode: .dryRun)
    }
    await #expect(throws: KubernetesError.self) {
      try await reader.merge(Pod.self, in: "n", name: "a", patch: [:], mode: .forReal)
    }
    await #expect(throws: KubernetesError.self) { try await reader.create(Pod.self, in: "n", [:], mode: .forReal) }
    let refusal = WriteGate.Refusal(method: .delete, path: "/api/v1/namespaces/n/pods/a")
    await #expect(throws: KubernetesError.readOnly(refusal)) {
      _ = try await reader.delete(.pod, in: "n", name: "a", mode: .forReal)
    }
    #expect(
      KubernetesError.readOnly(refusal).description == "read-only: DELETE /api/v1/namespaces/n/pods/a was not sent")
    #expect(http.requests.isEmpty)
    // Asking is no writing.
    #expect(try await reader.mayI(AccessQuestion("patch", .service, in: "n")) == .allowed)
    #expect(http.requests.count == 1)
  }

  @Test(arguments: [
    ("editor", AccessAnswer.allowed), ("viewer", .denied(reason: nil)), ("nobody", .denied(reason: nil)),
  ])
  func readsRecordedReviews(_ who: String, _ expected: AccessAnswer) async throws {
    guard let body = try recording("kube/selfsubjectaccessreview_\(who)_patch_vs.json") else { return }
    let http = ScriptedClient(Answer(201, String(decoding: body, as: UTF8.self)))
    let answer = try await client(over: http).mayI(AccessQuestion("patch", .service, in: "bookinfo"))
    #expect(answer == expected)
  }

  @Test func tellsWhichVersionsOfAGroupAreServed() async throws {
    let group = #"""
      {"kind":"APIGroup","name":"g","versions":[{"version":"v1beta1"},{"version":"v1"}],"preferredVersion":{"version":"v1"}}
      """#
    #expect(try await client(over: ScriptedClient(Answer(200, group))).servedVersions(of: "g") == ["v1", "v1beta1"])
    #expect(try await client(over: ScriptedClient(Answer(404, "404 page not found\n"))).servedVersions(of: "g") == [])
    await #expect(throws: KubernetesError.forbidden(message: "said so")) {
      try await client(over: ScriptedClient(Answer(403, status(403, "Forbidden")))).servedVersions(of: "g")
    }
  }

  @Test func listsAllPages() async throws {
    let http = ScriptedClient(
      Answer(200, podList([("b", 1)], version: 5, next: "t")), Answer(200, podList([("a", 1)], version: 5)))
    #expect(try await client(over: http).list(Pod.self).map(\.name) == ["a", "b"])
    #expect(http.requests.map(\.target) == ["/api/v1/pods?limit=500", "/api/v1/pods?limit=500&continue=t"])
  }

  @Test(arguments: ["", "{", "null", "[]", "{}", #"{"metadata":{}}"#, #"{"metadata":{"name":7}}"#])
  func whatIsNoObjectIsUnreadable(_ text: String) async throws {
    do throws(KubernetesError) {
      _ = try await client(over: ScriptedClient(Answer(200, text))).get(Pod.self, in: "n", name: "a")
      Issue.record("it was read")
    } catch {
      guard case .unreadable = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func aStatusWhoseBodyBreaksOffStillCounts() async throws {
    let http = ScriptedClient(Answer(403, "{", end: .brokenOff(reason: "reset")))
    do throws(KubernetesError) {
      _ = try await client(over: http).serverVersion()
      Issue.record("it was read")
    } catch {
      guard case .forbidden = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
