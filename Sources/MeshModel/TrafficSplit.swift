/// How one rule divides its requests. Weights are relative: they need not add up to 100, and a lone destination takes
/// everything whatever its weight.
public struct TrafficSplit: Hashable, Sendable {
  public struct Share: Hashable, Sendable {
    public let destination: Destination
    public var weight: Weight

    public init(destination: Destination, weight: Weight) {
      self.destination = destination
      self.weight = weight
    }
  }

  /// In the order of the resource. A destination stands once.
  public var shares: [Share]

  public init(_ shares: [Share]) { self.shares = shares }

  public var total: Int { shares.reduce(0) { $0 + $1.weight.value } }
  public var destinations: [Destination] { shares.map(\.destination) }

  public subscript(destination: Destination) -> Weight? { shares.first { $0.destination == destination }?.weight }

  /// The part of the requests that a destination is asked to take, 0 to 1; `nil` when it is none of these, or when
  /// several destinations all weigh nothing.
  public func fraction(of destination: Destination) -> Double? {
    guard let weight = self[destination] else { return nil }
    if shares.count == 1 { return 1 }
    return total > 0 ? Double(weight.value) / Double(total) : nil
  }
}

extension TrafficSplit: CustomStringConvertible {
  /// `v1=75 v3=25`, as the command line takes it.
  public var description: String {
    shares.map { "\($0.destination.shortName)=\($0.weight.value)" }.joined(separator: " ")
  }
}

extension Destination {
  /// The subset, or the service's name where there is none.
  public var shortName: String { subset ?? service }
}
