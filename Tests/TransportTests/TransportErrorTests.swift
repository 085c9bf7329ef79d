import Testing
import Transport

@Suite struct TransportErrorTests {
  @Test(arguments: [
    (Duration.milliseconds(250), "no answer within 0.25 s"), (.seconds(10), "no answer within 10 s"),
    (.milliseconds(1_005), "no answer within 1.005 s"),
  ])
  func `a deadline is told in seconds`(limit: Duration, sentence: String) {
    #expect(TransportError.deadlineExceeded(after: limit).description == sentence)
  }

  @Test(arguments: [(100, "the answer is larger than 100 bytes"), (64 << 20, "the answer is larger than 64 MB")])
  func `a size is told in bytes or megabytes`(limit: Int, sentence: String) {
    #expect(TransportError.tooLarge(limit: limit).description == sentence)
  }
}
