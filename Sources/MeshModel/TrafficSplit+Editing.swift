/// Edits of a split. All of them keep the total and the pinned shares, and never make a weight negative; what one
/// destination gains or loses, the free ones give or take in proportion to what they have.
extension TrafficSplit {
  /// Gives a destination a weight, as far as the pinned shares leave room.
  public func giving(
    _ weight: Weight, to destination: Destination, pinning pinned: Set<Destination> = []
  ) -> TrafficSplit {
    guard shares.count > 1, let place = shares.firstIndex(where: { $0.destination == destination }) else { return self }
    let free = shares.indices.filter { $0 != place && !pinned.contains(shares[$0].destination) }
    guard !free.isEmpty else { return self }
    let held = shares.indices.filter { $0 != place && !free.contains($0) }.reduce(0) { $0 + shares[$1].weight.value }
    let room = max(0, total - held)
    let given = min(max(0, weight.value), room)

    var split = self
    split.shares[place].weight = Weight(given)
    for (index, part) in zip(free, apportion(room - given, by: free.map { shares[$0].weight.value })) {
      split.shares[index].weight = Weight(part)
    }
    return split
  }

  /// Gives a destination a percentage of the whole. Where the present total cannot express whole percents (1 and 1,
  /// say), the weights are first rescaled to a total of 100.
  public func giving(
    percent: Int, to destination: Destination, pinning pinned: Set<Destination> = []
  ) -> TrafficSplit {
    let percent = min(max(0, percent), 100)
    let base = total > 0 && (total * percent).isMultiple(of: 100) ? self : rescaled(to: 100)
    return base.giving(Weight(base.total * percent / 100), to: destination, pinning: pinned)
  }

  /// Moves a destination's share by whole percentage points.
  public func stepping(
    _ destination: Destination, by points: Int, pinning pinned: Set<Destination> = []
  ) -> TrafficSplit {
    guard let fraction = fraction(of: destination) else {
      return giving(percent: points, to: destination, pinning: pinned)
    }
    return giving(percent: Int((fraction * 100).rounded()) + points, to: destination, pinning: pinned)
  }

  /// Every free destination alike, as nearly as whole weights allow.
  public func even(pinning pinned: Set<Destination> = []) -> TrafficSplit {
    var split = total >= shares.count ? self : rescaled(to: 100)
    let free = split.shares.indices.filter { !pinned.contains(split.shares[$0].destination) }
    let room = free.reduce(0) { $0 + split.shares[$1].weight.value }
    for (index, part) in zip(free, apportion(room, by: free.map { _ in 1 })) {
      split.shares[index].weight = Weight(part)
    }
    return split
  }

  /// Two destinations change places (blue-green).
  public func swapping(_ one: Destination, _ other: Destination) -> TrafficSplit {
    guard let a = shares.firstIndex(where: { $0.destination == one }),
      let b = shares.firstIndex(where: { $0.destination == other })
    else { return self }
    var split = self
    (split.shares[a].weight, split.shares[b].weight) = (shares[b].weight, shares[a].weight)
    return split
  }

  /// The same shares, as nearly as whole weights allow, in another total.
  public func rescaled(to total: Int) -> TrafficSplit {
    var split = self
    for (index, part) in apportion(total, by: shares.map(\.weight.value)).enumerated() {
      split.shares[index].weight = Weight(part)
    }
    return split
  }

  /// Why these weights may not be sent, as a sentence; `nil` when they may.
  public var refusal: String? {
    for share in shares where !Weight.allowed.contains(share.weight.value) {
      return "\(share.destination) has weight \(share.weight): a weight is a whole number from 0 to 1,000,000"
    }
    if shares.count > 1 && total == 0 { return "all weights are 0: at least one destination must take requests" }
    return nil
  }

  /// Whether two splits send the same shares to the same destinations, whatever their totals. A destination of weight
  /// 0 is as good as absent, as in a proxy's configuration.
  public func sendsSameShares(as other: TrafficSplit) -> Bool {
    func parts(_ split: TrafficSplit) -> [Destination: Int] {
      let parts =
        split.shares.count == 1
        ? [(split.shares[0].destination, 1)]
        : split.shares.filter { $0.weight.value > 0 }.map { ($0.destination, $0.weight.value) }
      return Dictionary(parts, uniquingKeysWith: +)
    }
    let mine = parts(self), theirs = parts(other)
    guard mine.keys == theirs.keys else { return false }
    let myTotal = mine.values.reduce(0, +), theirTotal = theirs.values.reduce(0, +)
    // In full width: weights come from outside, and the products of two large ones do not fit.
    return mine.allSatisfy { destination, weight in
      weight.multipliedFullWidth(by: theirTotal) == (theirs[destination] ?? 0).multipliedFullWidth(by: myTotal)
    }
  }
}

/// Divides a whole among parts in proportion to their weights (evenly where all weigh nothing), by largest remainder;
/// of equal remainders the earlier part gets the odd one.
private func apportion(_ whole: Int, by weights: [Int]) -> [Int] {
  guard !weights.isEmpty else { return [] }
  let weights = weights.map { max(0, $0) }
  let total = weights.reduce(0, +)
  let scale = total > 0 ? weights : weights.map { _ in 1 }
  let sum = total > 0 ? total : weights.count
  // In full width: weights come from outside, and the product of two large ones does not fit.
  let divided = scale.map { sum.dividingFullWidth($0.multipliedFullWidth(by: whole)) }
  var parts = divided.map(\.quotient)
  let remainders = divided.map(\.remainder)
  let order = remainders.indices.sorted { (remainders[$0], $1) > (remainders[$1], $0) }
  for index in order.prefix(whole - parts.reduce(0, +)) { parts[index] += 1 }
  return parts
}
