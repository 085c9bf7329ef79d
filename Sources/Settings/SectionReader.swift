/// Reads one table of the configuration.
protocol SectionReader {
  /// What is wrong in it, where, and what was probably meant.
  var complaints: [(place: Place?, words: String, guess: String?)] { get }

  mutating func read(_ entries: [TOML.Entry])
}
