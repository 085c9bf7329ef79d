import Glibc
import MeshGraph
import Peers

/// Graphviz' `dot`, laying out the same graph from left to right.
struct Dot {
  private let folder: TemporaryFolder
  private var input: String { folder.path + "/graph.dot" }
  private var output: String { folder.path + "/graph.plain" }

  init(_ graph: LayoutGraph) throws {
    folder = try TemporaryFolder()
    var text = "digraph { rankdir=LR; node [shape=box fixedsize=true width=1.6 height=0.8 label=\"\"];\n"
    for node in graph.nodes.indices { text += "\(node);\n" }
    for edge in graph.edges { text += "\(edge.source) -> \(edge.destination);\n" }
    try folder.write("graph.dot", Array((text + "}\n").utf8))
  }

  func run() throws {
    unlink(output)
    try ChildProcess.run("dot", ["-Tplain", "-o", output, input])
  }

  /// The edges as last drawn, their curves as lines (`-Tplain`: tail, head, number of points, points: the first, then
  /// three for each Bézier curve).
  func lines() throws -> Polylines {
    let file = open(output, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PeerFailure("dot wrote nothing") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(file, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return Polylines(
      lines: try bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
        let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard words.first == "edge" else { return nil }
        guard words.count > 3, let source = Int(words[1]), let destination = Int(words[2]), let count = Int(words[3]),
          count % 3 == 1, words.count >= 4 + 2 * count
        else { throw PeerFailure("dot wrote \(words.joined(separator: " "))") }
        let numbers = words[4..<4 + 2 * count].map { Double($0) ?? .nan }
        let points = (0..<count).map { (x: numbers[2 * $0], y: numbers[2 * $0 + 1]) }
        return Polylines.Line(source: source, destination: destination, points: Self.flattened(points))
      })
  }

  private static func flattened(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var flat = [points[0]]
    for start in stride(from: 0, to: points.count - 1, by: 3) {
      for step in 1...10 {
        let t = Double(step) / 10, s = 1 - t
        let weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
        let x = (0..<4).reduce(0) { $0 + weights[$1] * points[start + $1].x }
        let y = (0..<4).reduce(0) { $0 + weights[$1] * points[start + $1].y }
        flat.append((x, y))
      }
    }
    return flat
  }
}
