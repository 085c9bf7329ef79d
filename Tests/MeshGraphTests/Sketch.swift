import MeshGraph

/// A graph written as text: a line for each edge, `a -> b 240/s`; for a node alone, `a`; for a group, `reviews: v1 v2`.
struct Sketch {
  private(set) var graph = LayoutGraph(nodes: [], edges: [])
  private(set) var labels: [String] = []
  private var places: [String: Int] = [:]
  private let columns: Int
  private let rows: Int

  init(_ text: String, columns: Int = 16, rows: Int = 4) {
    self.columns = columns
    self.rows = rows
    for line in text.split(separator: "\n") {
      if let colon = line.firstIndex(of: ":") {
        let key = String(line[..<colon])
        graph.groups.append(LayoutGraph.Group(key: key, columns: key.count + 6))
        for member in line[line.index(after: colon)...].split(separator: " ") {
          graph.nodes[node(String(member))].group = graph.groups.count - 1
        }
        continue
      }
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 2 else {
        words.forEach { _ = node($0) }
        continue
      }
      let label = words.count > 3 ? words[3] : ""
      graph.edges.append(LayoutGraph.Edge(from: node(words[0]), to: node(words[2]), label: label.count))
      labels.append(label)
    }
  }

  private mutating func node(_ key: String) -> Int {
    if let place = places[key] { return place }
    places[key] = graph.nodes.count
    graph.nodes.append(LayoutGraph.Node(key: key, columns: columns, rows: rows))
    return graph.nodes.count - 1
  }

  var picture: String { GraphPicture(graph, GraphLayout(graph), labels: labels).text }
}
