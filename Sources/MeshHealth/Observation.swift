public import MeshModel

/// All that is known of a mesh at a moment, for a diagnosis. What is not known is `nil`: nothing follows from it.
public struct Observation: Equatable, Sendable {
  public var now: Timestamp
  public var edges: EdgeSample?
  public var traffic: TrafficSample?
  public var routes: [Route]
  public var topology: Topology?
  public var report: ProxyReport?
  /// Newest first.
  public var changes: [ObservedChange]

  public init(
    now: Timestamp, edges: EdgeSample? = nil, traffic: TrafficSample? = nil, routes: [Route] = [],
    topology: Topology? = nil, report: ProxyReport? = nil, changes: [ObservedChange] = []
  ) {
    self.now = now
    self.edges = edges
    self.traffic = traffic
    self.routes = routes
    self.topology = topology
    self.report = report
    self.changes = changes
  }
}
