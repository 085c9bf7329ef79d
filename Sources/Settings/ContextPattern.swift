/// A name of contexts as a person writes it: `*` stands for any characters, `?` for one.
struct ContextPattern {
  private let pattern: [Character]

  init(_ text: String) { pattern = Array(text) }

  /// In time proportional to the product of both lengths at worst: a `*` that took too little takes one more.
  func matches(_ name: String) -> Bool {
    let name = Array(name)
    var (place, at) = (0, 0)
    var star: (place: Int, at: Int)?
    while at < name.count {
      if place < pattern.count, pattern[place] == "*" {
        star = (place, at)
        place += 1
      } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[at] {
        place += 1
        at += 1
      } else if let last = star {
        star = (last.place, last.at + 1)
        place = last.place + 1
        at = last.at + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }
}
