import MeshGraph
import Peers
import Testing

/// Layouts as text, committed beside the tests. `RECORD=1 swift test` writes them.
@Suite struct LayoutPictureTests {
  static let sketches = [
    "one": "a",
    "chain": "ingress -> web 240/s\nweb -> cart 12/s\ncart -> redis 12/s",
    "diamond": "a -> b 1/s\na -> c 2/s\nb -> d 3/s\nc -> d 4/s",
    "cycle": "a -> b 1/s\nb -> c 2/s\nc -> a 3/s\nc -> d 4/s",
    "self-call": "a -> b 1/s\nb -> b 9/s\nb -> c 2/s",
    "parallel": "a -> b http\na -> b tcp\nb -> c http\nb -> c grpc\nb -> c tcp",
    "both-ways": "a -> c 1/s\na -> d 2/s\nb -> c 3/s\nb -> d 4/s\nc -> a 5/s",
    "fan-in": "a -> db 1/s\nb -> db 2/s\nc -> db 3/s\nd -> db 4/s\ne -> db 5/s",
    "long": "a -> b 1/s\nb -> c 2/s\nc -> d 3/s\na -> d 4/s\na -> c 5/s\nd -> b 6/s",
    "parts": "gw -> web 1/s\nweb -> db 2/s\ncron -> mail 3/s\nidle1\nidle2\nidle3\nidle4\nidle5",
    "versions": """
    ingress -> productpage 240/s
    productpage -> details 240/s
    productpage -> v1 181/s
    productpage -> v3 59/s
    v1 -> ratings 181/s
    v3 -> ratings 41/s
    reviews: v1 v2 v3
    """,
    "versions-cycle": """
    a -> v1 1/s
    a -> v2 2/s
    v1 -> v2 3/s
    v2 -> x 4/s
    x -> v1 5/s
    x -> x 6/s
    b: v1 v2
    """,
    "shop": """
    gw -> web 10/s
    web -> cart 1/s
    web -> catalog 2/s
    web -> auth 1/s
    web -> orders 3/s
    cart -> redis 2/s
    cart -> auth 3/s
    catalog -> db 3/s
    catalog -> auth 4/s
    orders -> db 2/s
    orders -> pay 1/s
    orders -> mail 9/s
    pay -> bank 1/s
    pay -> auth 1/s
    mail -> smtp 3/s
    auth -> db 9/s
    """,
    "forty": forty,
  ]

  /// Forty services behind two gateways: stores of their own, some that everybody calls, a few calls back.
  static let forty: String = {
    var lines: [String] = []
    for index in 0..<8 {
      lines.append("gateway\(index % 2) -> front\(index) \(index + 1)0/s")
      lines.append("front\(index) -> logic\(index) \(index + 1)1/s")
      lines.append("front\(index) -> logic\((index + 1) % 8) \(index + 1)2/s")
      lines.append("logic\(index) -> store\(index) \(index + 1)3/s")
      lines.append("logic\(index) -> queue\(index / 2) \(index + 1)4/s")
      if index % 3 == 0 { lines.append("front\(index) -> auth \(index + 1)5/s") }
    }
    for index in 0..<4 { lines.append("queue\(index) -> worker\(index) \(index + 1)6/s") }
    lines += ["worker0 -> logic0 17/s", "worker2 -> mail 37/s", "auth -> users 99/s", "store3 -> backup 1/s"]
    return lines.joined(separator: "\n")
  }()

  @Test(arguments: sketches.keys.sorted()) func pictures(name: String) throws {
    let sketch = Sketch(try #require(Self.sketches[name]))
    let layout = GraphLayout(sketch.graph)
    #expect(LayoutChecks(sketch.graph, layout).faults.isEmpty)
    let picture = GraphPicture(sketch.graph, layout, labels: sketch.labels).text + "\n"
    let committed = try committedText("Pictures/\(name).txt", beside: #filePath, recording: picture)
    #expect(committed == picture, "\(name) differs; RECORD=1 writes it anew")
  }
}
