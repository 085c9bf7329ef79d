/// Counts of places, and how many lie above one (Fenwick, 1994).
struct FenwickTree {
  private var sums: [Int] = []
  private var total = 0

  mutating func reset(count: Int) {
    sums = [Int](repeating: 0, count: count + 1)
    total = 0
  }

  mutating func add(_ place: Int) {
    total += 1
    var index = place + 1
    while index < sums.count {
      sums[index] += 1
      index += index & -index
    }
  }

  func countAbove(_ place: Int) -> Int {
    var sum = 0
    var index = place + 1
    while index > 0 {
      sum += sums[index]
      index -= index & -index
    }
    return total - sum
  }
}
