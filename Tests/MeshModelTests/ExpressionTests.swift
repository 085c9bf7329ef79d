import MeshModel
import Peers
import Testing

/// Something that has every kind of field.
private struct Sample: ExpressionSubject {
  static let fields = [
    ExpressionField("err", .share, "share of requests that fail"),
    ExpressionField("p99", .time, "99th percentile"),
    ExpressionField("rps", .number, "requests each second"),
    ExpressionField("ns", .text, "namespace"),
    ExpressionField("flags", .text, "response flags"),
    ExpressionField("healthy", .flag, "nothing is wrong"),
  ]

  var err: Double? = 0.02
  var p99: Double? = 0.6
  var rps: Double? = 1_500
  var isHealthy = false

  func value(of field: ExpressionField) -> ExpressionValue? {
    switch field.name {
    case "err": err.map { .number($0) }
    case "p99": p99.map { .number($0) }
    case "rps": rps.map { .number($0) }
    case "ns": .texts(["payments"])
    case "flags": .texts(["UF", "URX"])
    case "healthy": .flag(isHealthy)
    default: nil
    }
  }

  var words: [String] { ["Reviews v3"] }
}

@Suite struct ExpressionTests {
  private func holds(_ text: String, _ sample: Sample = Sample()) throws -> Bool {
    try Expression(text, fields: Sample.fields).matches(sample)
  }

  private func problem(_ text: String) -> String? {
    do throws(ExpressionProblem) {
      _ = try Expression(text, fields: Sample.fields)
      return nil
    } catch { return error.description }
  }

  @Test(arguments: [
    "err > 1%", "err>1%", "err >= 2%", "p99 > 500ms", "p99 < 1s", "p99 = 0.6s", "rps >= 1.5k", "rps < 1M",
    "ns = payments",
    "ns = PAYMENTS", "ns ~ pay", "ns != shop", "ns !~ shop", "flags ~ UF", "flags = urx", "!healthy", "not healthy",
    "rev",
    "REV", "\"reviews v\"", "'s v3'", "v3 err > 1%", "rev and !healthy", "healthy or rev", "healthy | rev", "rev & v3",
    "rev && v3", "!(healthy and rev)", "not not rev", "healthy and nothing or rev", "ERR > 1%", "(((rev)))", "!!rev",
    "ns == payments",
  ])
  func holding(_ text: String) throws { #expect(try holds(text)) }

  @Test(arguments: [
    "err > 2%", "p99 > 1s", "rps < 10", "ns = pay", "ns != payments", "flags !~ UF", "healthy", "ratings",
    "rev healthy",
    "rev and (healthy or ratings)", "!rev", "not (rev or healthy)",
  ])
  func notHolding(_ text: String) throws { #expect(try !holds(text)) }

  /// What is not known is neither above nor not above.
  @Test func theUnknownHoldsNowhere() throws {
    let unknown = Sample(err: nil)
    #expect(try !holds("err > 1%", unknown) && !holds("err <= 1%", unknown) && !holds("!(err > 1%)", unknown))
    #expect(try holds("err > 1% or rev", unknown) && !holds("err > 1% and rev", unknown))
    #expect(try holds("!(err > 1% and ratings)", unknown), "the other part decides")
  }

  @Test(arguments: [
    ("foo > 1", "column 1: there is no “foo”: err, p99, rps, ns, flags, healthy"),
    ("rev and rsp > 1", "column 9: there is no “rsp” (did you mean rps?): err, p99, rps, ns, flags, healthy"),
    ("helthy = 1", "column 1: there is no “helthy” (did you mean healthy?): err, p99, rps, ns, flags, healthy"),
    ("err > 1", "column 7: “1” is no share in percent: write err > 1%"),
    ("p99 > 500", "column 7: “500” is no time with its unit: write p99 > 500ms"),
    ("rps > many", "column 7: “many” is no number: write rps > 10"),
    ("err", "column 4: err must be compared, such as err > 1%"),
    ("err >", "column 6: what err is compared with is missing, such as err > 1%"),
    ("err ~ 1%", "column 5: err is a figure: =, !=, <, <=, > or >="),
    ("ns > a", "column 4: ns is a text: =, !=, ~ (contains) or !~"),
    ("healthy = yes", "column 9: healthy stands alone, as healthy or !healthy"),
    ("", "column 1: an expression is missing, such as err > 1%"),
    ("(rev", "column 1: this “(” is not closed"),
    ("rev)", "column 4: “)” closes nothing"),
    ("rev or", "column 7: something is missing at the end"),
    ("and rev", "column 1: something is missing before “and”"),
    ("> 1", "column 1: what is compared is missing before “>”"),
    ("'rev", "column 1: this quotation is not closed"),
  ])
  func whatIsWrongIsSaid(_ text: String, _ said: String) { #expect(problem(text) == said) }

  @Test func sizesAreBounded() {
    #expect(problem(String(repeating: "(", count: 500))?.contains("one inside the other") == true)
    #expect(problem(String(repeating: "!", count: 900) + "a")?.contains("one inside the other") == true)
    #expect(problem(String(repeating: "a ", count: 400))?.contains("too many parts") == true)
    #expect(problem(String(repeating: "a", count: 1_001))?.contains("at most 1000 characters") == true)
    #expect(problem("rps > 1" + String(repeating: "0", count: 400))?.contains("is no number") == true)
  }

  /// Whatever is typed is read or refused at a column that there is.
  @Test(arguments: [UInt64(1), 20_261_123]) func anythingIsReadOrRefused(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "err", "p99", "ns", "healthy", "rev", ">", "<=", "!", "!=", "~", "=", "(", ")", "and", "or", "not", "1%", "5ms",
      "'",
      "\"", " ", " ", "&", "|", "漢", "e\u{301}", "\u{1b}[2J", "\u{0}", "9e999", ".", "-1",
    ]
    var read = 0
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...9, using: &generator)
      let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      do throws(ExpressionProblem) {
        _ = try Expression(text, fields: Sample.fields).matches(Sample())
        read += 1
      } catch {
        #expect((1...text.count + 1).contains(error.column), "seed \(seed): \(text.debugDescription)")
      }
    }
    #expect(read > 100, "seed \(seed)")
  }
}
