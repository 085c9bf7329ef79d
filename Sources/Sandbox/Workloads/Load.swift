internal import Synchronization
internal import Transport

/// A steady load on the gateway: an open loop, so that a slow mesh does not get fewer requests.
final class Load: Sendable {
  private let request: HTTPRequest
  private let client: any HTTPClient
  private let requestsPerSecond: Double
  private let underWay = Atomic(0)
  /// More than this at once are not sent: a mesh that hangs must not fill the memory.
  private static let limit = 256

  init(on gateway: Endpoint, requestsPerSecond: Double, over client: any HTTPClient) {
    request = HTTPRequest(
      .get, gateway, "/productpage", headers: ["Host": "bookinfo.example.com", "User-Agent": "Mozilla/5.0"],
      headDeadline: .seconds(30), deadline: .seconds(30))
    self.client = client
    self.requestsPerSecond = requestsPerSecond
  }

  /// Runs until the task is cancelled.
  func run() async {
    guard requestsPerSecond > 0 else { return }
    await withDiscardingTaskGroup { group in
      let interval = Duration.seconds(1) / requestsPerSecond
      var next = ContinuousClock.now
      while !Task.isCancelled {
        next += interval
        // After a pause of the whole process the missed ones are not made up for.
        if next < .now - .seconds(1) { next = .now }
        do { try await Task.sleep(until: next) } catch { break }
        guard underWay.load(ordering: .relaxed) < Self.limit else { continue }
        underWay.add(1, ordering: .relaxed)
        group.addTask {
          await self.sendOne()
          self.underWay.subtract(1, ordering: .relaxed)
        }
      }
      group.cancelAll()
    }
  }

  /// What becomes of a request the proxies say; the client has no opinion.
  private func sendOne() async {
    guard let response = try? await client.send(request) else { return }
    _ = try? await response.body.collect(upTo: 1 << 20)
  }
}
