import JSON
import MeshModel
import Peers
import Testing

@testable import LiveMesh

/// What holds of any two values.
struct DifferenceTests {
  @Test func equalsDifferInNothingAndOthersInSomething() {
    for seed in UInt64(0)..<1000 {
      var random = SeededGenerator(seed: seed)
      let one = value(depth: 4, &random)
      let other = value(depth: 4, &random)
      #expect(Difference.all(from: one, to: one).isEmpty)
      #expect(Difference.all(from: one, to: other).isEmpty == (one == other), "seed \(seed)")
    }
  }

  /// What is not named is equal: an object with its named members changed back is the one before.
  @Test func whatIsNotNamedIsEqual() {
    for seed in UInt64(0)..<1000 {
      var random = SeededGenerator(seed: seed)
      let before = object(depth: 4, &random)
      var after = before
      for _ in 0..<Int.random(in: 1...4, using: &random) { after = edited(after, &random) }
      let differences = Difference.all(from: before, to: after)
      var mended = after
      for difference in differences { mended = mended.restored(from: before, at: difference.path[...]) }
      #expect(mended == before, "seed \(seed): \(differences)")
    }
  }

  @Test func everyDifferenceIsAFieldWithANameOfItsOwn() {
    for seed in UInt64(0)..<500 {
      var random = SeededGenerator(seed: seed)
      let differences = Difference.all(from: value(depth: 5, &random), to: value(depth: 5, &random))
      let (told, more) = Difference.fields(differences)
      #expect(told.count + more == differences.count)
      #expect(told.count <= Difference.mostFields)
      // A rule that went and one that came can have had the same place.
      let names = told.map { "\($0.name) \($0.before == nil) \($0.after == nil)" }
      #expect(Set(names).count == told.count, "seed \(seed): \(told)")
    }
  }

  // MARK: - Random values

  private static let names = ["name", "host", "http", "env", "value", "a", "b", "weight"]

  private func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 3), using: &random) {
    case 0: .int(Int.random(in: 0..<3, using: &random))
    case 1: .string(["x", "y", ""].randomElement(using: &random)!)
    case 2: .bool(Bool.random(using: &random))
    case 3: .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth - 1, &random) })
    default: object(depth: depth - 1, &random)
    }
  }

  private func object(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    let count = Int.random(in: 0..<5, using: &random)
    return .object(
      JSONObject(
        (0..<count).map { _ in (Self.names.randomElement(using: &random)!, value(depth: depth - 1, &random)) }))
  }

  /// Another value of some member, at any depth.
  private func edited(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    guard case .object(var members) = value else { return self.value(depth: 1, &random) }
    let key = Self.names.randomElement(using: &random)!
    if let inner = members[key], inner.object != nil, Bool.random(using: &random) {
      members[key] = edited(inner, &random)
    } else {
      members[key] = Bool.random(using: &random) ? nil : self.value(depth: 2, &random)
    }
    return .object(members)
  }
}

extension JSONValue {
  /// With what another value has at a path; a list that the path leads into is taken as a whole.
  fileprivate func restored(from other: JSONValue, at path: ArraySlice<Difference.Step>) -> JSONValue {
    guard case .member(let key)? = path.first, case .object(var members) = self, case .object(let wanted) = other
    else { return other }
    if path.count > 1, let mine = members[key], let theirs = wanted[key] {
      members[key] = mine.restored(from: theirs, at: path.dropFirst())
    } else {
      members[key] = wanted[key]
    }
    return .object(members)
  }
}
