import MeshModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-23T01:13:42Z", 1_795_396_422), ("2026-11-23T03:13:42+02:00", 1_795_396_422),
    ("2000-02-29T23:59:59-00:30", 951_870_599), ("1969-12-31T23:59:59Z", -1),
  ])
  func readsRFC3339(_ text: String, _ seconds: Int64) {
    #expect(Timestamp(text) == Timestamp(seconds: seconds))
  }

  @Test func fractionsOfAnyLength() {
    #expect(Timestamp("1970-01-01T00:00:00.071Z") == Timestamp(nanoseconds: 71_000_000))
    #expect(Timestamp("1970-01-01T00:00:00.037461253Z") == Timestamp(nanoseconds: 37_461_253))
    #expect(Timestamp("1970-01-01T00:00:00.12345678999Z") == Timestamp(nanoseconds: 123_456_789))
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T01:13:42", "2026-13-23T01:13:42Z", "2026-11-23T25:13:42Z", "2026-11-23T01:13:42.Z",
    "2026-11-23T01:13:42+2:00", "2026-11-23T01:13:42Zx", "二〇二六-11-23T01:13:42Z",
  ])
  func refusesTheRest(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func writesWhatItRead() {
    for text in ["2026-11-23T01:13:42.071Z", "1969-12-31T23:59:59.500Z", "2000-02-29T00:00:00.000Z"] {
      #expect(Timestamp(text)?.rfc3339 == text)
    }
  }

  @Test func spans() {
    #expect(Timestamp(seconds: 10) - Timestamp(seconds: 7) == .seconds(3))
    #expect(Timestamp(seconds: 10) + .milliseconds(250) == Timestamp(nanoseconds: 10_250_000_000))
    #expect(Duration.milliseconds(1500).seconds == 1.5)
  }
}
