import JSON
import Testing

@Suite struct JSONTests {
  @Test func readsInPlace() throws {
    let json = try JSON(parsing: #"{"a":[1,"2",3.5,null,true,{"b":"é\u0000"}],"big":18446744073709551615,"n":null}"#)
    let elements = Array(try #require(json["a"]).elements)
    #expect(elements.count == 6)
    #expect(elements[0].int == 1)
    #expect(elements[1].int == 2)
    #expect(elements[2].double == 3.5)
    #expect(elements[3].isNull)
    #expect(elements[4].bool == true)
    #expect(elements[5]["b"]?.string == "é\u{0}")
    #expect(json["big"]?.unsigned == .max)
    #expect(json["big"]?.int == nil)
    #expect(json["n"] == nil)
    #expect(json["absent"] == nil)
    #expect(json.members.map(\.key) == ["a", "big", "n"])
  }

  @Test func aNumberTooLargeIsNoInteger() throws {
    let json = try JSON(parsing: "[1e300, -1]")
    let elements = Array(json.elements)
    #expect(elements[0].int == nil)
    #expect(elements[0].unsigned == nil)
    #expect(elements[1].unsigned == nil)
  }

  @Test(arguments: ["", "{", "[1,]", "nul", "\"\\x\"", "{\"a\" 1}", "<html>", String(repeating: "[", count: 5000)])
  func refusesWhatIsNotJSON(_ text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test func writesWhatItRead() throws {
    let text = #"{"z":1,"a":{"list":[],"object":{},"text":"\"\\\n\u001b[31m é"},"b":[true,false,null,-2,1.5]}"#
    let value = try JSONValue(parsing: text)
    #expect(value.text() == text)
    #expect(try JSONValue(parsing: value.text(indent: 2)) == value)
  }

  /// CSI and its like are one character each in C1.
  @Test func nothingThatATerminalObeysIsWritten() throws {
    let written = JSONValue.string("a\u{7f}\u{85}\u{9b}31m\u{9f}é").text()
    #expect(written == #""a\u007f\u0085\u009b31m\u009fé""#)
    #expect(try JSONValue(parsing: written).string == "a\u{7f}\u{85}\u{9b}31m\u{9f}é")
  }

  @Test func objectsCompareWithoutOrderAndChangeInPlace() throws {
    var value = try JSONValue(parsing: #"{"a":1,"b":2}"#)
    #expect(value == ["b": 2, "a": 1])
    value["a"] = nil
    value["c"] = ["x"]
    #expect(value.text() == #"{"b":2,"c":["x"]}"#)
  }
}
