/// What components say of themselves.
enum ComponentLogText {
  /// `[2026-11-23 00:28:00.511][22614][warning][config] [source/…/impl.cc:81] words`; the source may be missing.
  static func readEnvoy(_ line: Span<UInt8>, timeEnd: Int, _ fields: inout LogFields) -> Bool {
    fields[.startTime] = 1..<timeEnd
    var place = timeEnd + 1
    func bracketed() -> Range<Int>? {
      guard place < line.count, line[place] == UInt8(ascii: "["),
        let close = line.place(of: UInt8(ascii: "]"), from: place, to: line.count)
      else { return nil }
      defer { place = close + 1 }
      return place + 1..<close
    }
    guard bracketed() != nil, let level = bracketed(), let component = bracketed() else { return false }
    fields[.level] = level
    fields[.component] = component
    skipSpaces(line, &place)
    if let source = bracketed() { fields[.sourcePlace] = source }
    skipSpaces(line, &place)
    fields[.message] = place..<line.count
    return true
  }

  /// `2026-11-23T01:13:42.071Z`, level, `envoy config source/…:81`, words, `thread=22`, with tabs between them. The agent
  /// writes its scope in the third place and its words in the fourth.
  /// What ztunnel writes of a connection is an access log.
  static func readIstio(_ line: Span<UInt8>, _ fields: inout LogFields) -> LogFormat? {
    var place = 0
    func untilTab() -> Range<Int>? {
      guard place < line.count else { return nil }
      let end = line.place(of: 0x09, from: place, to: line.count) ?? line.count
      defer { place = end + 1 }
      return place..<end
    }
    guard let time = untilTab(), (20...40).contains(time.count), line[4] == UInt8(ascii: "-"),
      line[10] == UInt8(ascii: "T"), let level = untilTab(), level.count <= 8, let scope = untilTab()
    else { return nil }
    fields[.startTime] = time
    if line.equals("access", in: scope), ZtunnelText.read(line, from: place, &fields) { return .ztunnelText }
    fields[.level] = level
    fields[.component] = scope
    if scope.count > 6, line.equals("envoy ", in: scope.lowerBound..<scope.lowerBound + 6) {
      let start = scope.lowerBound + 6
      let end = line.place(of: 0x20, from: start, to: scope.upperBound) ?? scope.upperBound
      fields[.component] = start..<end
      if end < scope.upperBound { fields[.sourcePlace] = end + 1..<scope.upperBound }
    }
    guard place <= line.count else {
      // Three fields alone: the agent's words without a scope.
      fields[.component] = 0..<0
      fields[.message] = scope
      return .istioComponent
    }
    var end = line.count
    if let tab = line.lastPlace(of: 0x09, from: place, to: end), tab + 8 <= end,
      line.equals("thread=", in: tab + 1..<tab + 8)
    {
      end = tab
    }
    fields[.message] = place..<end
    return .istioComponent
  }

  private static func skipSpaces(_ line: Span<UInt8>, _ place: inout Int) {
    while place < line.count, line[place] == 0x20 { place += 1 }
  }
}
