import Glibc

/// `meshdeck-bench [--long] [WORD…]`: runs the cases whose names contain one of the words, or all, and prints what each
/// reached and what it must reach. Ends with 1 when a bar was missed or a case could not run. `--long` watches memory
/// for ten minutes.
///
/// A new case is a file of its own, with its name in this list.
@main struct Bench {
  static func cases(isLong: Bool) -> [any BenchCase] {
    [
      StartUp(), Keys(), ChangeArrives(), Standing(isLong: isLong), SlowReader(), ManyRequests(), LetGo(), Silence(),
      GraphLayouts(), GraphFrames(), FailureNamed(), LargeMesh(), LogReading(), LogFlood(), LogStreams(),
      PropagationToMany(),
    ]
  }

  static func main() async {
    let isLong = CommandLine.arguments.contains("--long")
    let cases = cases(isLong: isLong)
    let words = CommandLine.arguments.dropFirst().filter { $0 != "--long" }
    let chosen = cases.filter { words.isEmpty || words.contains(where: $0.name.contains) }
    var passed = !chosen.isEmpty
    print("\(padded("what", 56))\(padded("reached", 40))bar")
    for benchCase in chosen {
      do {
        for figure in try await benchCase.run() {
          let isMet = figure.isMet
          passed = passed && isMet
          print(
            "\(padded(figure.what, 56))\(padded(figure.text, 40))\(padded(figure.bar.text, 16))\(isMet ? "pass" : "FAIL")"
          )
        }
      } catch {
        passed = false
        print("\(padded(benchCase.name, 56))FAIL: \(error)")
      }
      fflush(nil)
    }
    exit(passed ? 0 : 1)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

/// Something that is measured. One file each.
protocol BenchCase: Sendable {
  var name: String { get }

  func run() async throws -> [Figure]
}

/// One measured value and the bar for it.
struct Figure: Sendable {
  enum Bar: Sendable {
    case atLeast(Double)
    case atMost(Double)

    var text: String {
      switch self {
      case .atLeast(let value): "≥ \(rounded(value))"
      case .atMost(let value): "≤ \(rounded(value))"
      }
    }
  }

  let what: String
  let value: Double
  let bar: Bar
  /// What the value was made of.
  var detail = ""

  var text: String { rounded(value) + (detail.isEmpty ? "" : " (\(detail))") }

  var isMet: Bool {
    switch bar {
    case .atLeast(let least): value >= least
    case .atMost(let most): value <= most
    }
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? .nan : (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}

/// To two places.
func rounded(_ value: Double) -> String {
  let hundredths = Int((abs(value) * 100).rounded())
  let fraction = hundredths % 100 == 0 ? "" : ".\(String(100 + hundredths % 100).dropFirst())"
  return "\(value < 0 ? "-" : "")\(hundredths / 100)\(fraction)"
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
