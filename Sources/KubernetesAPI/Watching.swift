import Transport

/// How long a watch may stay silent. API servers send a bookmark about every minute, so silence beyond this is most
/// often a dead connection; where it is not, the watch goes on from where it was.
private let silence = Duration.seconds(90)
private let longestEvent = 16 << 20

extension KubernetesClient {
  /// Follows all objects of a kind, in one namespace or in all, for as long as the stream is read. Never ends by
  /// error: what goes wrong stands in the state. A slow reader gets the newest state and misses those between.
  ///
  /// `keepsFieldOwners` keeps which fields each manager owns, to tell who wrote a path last; it costs memory.
  public func watch<Resource: KubernetesResource>(
    _: Resource.Type, as type: ResourceType = Resource.type, in namespace: String? = nil, labels: String? = nil,
    keepsFieldOwners: Bool = false
  ) -> AsyncStream<Watched<Resource>> {
    let query = ListQuery(type: type, namespace: namespace, labels: labels, keepsFieldOwners: keepsFieldOwners)
    return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let task = Task {
        var driver = WatchDriver<Resource>(client: self, query: query) { continuation.yield($0) }
        await driver.run()
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

/// Does what a `ListWatch` demands, and tells it what came of that.
private struct WatchDriver<Resource: KubernetesResource> {
  let client: KubernetesClient
  let query: ListQuery
  let publish: (Watched<Resource>) -> Void
  var machine = ListWatch<Resource>(seed: .random(in: 0 ... .max))

  init(client: KubernetesClient, query: ListQuery, publish: @escaping (Watched<Resource>) -> Void) {
    (self.client, self.query, self.publish) = (client, query, publish)
  }

  mutating func run() async {
    var demand = machine.start
    publish(machine.state)
    while !Task.isCancelled {
      switch demand {
      case .list(let next, let isPaged): demand = await list(continuing: next, isPaged: isPaged)
      case .watch(let version): demand = await watch(from: version)
      case .wait(let span):
        publish(machine.state)
        do { try await client.pause(span) } catch { return }
        demand = machine.step(.timer)
      case .goOn: preconditionFailure("the machine waits for nothing")
      }
    }
  }

  private mutating func list(continuing next: String?, isPaged: Bool) async -> ListWatch<Resource>.Demand {
    do throws(KubernetesError) {
      let page: ListPage<Resource> = try await client.page(
        query, continuing: next, limit: isPaged ? ListQuery.pageSize : nil)
      let demand = machine.step(.page(page))
      if page.next == nil { publish(machine.state) }
      return demand
    } catch {
      return machine.step(input(for: error))
    }
  }

  private mutating func watch(from version: String) async -> ListWatch<Resource>.Demand {
    let lifetime = Int.random(in: 300...600)
    var items: [(String, String?)] = [
      ("watch", "1"), ("resourceVersion", version), ("allowWatchBookmarks", "true"),
      ("timeoutSeconds", String(lifetime)),
    ]
    if let labels = query.labels { items.append(("labelSelector", labels)) }
    let path = query.type.path(in: query.namespace)
    let request = APIRequest(
      path: path, query: items, deadline: .seconds(lifetime + 30), headDeadline: .seconds(30), idleLimit: silence)
    let response: HTTPResponse
    do throws(KubernetesError) {
      response = try await client.send(request)
    } catch {
      return machine.step(input(for: error))
    }
    var demand = machine.step(.opened)
    publish(machine.state)
    var lines = LineSplitter(limit: longestEvent)
    var chunks = response.body.makeAsyncIterator()
    while case .goOn = demand {
      do throws(TransportError) {
        guard let chunk = try await chunks.next() else {
          let isWhole = lines.rest.bytes.isEmpty
          return machine.step(isWhole ? .ended : .broken(.brokenOff(reason: "in the middle of an event")))
        }
        demand = take(lines.take(chunk), path: path)
      } catch {
        return machine.step(.broken(error))
      }
    }
    return demand
  }

  /// Takes the events of a chunk, then publishes once.
  private mutating func take(_ lines: [LineSplitter.Line], path: String) -> ListWatch<Resource>.Demand {
    var demand = ListWatch<Resource>.Demand.goOn
    for line in lines where !line.bytes.allSatisfy({ $0 == 13 || $0 == 32 }) {
      do throws(NotAnEvent) {
        guard !line.isCut else { throw NotAnEvent(reason: "an event of more than \(longestEvent >> 20) MB") }
        let event = try WatchEvent<Resource>(line: Array(line.bytes), path: path, keepingFields: query.keepsFieldOwners)
        demand = machine.step(.event(event))
      } catch {
        demand = machine.step(.garbage(reason: error.reason))
      }
      if demand != .goOn { break }
    }
    if !lines.isEmpty { publish(machine.state) }
    return demand
  }

  private func input(for error: KubernetesError) -> ListWatch<Resource>.Input {
    if case .transport(let error) = error { .broken(error) } else { .refused(error) }
  }
}
