import Testing

@testable import Journal

/// What is preceded by its length gains fields without a new version.
@Suite struct FrameTests {
  @Test func whatALaterVersionAddsIsPassedOver() throws {
    var sink = ByteSink()
    let start = sink.beginFrame()
    sink.put(7 as UInt32)
    sink.put(plain: "of a later version")
    sink.endFrame(start)
    sink.put(8 as UInt32)
    var source = ByteSource(sink.bytes)
    let end = try source.frame()
    let (inside, hasMore) = (try source.unsigned(UInt32.self), source.offset < end)
    try source.leave(frame: end)
    let (behind, isAtEnd) = (try source.unsigned(UInt32.self), source.isAtEnd)
    #expect(inside == 7 && hasMore && behind == 8 && isAtEnd)
  }

  @Test func oneThatIsShorterThanWhatIsInItIsRefused() throws {
    var sink = ByteSink()
    let start = sink.beginFrame()
    sink.endFrame(start)
    sink.put(8 as UInt32)
    var source = ByteSource(sink.bytes)
    let end = try source.frame()
    _ = try source.number()
    var fault: ByteSource.Fault?
    do throws(ByteSource.Fault) { try source.leave(frame: end) } catch { fault = error }
    #expect(fault?.offset == 4)
  }
}
