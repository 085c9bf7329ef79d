import Peers
import Testing
import Transport

@testable import CurlTransport

@Suite struct AdmissionTests {
  typealias Place = Admission<Int>.Place
  let a = Place(HTTPRequest(.get, Endpoint(host: "a"), "/"))
  let b = Place(HTTPRequest(.get, Endpoint(host: "b"), "/"))

  @Test func `those who find no room come in the order in which they came, each once`() {
    var admission = Admission<Int>(.init(connectionsPerHost: 2, connections: 10))
    let wentIn = (0..<5).map { admission.enter($0, a) }
    #expect(wentIn == [true, true, false, false, false])
    admission.giveUp(a) { $0 == 3 }
    let followed = (0..<4).map { _ in admission.leave(a) }
    #expect(followed == [2, 4, nil, nil])
    let afterwards = admission.enter(5, a)
    #expect(afterwards)
  }

  @Test func `a place freed in one line lets in another line that waits for the total`() {
    var admission = Admission<Int>(.init(connectionsPerHost: 2, connections: 2))
    let wentIn = [admission.enter(0, a), admission.enter(1, a), admission.enter(2, b)]
    #expect(wentIn == [true, true, false])
    let fromOtherLine = admission.leave(a)
    #expect(fromOtherLine == 2)
    let hadRoom = admission.enter(3, a)
    #expect(!hadRoom)
    let followed = admission.leave(b)
    #expect(followed == 3)
  }

  @Test func `where connections are shared all may go in, and they no longer count`() {
    var admission = Admission<Int>(.init(connectionsPerHost: 1, connections: 1))
    let wentIn = [admission.enter(0, a), admission.enter(1, a), admission.enter(2, a)]
    #expect(wentIn == [true, false, false])
    let followed = admission.share(a)
    #expect(followed == [1, 2])
    let elsewhere = admission.enter(3, b)
    #expect(elsewhere)
  }

  @Test func `whatever the order, the limits hold and nobody is forgotten`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let limits = CurlClient.Limits(connectionsPerHost: 3, connections: 5)
    let places = ["a", "b", "c"].map { Place(HTTPRequest(.get, Endpoint(host: $0), "/")) }
    var admission = Admission<Int>(limits)
    var placeOf: [Place] = []
    var inside: Set<Int> = []
    var entered: Set<Int> = []
    func admit(_ visitor: Int?) {
      guard let visitor else { return }
      #expect(entered.insert(visitor).inserted, "seed \(seed)")
      inside.insert(visitor)
    }
    for step in 0..<2_000 {
      if step < 1_000, Bool.random(using: &random) {
        placeOf.append(places.randomElement(using: &random) ?? a)
        let visitor = placeOf.count - 1
        if admission.enter(visitor, placeOf[visitor]) { admit(visitor) }
      } else if let visitor = inside.sorted().randomElement(using: &random) {
        inside.remove(visitor)
        admit(admission.leave(placeOf[visitor]))
      }
      #expect(inside.count <= limits.connections, "seed \(seed)")
      for place in places { #expect(inside.count { placeOf[$0] == place } <= 3, "seed \(seed)") }
    }
    #expect(entered.count == placeOf.count, "seed \(seed)")
  }
}
