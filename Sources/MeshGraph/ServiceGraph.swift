public import MeshModel

/// Who sends what to whom, as it is drawn: what the figures tell, what there is besides, and how each fares.
///
/// Built from what is known in ordered passes (`GraphPasses`); what hides or folds a part of it gives another graph.
public struct ServiceGraph: Equatable, Sendable {
  /// What stands in one box.
  public enum NodeID: Hashable, Comparable, Sendable {
    case mesh(MeshNode)
    /// All of a namespace in one.
    case namespace(String)
    /// Services of a namespace that are well, so many calls away from where its requests come in.
    case healthy(namespace: String, layer: Int)
  }

  public struct Node: Identifiable, Equatable, Sendable {
    public let id: NodeID
    /// What it is or, where it is several in one, what they are, in order.
    public var members: [MeshNode]
    /// Whether other versions of its service stand beside it.
    public var hasSiblings = false
    public var health = GraphHealth.idle
    /// How many of several in one are unhealthy.
    public var unhealthy = 0
    /// All that was sent to it; of what nobody is seen to call, all that it sent. `nil` is not known, which is not zero.
    /// Of several callers the percentiles are the slowest one's.
    public var traffic: EdgeTraffic?
    /// The one caller whose requests fail, where those of all callers together do not fare as badly.
    public var culprit: Culprit?
    public var split: Split?
    /// What routing does to its requests besides sending them there.
    public var marks: [Topology.Mark] = []
    public var security = EdgeTraffic.Security.unknown
    public var pods: Route.Readiness?
    /// How many of its endpoints some caller has taken out of its load balancing.
    public var ejected = 0
    /// Whether it is of none of the namespaces that are looked at.
    public var isOutside = false
    /// What is wrong with it or with what is sent to it, worst first.
    public var findings: [Finding.ID] = []

    public var isFold: Bool { if case .mesh = id { false } else { true } }
  }

  public struct Culprit: Hashable, Sendable {
    public var caller: MeshNode
    /// 0 to 1.
    public var errorRate: Double
  }

  /// How much of a service's requests a version is asked to take and takes, from 0 to 1. `nil` is not known.
  public struct Split: Hashable, Sendable {
    public var asked: Double?
    public var seen: Double?

    public init(asked: Double?, seen: Double?) {
      self.asked = asked
      self.seen = seen
    }
  }

  public struct Edge: Identifiable, Equatable, Sendable {
    public struct ID: Hashable, Comparable, Sendable {
      public let source: NodeID
      public let destination: NodeID
      public let traffic: EdgeID.Traffic

      public init(from source: NodeID, to destination: NodeID, _ traffic: EdgeID.Traffic = .http) {
        self.source = source
        self.destination = destination
        self.traffic = traffic
      }

      public static func < (one: ID, other: ID) -> Bool {
        (one.source, one.destination, one.traffic) < (other.source, other.destination, other.traffic)
      }
    }

    public let id: ID
    /// The edges of the sample that it is made of, in order.
    public var members: [EdgeID]
    public var traffic: EdgeTraffic
    public var health = GraphHealth.idle
    public var findings: [Finding.ID] = []
  }

  /// In the order of their identities.
  public internal(set) var nodes: [Node] = []
  public internal(set) var edges: [Edge] = []
  /// What routing does to the requests of services whose versions stand apart.
  public internal(set) var serviceMarks: [ServiceID: [Topology.Mark]] = [:]
  /// How much time the figures cover.
  public internal(set) var window: Duration = .zero

  public init() {}

  /// A count as requests each second; `nil` where no time was covered.
  public func perSecond(_ count: Double) -> Double? { window > .zero ? count / window.seconds : nil }

  /// Looked up by search: the nodes are ordered.
  public func node(_ id: NodeID) -> Node? { index(of: id).map { nodes[$0] } }

  public func edge(_ id: Edge.ID) -> Edge? {
    let place = edges.partitioningIndex { $0.id >= id }
    return place < edges.count && edges[place].id == id ? edges[place] : nil
  }

  func index(of id: NodeID) -> Int? {
    let place = nodes.partitioningIndex { $0.id >= id }
    return place < nodes.count && nodes[place].id == id ? place : nil
  }

  /// Where a node of the mesh stands, alone or within another.
  public func place(of member: MeshNode) -> NodeID? {
    if index(of: .mesh(member)) != nil { return .mesh(member) }
    return nodes.first { $0.isFold && $0.members.contains(member) }?.id
  }

  /// Services that stand in a box around their versions, in order, and the places of their nodes.
  public var boxes: [(service: ServiceID, nodes: [Int])] {
    // Versions of a service follow each other.
    var boxes: [(service: ServiceID, nodes: [Int])] = []
    for (place, node) in nodes.enumerated() {
      guard case .mesh(let member) = node.id, member.kind == .service else { continue }
      if boxes.last?.service == member.service {
        boxes[boxes.count - 1].nodes.append(place)
      } else {
        boxes.append((member.service, [place]))
      }
    }
    return boxes.filter { $0.nodes.count > 1 }
  }
}

extension ServiceGraph.NodeID {
  public var namespace: String {
    switch self {
    case .mesh(let node): node.namespace
    case .namespace(let name), .healthy(let name, _): name
    }
  }
}

extension Array {
  /// The first place for which the condition holds, in an array in which it holds for none before and all behind it.
  func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var low = 0, high = count
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
