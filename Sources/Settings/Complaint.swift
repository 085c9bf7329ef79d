/// What is wrong in a file of settings, and what was probably meant. The rest of the file counts.
public struct Complaint: Hashable, Sendable, CustomStringConvertible {
  /// The file's path, or the name of what else the setting came from: `MESHDECK_THEME`.
  public var source: String
  /// `nil` where the whole is meant.
  public var place: Place?
  public var words: String
  public var guess: String?

  public init(source: String, place: Place? = nil, words: String, guess: String? = nil) {
    self.source = source
    self.place = place
    self.words = words
    self.guess = guess
  }

  /// `file:line:column: what, did you mean “guess”?`
  public var description: String {
    let position = place.map { ":\($0.line):\($0.column)" } ?? ""
    return "\(source)\(position): \(words)" + (guess.map { ", did you mean “\($0)”?" } ?? "")
  }
}

/// The word among `known` that was probably meant: the nearest one, at most a third of its letters away.
func guess(_ word: String, among known: some Sequence<String>) -> String? {
  // A longer word is no mistyped one, and would take long to compare.
  guard word.utf8.count <= 64 else { return nil }
  let nearest = known.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
  guard let nearest, nearest.distance <= max(1, nearest.name.count / 3) else { return nil }
  return nearest.name
}

/// How many letters must be added, removed, replaced or swapped with their neighbour (optimal string alignment).
private func distance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left.lowercased()), Array(right.lowercased()))
  var rows = [Array(0...right.count)]
  for (i, letter) in left.enumerated() {
    var row = [i + 1]
    for (j, other) in right.enumerated() {
      var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (letter == other ? 0 : 1))
      if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[left.count][right.count]
}
