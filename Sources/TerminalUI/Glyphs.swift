/// The signs that screens draw with: two complete sets, so that no screen writes such a sign itself.
///
/// The set is chosen once, by locale and theme, and every `Frame` carries it.
public struct Glyphs: Hashable, Sendable {
  public struct Box: Hashable, Sendable {
    public var horizontal, vertical: String
    public var topLeft, topRight, bottomLeft, bottomRight: String
  }

  /// Whether anything but ASCII may be shown at all. Where it may not, other characters are drawn as `hidden`.
  public var isASCII: Bool
  public var box: Box
  /// What joins lines that meet in a cell: see `line(up:down:left:right:)`.
  var lines: [String]
  /// The ends of arrows, by where they point.
  public var headLeft, headRight, headUp, headDown: String
  /// A part of a cell filled from the left, from 1/8 to 8/8.
  public var bar: [String]
  /// What stands where a bar could still grow.
  public var track: String
  /// Heights from the lowest to the full cell.
  public var spark: [String]

  // Marks of health: each of another shape, as colour alone says nothing.
  public var good, warning, failing, rejected, unknown: String
  public var check, cross: String
  /// A group that is unfolded, and one that is folded; `chevron` separates the steps of a path.
  public var open, closed, chevron: String
  public var left, right, up, down: String
  public var arrow: String
  /// What stands for a value that is not known.
  public var dash: String
  public var plusMinus, atMost, atLeast: String
  public var ellipsis: String
  public var separator: String
  /// What routing does to requests: a circuit breaker, a fault, a mirror, a timeout, retries.
  public var breaker, fault, mirror, timeout, retries: String
  /// What is not encrypted.
  public var plaintext: String
  public var bullet: String
  public var enter, shift: String
  /// Stands in for a character that must not reach the terminal.
  public var hidden: String
  /// Steps of something that goes on.
  public var spinner: [String]

  public static let unicode = Glyphs(
    isASCII: false,
    box: Box(horizontal: "─", vertical: "│", topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯"),
    lines: " ╵╹╷│╿╻╽┃╴╯┚╮┤┦┒┧┨╸┙┛┑┥┩┓┪┫╶╰┖╭├┞┎┟┠─┴┸┬┼╀┰╁╂╾┵┹┭┽╃┱╅╉╺┕┗┍┝┡┏┢┣╼┶┺┮┾╄┲╆╊━┷┻┯┿╇┳╈╋".map { String($0) },
    headLeft: "◀", headRight: "▶", headUp: "▲", headDown: "▼",
    bar: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], track: "·",
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    good: "●", warning: "◆", failing: "▲", rejected: "◌", unknown: "○", check: "✓", cross: "✗",
    open: "▾", closed: "▸", chevron: "▸", left: "←", right: "→", up: "↑", down: "↓", arrow: "→",
    dash: "–", plusMinus: "±", atMost: "≤", atLeast: "≥", ellipsis: "…", separator: "·",
    breaker: "⊘", fault: "↯", mirror: "⇉", timeout: "◷", retries: "↻", plaintext: "⚑", bullet: "•", enter: "⏎",
    shift: "⇧", hidden: "·",
    spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"])

  public static let ascii = Glyphs(
    isASCII: true,
    box: Box(horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+"),
    lines: " |#||####-+#++####=########-+#++####-+#++####=########=########=########=########".map { String($0) },
    headLeft: "<", headRight: ">", headUp: "^", headDown: "v",
    bar: [" ", " ", " ", "-", "-", "=", "=", "#"], track: ".",
    spark: ["_", "_", ".", "-", "-", "=", "*", "#"],
    good: "o", warning: "!", failing: "X", rejected: "%", unknown: "?", check: "+", cross: "x",
    open: "v", closed: ">", chevron: ">", left: "<-", right: "->", up: "^", down: "v", arrow: "->",
    dash: "-", plusMinus: "+-", atMost: "<=", atLeast: ">=", ellipsis: "~", separator: "-",
    breaker: "B", fault: "F", mirror: "M", timeout: "T", retries: "R", plaintext: "P", bullet: "*", enter: "ret",
    shift: "S-", hidden: "?",
    spinner: ["|", "/", "-", "\\"])

  /// How strong a line is that leaves a cell towards one side.
  public enum Stroke: Int, Hashable, Sendable { case none, light, heavy }

  /// The sign that joins lines which leave a cell to these sides.
  public func line(up: Stroke, down: Stroke, left: Stroke, right: Stroke) -> String {
    lines[up.rawValue + 3 * down.rawValue + 9 * left.rawValue + 27 * right.rawValue]
  }
}
