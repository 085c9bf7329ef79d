import MeshModel
import ProxyLogs
import Synchronization
import Transport
import KubernetesAPI

/// Everything that is followed of one scope. Nothing is asked of anybody before somebody wants to know it.
final class Area: Sendable {
  let asked: Hub<Asked>
  let routes: Hub<[Route]>
  let report: Hub<ProxyReport>
  let topology: Hub<Topology>
  private let endpointsSeen: Hub<EndpointWatch.Seen>
  let changes: Hub<[ObservedChange]>
  let traffic: TrafficWatch
  private let watches: SharedWatches
  /// Its producer counts requests; what it gives is read from `traffic`.
  private let counting: Hub<Void>
  private let samples = Mutex<[Duration: Hub<TrafficSample>]>([:])
  private let edgeSources: EdgeSources
  private let edgeSamples = Mutex<[Duration: Hub<EdgeSample>]>([:])
  private let loggedEdges = Mutex<[Duration: Hub<EdgeSample>]>([:])
  private let scope: Scope
  private let clock: MeshClock

  init(
    _ scope: Scope, kubernetes: KubernetesClient, networking: IstioNetworking, client: any HTTPClient,
    endpoints: [ProxyEndpoint], planes: Int, board: ProxyBoard, edgeSources: EdgeSources, clock: MeshClock,
    formats: [AccessLogFormat] = []
  ) {
    self.clock = clock
    self.scope = scope
    self.edgeSources = edgeSources
    let watches = SharedWatches(kubernetes, networking: networking, in: scope, clock: clock)
    self.watches = watches
    let asked = Hub<Asked> { hub in
      await AskedWatch(watches, clock: clock).run(hub)
    }
    let report = Hub<ProxyReport> { hub in
      await ReportWatch(
        scope: scope, asked: asked, board: board, endpoints: endpoints.count, planes: planes, clock: clock
      ).run(hub)
    }
    let traffic = TrafficWatch(
      kubernetes: kubernetes, client: client, endpoints: endpoints, asked: asked, report: report, board: board,
      clock: clock, formats: formats)
    self.asked = asked
    self.report = report
    self.traffic = traffic
    counting = Hub { _ in await traffic.run() }
    let seen = Hub<EndpointWatch.Seen> { hub in
      await EndpointWatch(endpoints: endpoints, client: client, board: board, clock: clock).run(hub)
    }
    endpointsSeen = seen
    topology = Hub { hub in
      board.state.start()
      await TopologyWatch(asked: asked, endpoints: seen, clock: clock).run(hub)
    }
    changes = Hub { hub in
      await ChangeWatch(kubernetes, watches, served: networking.served, in: scope, clock: clock).run(hub)
    }
    routes = Hub { hub in
      for await event in asked.feed() {
        switch event {
        case .connecting: break
        case .value(let asked): if asked.routes != hub.newest || hub.trouble != nil { hub.publish(asked.routes) }
        case .trouble(let trouble): hub.publish(trouble)
        }
      }
    }
  }

  func startCounting() { counting.start() }

  func checker(_ kubernetes: KubernetesClient, _ networking: IstioNetworking) -> ChangeChecker {
    ChangeChecker(
      kubernetes: kubernetes, scope: scope, watches: watches, traffic: traffic, networking: networking, clock: clock)
  }

  /// One for each window, however many readers it has.
  func samples(over window: Duration) -> Hub<TrafficSample> {
    samples.withLock { samples in
      if let known = samples[window] { return known }
      let hub = sampling { $0.sample(over: window) }
      samples[window] = hub
      return hub
    }
  }

  /// What one rule did, for one reader.
  func samples(over window: Duration, of route: RouteID) -> Feed<TrafficSample> {
    sampling { $0.sample(over: window, of: route) }.feed(isOnly: true)
  }

  /// One for each window, however many readers it has.
  func edges(over window: Duration) -> Hub<EdgeSample> {
    edgeSamples.withLock { samples in
      if let known = samples[window] { return known }
      let hub = edges(over: window, until: nil)
      samples[window] = hub
      return hub
    }
  }

  /// The past moment's, for one reader; of now where there is no moment.
  func edges(over window: Duration, until moment: Timestamp?) -> Hub<EdgeSample> {
    edgeSources.edges(
      in: scope, over: window, at: moment,
      names: { [asked] in
        asked.start()
        return EdgeNames(asked.newest ?? Asked())
      },
      logs: edgesOfLogs(over: window))
  }

  private func edgesOfLogs(over window: Duration) -> Hub<EdgeSample> {
    loggedEdges.withLock { edges in
      if let known = edges[window] { return known }
      let hub = sampling { $0.edges(over: window) }
      edges[window] = hub
      return hub
    }
  }

  private func sampling<Sample: Sendable>(
    _ take: @escaping @Sendable (TrafficWatch) -> Sample
  ) -> Hub<Sample> {
    Hub { [traffic, counting, clock] hub in
      counting.start()
      let began = clock.now()
      var additions: Int?
      var pause = Duration.milliseconds(50)
      while !Task.isCancelled {
        let trouble = traffic.trouble
        let now = traffic.additions
        // While nothing can be read the last sample stays, and its age tells how old it is: one of a window that slides
        // over nothing would say that nobody sends requests.
        if trouble == nil || now != additions {
          let sample = take(traffic)
          // At first a sample says how little has been read, not how little was sent.
          let patience: Duration = traffic.isReadingBack ? .seconds(3) : .seconds(1)
          if hub.newest != nil || traffic.hasReadLogs || clock.now() - began >= patience {
            hub.publish(sample)
            additions = now
          }
        }
        if let trouble { hub.publish(trouble) }
        await clock.sleep(pause)
        // Often at first, until the logs have been read; then at the pace of a person's eye.
        pause = min(pause * 1.5, .seconds(1))
      }
    }
  }

  func close() {
    watches.close()
    topology.close()
    endpointsSeen.close()
    for hub in loggedEdges.withLock({ Array($0.values) }) { hub.close() }
    changes.close()
    asked.close()
    routes.close()
    report.close()
    counting.close()
    for hub in samples.withLock({ Array($0.values) }) { hub.close() }
    for hub in edgeSamples.withLock({ Array($0.values) }) { hub.close() }
  }
}
