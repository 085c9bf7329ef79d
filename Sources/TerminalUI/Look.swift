/// How many colours a terminal has.
public enum ColourDepth: Int, Hashable, Comparable, Sendable, CaseIterable {
  /// None, or none are wanted: bold, underline and reverse must do.
  case none
  case sixteen
  case indexed
  case direct

  public static func < (left: ColourDepth, right: ColourDepth) -> Bool { left.rawValue < right.rawValue }
}

/// A colour as a theme names it.
public enum Colour: Hashable, Sendable {
  /// One of the terminal's 256: 0 to 15 are the ANSI colours, whose look the terminal's owner chose.
  case indexed(UInt8)
  case rgb(red: UInt8, green: UInt8, blue: UInt8)
}

/// Attributes that terminals without colour have too.
public struct Attributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let bold = Attributes(rawValue: 1)
  public static let dim = Attributes(rawValue: 2)
  public static let italic = Attributes(rawValue: 4)
  public static let underline = Attributes(rawValue: 8)
  public static let reverse = Attributes(rawValue: 16)
}

/// What a style comes to on a terminal. `nil` is the terminal's own colour.
public struct Look: Hashable, Sendable {
  public var foreground: Colour?
  public var background: Colour?
  public var attributes: Attributes

  public init(foreground: Colour? = nil, background: Colour? = nil, attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

extension Colour {
  /// The nearest colour that a terminal of so many colours has; `nil` where it has none.
  public func reduced(to depth: ColourDepth) -> Colour? {
    switch (self, depth) {
    case (_, .none): nil
    case (_, .direct): self
    case (.indexed, .indexed): self
    case (.indexed(let index), .sixteen): index < 16 ? self : .indexed(nearestBasic(Self.components(of: index)))
    case (.rgb(let red, let green, let blue), .indexed): .indexed(nearestIndexed((Int(red), Int(green), Int(blue))))
    case (.rgb(let red, let green, let blue), .sixteen): .indexed(nearestBasic((Int(red), Int(green), Int(blue))))
    }
  }

  private typealias Components = (red: Int, green: Int, blue: Int)

  private static let cube = [0, 95, 135, 175, 215, 255]

  /// The components of xterm's colours 16 to 255: a cube of 6 × 6 × 6, then 24 greys.
  private static func components(of index: UInt8) -> Components {
    if index >= 232 {
      let grey = 8 + 10 * (Int(index) - 232)
      return (grey, grey, grey)
    }
    let place = Int(index) - 16
    return (cube[place / 36], cube[place / 6 % 6], cube[place % 6])
  }

  private func nearestIndexed(_ colour: Components) -> UInt8 {
    func distance(_ index: UInt8) -> Int {
      let other = Self.components(of: index)
      let (red, green, blue) = (colour.red - other.red, colour.green - other.green, colour.blue - other.blue)
      return red * red + green * green + blue * blue
    }
    // The first 16 are left out: what they look like is not known.
    return (16...255).min { distance($0) < distance($1) } ?? 16
  }

  /// By hue where there is one and by lightness where there is none: the nearest in distance would turn most pastel
  /// colours into grey.
  private func nearestBasic(_ colour: Components) -> UInt8 {
    let most = max(colour.red, colour.green, colour.blue)
    let least = min(colour.red, colour.green, colour.blue)
    let light = (most + least) / 2
    guard (most - least) * 4 > max(most, 1) else {
      return light < 50 ? 0 : light < 140 ? 8 : light < 215 ? 7 : 15
    }
    let middle = (most + least) / 2
    let bits = (colour.red > middle ? 1 : 0) + (colour.green > middle ? 2 : 0) + (colour.blue > middle ? 4 : 0)
    return UInt8(bits) + (light > 160 ? 8 : 0)
  }
}
