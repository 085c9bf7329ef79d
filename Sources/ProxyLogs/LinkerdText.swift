/// linkerd-proxy's access log in its `apache` format (https://linkerd.io/2/features/access-logging/):
/// `10.42.0.63:51160 traffic.booksapp.serviceaccount.identity.… - [2022-08-23T20:28:20.071809491Z]
/// "GET http://webapp:7000/ HTTP/2.0" 200`. It writes the requests that come to the pod.
enum LinkerdText {
  private static let space = UInt8(ascii: " ")

  static func read(_ line: Span<UInt8>, _ fields: inout LogFields) -> Bool {
    var place = 0
    guard let client = word(line, &place), let identity = word(line, &place), word(line, &place) != nil,
      place + 2 < line.count, line[place] == UInt8(ascii: "["),
      let close = line.place(of: UInt8(ascii: "]"), from: place, to: min(line.count, place + 64)),
      close + 3 < line.count, line[close + 1] == space, line[close + 2] == UInt8(ascii: "\""),
      // A client can write quotes into its path, and no space.
      let method = line.place(of: space, from: close + 3, to: line.count),
      let path = line.place(of: space, from: method + 1, to: line.count),
      let quote = line.place(of: UInt8(ascii: "\""), from: path + 1, to: line.count), quote + 2 < line.count,
      line[quote + 1] == space
    else { return false }
    let end = line.place(of: space, from: quote + 2, to: line.count) ?? line.count
    guard line.number(in: quote + 2..<end) != nil else { return false }
    fields[.startTime] = place + 1..<close
    fields[.downstreamRemoteAddress] = client
    fields[.sourceIdentity] = identity.count == 1 ? 0..<0 : identity
    fields[.method] = close + 3..<method
    fields[.protocolName] = path + 1..<quote
    fields[.responseCode] = quote + 2..<end
    setPath(line, method + 1..<path, &fields)
    return true
  }

  /// `http://webapp:7000/books` is an authority and a path; anything else a path.
  static func setPath(_ line: Span<UInt8>, _ uri: Range<Int>, _ fields: inout LogFields) {
    fields[.path] = uri
    guard
      let colon = line.place(of: UInt8(ascii: ":"), from: uri.lowerBound, to: min(uri.upperBound, uri.lowerBound + 6)),
      colon + 3 < uri.upperBound, line.equals("://", in: colon..<colon + 3)
    else { return }
    let slash = line.place(of: UInt8(ascii: "/"), from: colon + 3, to: uri.upperBound) ?? uri.upperBound
    if fields[.authority].isEmpty { fields[.authority] = colon + 3..<slash }
    if slash < uri.upperBound { fields[.path] = slash..<uri.upperBound }
  }

  private static func word(_ line: Span<UInt8>, _ place: inout Int) -> Range<Int>? {
    guard let end = line.place(of: space, from: place, to: min(line.count, place + 1_024)), end > place else {
      return nil
    }
    defer { place = end + 1 }
    return place..<end
  }
}
