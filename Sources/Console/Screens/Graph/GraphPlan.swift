import MeshGraph
import MeshModel
import TerminalUI

/// Where everything of a graph stands on the plane. Laid out anew only when a node, an edge or the size of a box
/// changes: figures have room of their own, whatever they say.
struct GraphPlan: Equatable, Sendable {
  /// A border and a blank at each side.
  static let boxColumns = 4
  /// Room for a rate with a share of errors, `999/s 31%`.
  static let labelColumns = 9
  static let figureColumns = 13
  /// Room for `75 asked 75.3 seen`.
  static let splitColumns = 18

  private(set) var graph = LayoutGraph(nodes: [], edges: [])
  private(set) var layout: GraphLayout?
  /// Whether boxes are named by their namespaces too.
  private(set) var isNamed = false

  var columns: Int { layout?.columns ?? 0 }
  var rows: Int { layout?.rows ?? 0 }

  mutating func lay(out shown: ServiceGraph, isNamed: Bool, nameColumns: Int) {
    self.isNamed = isNamed
    let new = LayoutGraph(shown, isNamed: isNamed, nameColumns: nameColumns)
    guard new != graph || layout == nil else { return }
    // Where most edges are new, what stood well before does not now.
    let isKept = 2 * new.edgeKeys.subtracting(graph.edgeKeys).count <= new.edges.count
    layout = GraphLayout(new, keeping: isKept ? layout.map { (graph, $0) } : nil)
    graph = new
  }

  /// The boxes of what is selected, of an edge both, the one that it leads to first.
  func boxes(of selection: GraphScreen.Selection, in shown: ServiceGraph) -> [GridRect] {
    switch selection {
    case .node(let id): [rect(of: id, in: shown)].compactMap { $0 }
    case .edge(let id): [rect(of: id.destination, in: shown), rect(of: id.source, in: shown)].compactMap { $0 }
    }
  }

  func rect(of id: ServiceGraph.NodeID, in shown: ServiceGraph) -> GridRect? {
    guard let layout, let place = shown.nodes.firstIndex(where: { $0.id == id }), place < layout.nodes.count else {
      return nil
    }
    return layout.nodes[place]
  }
}

extension LayoutGraph {
  /// Nodes and edges in the order of the graph's, a group for each service whose versions stand apart.
  init(_ shown: ServiceGraph, isNamed: Bool, nameColumns: Int) {
    let boxes = shown.boxes
    var groupOf: [Int: Int] = [:]
    for (place, box) in boxes.enumerated() {
      for node in box.nodes { groupOf[node] = place }
    }
    let nodes = shown.nodes.enumerated().map { place, node in
      let name = Line(node.name(isInBox: groupOf[place] != nil)).columns
      let inner = max(min(name, nameColumns) + 2, node.split == nil ? GraphPlan.figureColumns : GraphPlan.splitColumns)
      return Node(
        key: node.id.key, columns: inner + GraphPlan.boxColumns, rows: node.split == nil ? 4 : 5, group: groupOf[place])
    }
    let groups = boxes.map { box in
      let title = Line(isNamed ? "\(box.service)" : box.service.name).columns
      return Group(key: box.service.key, columns: min(title, nameColumns + 10) + 8)
    }
    let places = Dictionary(uniqueKeysWithValues: shown.nodes.enumerated().map { ($1.id, $0) })
    let edges = shown.edges.compactMap { edge -> Edge? in
      guard let source = places[edge.id.source], let destination = places[edge.id.destination] else { return nil }
      return Edge(from: source, to: destination, label: GraphPlan.labelColumns)
    }
    self.init(nodes: nodes, groups: groups, edges: edges)
  }
}

extension LayoutGraph {
  /// The edges by the keys of their ends.
  fileprivate var edgeKeys: Set<[String]> { Set(edges.map { [nodes[$0.source].key, nodes[$0.destination].key] }) }
}

extension ServiceGraph.NodeID {
  /// Its name for ever: no two have the same, whatever they are called.
  fileprivate var key: String {
    switch self {
    case .mesh(let node):
      let version = node.version.map { "/\($0)" } ?? ""
      return "\(node.kind.rawValue)/\(node.namespace)/\(node.name)\(version)"
        + " \(node.namespace.utf8.count) \(node.name.utf8.count)"
    case .namespace(let name): return "namespace/\(name)"
    case .healthy(let namespace, let layer): return "healthy/\(namespace)/\(layer)"
    }
  }
}

extension ServiceID {
  fileprivate var key: String { "\(self) \(namespace.utf8.count)" }
}

extension ServiceGraph.Node {
  /// What stands in the box: within its service's box the version alone.
  func name(isInBox: Bool) -> String {
    switch id {
    case .mesh(let node): isInBox ? node.version ?? "no version" : title
    case .namespace(let name): name
    case .healthy: "\(services) \(health == .idle ? "idle" : "healthy")"
    }
  }

  /// Whether it is a service, or several.
  var isService: Bool { if case .mesh(let node) = id { node.kind == .service } else { true } }

  /// What it is, where that is no service.
  var kindName: String? {
    switch id {
    case .mesh(let node) where node.kind == .service || node.kind.name == node.name: nil
    case .mesh(let node): node.kind.name
    case .namespace: Figures.count(services, "service", "services")
    case .healthy: "services"
    }
  }

  /// As it is called in few cells: of a version of a service that alone.
  var shortTitle: String { name(isInBox: hasSiblings) }

  /// As it is called in a sentence.
  var title: String {
    switch id {
    case .mesh(let node): hasSiblings ? "\(node)" : node.name
    case .namespace(let name): "namespace \(name)"
    case .healthy: "\(name(isInBox: false)) services"
    }
  }
}
