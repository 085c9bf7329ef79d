import MeshModel
import Testing

@Suite struct MomentTests {
  private let now = Timestamp("2026-11-23T02:17:30Z")!

  @Test(arguments: [
    ("10m", "2026-11-23T02:07:30.000Z"), ("90s", "2026-11-23T02:16:00.000Z"), ("2h", "2026-11-23T00:17:30.000Z"),
    ("3d", "2026-11-20T02:17:30.000Z"), ("02:14", "2026-11-23T02:14:00.000Z"), ("2:14:05", "2026-11-23T02:14:05.000Z"),
    ("02:18", "2026-11-22T02:18:00.000Z"), ("23:59", "2026-11-22T23:59:00.000Z"),
    ("2026-11-22T23:00:00+01:00", "2026-11-22T22:00:00.000Z"), ("0s", "2026-11-23T02:17:30.000Z"),
  ])
  func momentsOfThePast(_ text: String, _ moment: String) {
    #expect(Timestamp(moment: text, now: now)?.rfc3339 == moment)
  }

  @Test(arguments: [
    "", "soon", "10", "m", "-5m", "25:00", "12:60", "1:2:3:4", "2027-01-01T00:00:00Z", "99999999d", "9999999999999s",
    ":",
    "02:1x", "1e3s", "1900-01-01T00:00:00Z", "+1:30", "-1:30",
  ])
  func otherTextIsNone(_ text: String) { #expect(Timestamp(moment: text, now: now) == nil) }
}
