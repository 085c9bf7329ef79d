internal import JSON

extension PrometheusAnswer {
  /// A series' labels.
  public struct Labels: Sendable {
    private let table: LabelTable
    private let pairs: Range<Int32>

    init(_ table: LabelTable, _ pairs: Range<Int32>) {
      self.table = table
      self.pairs = pairs
    }

    /// Empty where there is no such label: PromQL does not tell these apart.
    public subscript(name: String) -> String {
      for pair in pairs where table.name(of: pair) == name { return table.value(of: pair) }
      return ""
    }

    public var all: [String: String] {
      Dictionary(pairs.map { (table.name(of: $0), table.value(of: $0)) }) { $1 }
    }
  }
}

/// The labels of all series of one answer. The same few names and values come again in thousands of series: each is
/// kept once, and the answer's text is not kept.
final class LabelTable: Sendable {
  private let words: [String]
  private let pairs: [(name: Int32, value: Int32)]

  private init(words: [String], pairs: [(name: Int32, value: Int32)]) {
    self.words = words
    self.pairs = pairs
  }

  func name(of pair: Int32) -> String { words[Int(pairs[Int(pair)].name)] }

  func value(of pair: Int32) -> String { words[Int(pairs[Int(pair)].value)] }

  struct Builder {
    private var words: [String] = []
    private var places: [String: Int32] = [:]
    private var pairs: [(name: Int32, value: Int32)] = []

    /// - Returns: where the labels of this series are: none for what is no object.
    mutating func add(_ json: JSON?) -> Range<Int32> {
      let start = Int32(pairs.count)
      guard var members = json?.members else { return start..<start }
      while let member = members.next() {
        pairs.append((place(of: member.key), place(of: member.value.string ?? "")))
      }
      return start..<Int32(pairs.count)
    }

    private mutating func place(of word: String) -> Int32 {
      if let place = places[word] { return place }
      let place = Int32(words.count)
      words.append(word)
      places[word] = place
      return place
    }

    var table: LabelTable { LabelTable(words: words, pairs: pairs) }
  }
}
