import MeshModel
import TerminalUI

extension Figures {
  /// The interval of a share, as it stands beside it: `±1.2`, beside 0 `≤1.9`, beside 100 `≥98.1`.
  static func interval(_ seen: Seen, _ glyphs: Glyphs) -> String {
    // A bound is never told as 0 or 100 itself. A wide interval has no use for a tenth, which would not fit beside its share.
    switch seen.reach {
    case .around(let margin) where margin >= 0.0995: glyphs.plusMinus + decimals(margin * 100, 0)
    case .around(let margin): glyphs.plusMinus + decimals(margin * 100, 1)
    case .atMost(let high): glyphs.atMost + decimals(max(high * 100, 0.1), 1)
    case .atLeast(let low): glyphs.atLeast + decimals(min(low * 100, 99.9), 1)
    }
  }
}
