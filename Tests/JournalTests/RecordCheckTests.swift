import EventModel
import Journal
import Testing

@Suite struct RecordCheckTests {
  @Test func whatComesOutAsItGoesInIsNoProblem() {
    var check = RecordCheck()
    let census = ZoneCensus(zone: "z", silentWorkers: 3, workers: 4)
    let fine = check.problem(with: .brakeEngaged(census, timestampMs: 5))
    #expect(fine == nil)
  }

  /// As a census that was not taken at one moment may have it.
  @Test func anEventThatNoDecoderTakesIsOne() {
    var check = RecordCheck()
    let census = ZoneCensus(zone: "z", silentWorkers: 5, workers: 4)
    let problem = check.problem(with: .brakeEngaged(census, timestampMs: 5))
    #expect(problem?.contains("expected") == true)
  }

  @Test func anEventThatFitsNoRecordIsOne() {
    var check = RecordCheck()
    let problem = check.problem(
      with: .jobCancelled(.name("j"), reason: String(repeating: "x", count: 1 << 20)))
    #expect(problem != nil)
  }
}
