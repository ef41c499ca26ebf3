import Testing

@testable import Ingest

@Suite struct HeardMarkTests {
  @Test func anEmptySocketHasBeenRead() {
    var mark = HeardMark(bufferBytes: 10_000)
    #expect(mark.note(datagrams: 3, bytes: nil, atNs: 5) == 5)
    #expect(mark.note(datagrams: 0, bytes: nil, atNs: 9) == 9)
  }

  /// What was in the buffer at a moment has been read once as much came as it can hold.
  @Test func aSocketThatIsNeverEmptyIsReadUpToAMomentBefore() {
    var mark = HeardMark(bufferBytes: 3 * (1000 + HeardMark.overheadBytes))
    #expect(mark.note(datagrams: 1, bytes: 1000, atNs: 10) == nil)
    #expect(mark.note(datagrams: 1, bytes: 1000, atNs: 20) == nil)
    #expect(mark.note(datagrams: 1, bytes: 1000, atNs: 30) == 10)
    #expect(mark.note(datagrams: 2, bytes: 2000, atNs: 40) == nil)
    #expect(mark.note(datagrams: 1, bytes: 1000, atNs: 50) == 40)
    #expect(mark.note(datagrams: 1, bytes: 1000, atNs: 60) == nil)
    #expect(mark.note(datagrams: 1, bytes: nil, atNs: 70) == 70)
  }
}
