/// Which services a service calls in the model, and how many of them for one request.
struct ServiceCalls: Sendable {
  var callees: [String: [String]] = [:]
  /// By how far the service is from the edge.
  var perRequest: [Int] = []

  /// The services that one request to a service goes on to.
  func next(after service: String, depth: Int, using generator: inout some RandomNumberGenerator) -> [String] {
    guard let all = callees[service], !all.isEmpty, depth < perRequest.count else { return [] }
    let start = Int.random(in: all.indices, using: &generator)
    return (0..<min(perRequest[depth], all.count)).map { all[(start + $0) % all.count] }
  }
}

/// A service graph as large meshes have it: a front that calls some, which call more, in layers that grow towards the
/// back. Every service is called by one of the layer before its own and most by another of the layers before, so that
/// there are about twice as many edges as services. The same count gives the same graph.
struct ServiceLayers: Sendable {
  let calls: ServiceCalls
  /// The layers' parts of all services, behind the front.
  private static let parts = [0.05, 0.2, 0.35, 0.4]

  init(count: Int, seed: UInt64 = 1) {
    var generator = SplitMix64(state: seed)
    var layers = [[0]]
    var next = 1
    for (place, part) in Self.parts.enumerated() where next < count {
      let isLast = place == Self.parts.count - 1
      let size = isLast ? count - next : min(max(1, Int(Double(count) * part)), count - next)
      layers.append(Array(next..<next + size))
      next += size
    }
    var callees = [[Int]](repeating: [], count: count)
    for (depth, layer) in layers.enumerated().dropFirst() {
      for (place, service) in layer.enumerated() {
        let callers = layers[depth - 1]
        let first = callers[place % callers.count]
        callees[first].append(service)
        guard let other = layers[max(0, depth - 2)..<depth].joined().randomElement(using: &generator), other != first
        else { continue }
        callees[other].append(service)
      }
    }
    func name(_ service: Int) -> String { "service-\(service)" }
    calls = ServiceCalls(
      callees: Dictionary(uniqueKeysWithValues: callees.enumerated().map { (name($0), $1.map(name)) }),
      perRequest: [3, 2, 2, 1])
  }
}

/// A small generator with a seed (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
