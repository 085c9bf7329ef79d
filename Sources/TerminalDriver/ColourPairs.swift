internal import CNcurses
internal import TerminalUI

/// Colour pairs, made when first used, as many as the terminal holds and no more.
struct ColourPairs {
  private struct Colours: Hashable {
    var foreground: Int32
    var background: Int32
  }

  private var pairs: [Colours: Int32] = [:]
  private let most: Int

  init(most: Int) { self.most = min(most, 4_096) }

  /// The number of a pair; 0, the terminal's own colours, where there is no room for another.
  mutating func pair(_ foreground: Colour?, _ background: Colour?) -> Int32 {
    let colours = Colours(foreground: number(foreground), background: number(background))
    if colours.foreground == -1, colours.background == -1 { return 0 }
    if let pair = pairs[colours] { return pair }
    let next = Int32(pairs.count + 1)
    guard Int(next) < most, init_extended_pair(next, colours.foreground, colours.background) == OK else { return 0 }
    pairs[colours] = next
    return next
  }

  private func number(_ colour: Colour?) -> Int32 {
    switch colour {
    case nil: return -1
    // A terminal of 8 colours has no bright ones.
    case .indexed(let index): return Int32(index) < shim_colors() ? Int32(index) : Int32(index) % 8
    case .rgb(let red, let green, let blue):
      // Below 256 are the terminal's own colours: a blue without red or green gets a red that nobody sees.
      return max(Int32(red) << 16 | Int32(green) << 8, red == 0 && green == 0 ? 0x01_0000 : 0) | Int32(blue)
    }
  }
}
