import ProxyLogs
import Peers
import Testing

@Suite(.enabled(if: Recordings.isThere, "MESHDECK_RECORDINGS is not set"))
struct RecordedLogTests {
  let folder = "envoy-file-xds"

  func access(_ path: String) throws -> [AccessLogLine] {
    try Recordings.lines(path).map { try #require(ProxyLogLine($0).access, "\(String(decoding: $0, as: UTF8.self))") }
  }

  /// The same 26 requests, logged twice by the same proxies.
  @Test func bothFormatsAgreeFieldByField() throws {
    let text = try access("\(folder)/access_samples.istio_text.log")
    let json = try access("\(folder)/access_samples.json.log")
    #expect(text.count == 26 && json.count == 26)
    #expect(text.allSatisfy { $0.format == .istioText } && json.allSatisfy { $0.format == .accessJSON })
    for line in text {
      let pair = json.filter {
        $0[.requestID] == line[.requestID] && $0[.startTime] == line[.startTime]
          && $0[.downstreamRemoteAddress] == line[.downstreamRemoteAddress]
      }
      #expect(pair.count == 1, "\(line.text.string)")
      for field in LogField.allCases {
        let (one, other) = (line[field], pair.first?[field])
        // The text format writes reasons with underscores, JSON may keep their spaces.
        #expect(one == other || one == other?.replacingSpaces, "\(field) of \(line.text.string)")
      }
    }
    let outcomes = Set(text.map { "\($0.responseCode ?? -1) \($0[.responseFlags] ?? "-")" })
    #expect(
      outcomes.isSuperset(of: ["0 DC", "418 DI,FI", "503 URX,UF", "400 DPE", "429 RL", "504 UT", "404 NR", "503 UH"]))
  }

  @Test(arguments: Recordings.underFiles)
  func everyLineOfEveryProxy(_ proxy: String) throws {
    for (file, format) in [("access.istio_text.log", LogFormat.istioText), ("access.json.log", .accessJSON)] {
      let lines = try access("\(proxy)/\(file)")
      #expect(lines.count >= 100)
      for line in lines {
        #expect(line.format == format)
        #expect(line.responseCode != nil && line.duration != nil && line.startNanoseconds != nil)
        #expect(line[.routeName] != nil && line.direction != nil)
      }
    }
  }

  /// Every cut of every line that was recorded of every outcome.
  @Test func cutLines() throws {
    for file in ["access_samples.istio_text.log", "access_samples.json.log"] {
      for line in try Recordings.lines("\(folder)/\(file)") {
        for end in 0...line.count {
          let cut = ProxyLogLine(Array(line[..<end]))
          #expect(cut.text.count == end)
          guard let access = cut.access else { continue }
          for field in LogField.allCases { _ = access[field] }
        }
      }
    }
  }

  /// What each refused configuration looks like in Envoy's own log.
  @Test func refusalsInTheLog() throws {
    let mark = Array("   log  ".utf8)
    let lines = try Recordings.lines("\(folder)/bad.txt").filter { $0.starts(with: mark) }.map {
      Array($0.dropFirst(mark.count))
    }
    #expect(lines.count > 3)
    var reasons: [String] = []
    for line in lines {
      guard case .component(let component) = ProxyLogLine(line) else { continue }
      #expect(component.level != nil && !component.component.isEmpty)
      #expect(component.source?.hasPrefix("source/") == true)
      reasons.append(component.rejection ?? "")
    }
    #expect(reasons.contains("Unexpected RDS resource length: 2"))
    #expect(reasons.contains("Sum of weights in the weighted_cluster must be greater than 0."))
  }
}

extension String {
  fileprivate var replacingSpaces: String { String(map { $0 == " " ? "_" : $0 }) }
}
