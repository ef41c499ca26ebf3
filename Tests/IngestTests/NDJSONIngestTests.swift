import EventModel
import Glibc
import Ingest
import Platform
import Synchronization
import Testing

@Suite struct NDJSONIngestTests {
  /// An NDJSON ingest on a thread of its own that reads a file of the given lines.
  private final class Run: Sendable {
    private struct State: Sendable {
      var reports: [NDJSONReport] = []
      var summary: Result<NDJSONSummary, any Error>?
    }

    private let state = Mutex(State())
    private let ended: Doorbell
    private let path: String

    init(_ lines: [String], socketPath: String, window: Int = 1024, answerTimeoutMs: Int = 20_000) throws {
      ended = try Doorbell()
      path = socketPath + ".ndjson"
      let file = try #require(fopen(path, "w"))
      fputs(lines.joined(separator: "\n"), file)
      fclose(file)
      var options = NDJSONIngestOptions()
      options.socketPath = socketPath
      options.window = window
      options.answerTimeoutMs = answerTimeoutMs
      let thread = try NamedThread("ndjson") { [self, options, path] in
        let summary = Result {
          let ingest = try NDJSONIngest(options) { line in self.state.withLock { $0.reports.append(line) } }
          return try ingest.run(input: InputSource.open(path))
        }
        state.withLock { $0.summary = summary }
        ended.ring()
      }
      thread.detach()
    }

    deinit {
      unlink(path)
    }

    func finish() throws -> (summary: NDJSONSummary, reports: [NDJSONReport]) {
      guard Poll.readable(ended.descriptor.raw, timeoutUs: FakeDispatcher.waitUs) else {
        throw SystemError("wait for the ingest", code: ETIMEDOUT)
      }
      return try state.withLock { (try $0.summary!.get(), $0.reports) }
    }
  }

  private func cancel(_ job: String) -> String {
    #"{"type":"JOB_CANCELLED","job_id":"\#(job)","reason":"r"}"#
  }

  @Test func eachEventIsPublishedAndItsResultCounted() throws {
    let listener = try FakeDispatcher.Listener("ndjson-results")
    let run = try Run(["a", "b", "c", "d", "e"].map(cancel), socketPath: listener.path)
    var dispatcher = try listener.accept()
    #expect(dispatcher.request.role == 2)
    var records: [FakeDispatcher.Record] = []
    for job in ["a", "b", "c", "d", "e"] {
      let record = try #require(try dispatcher.next())
      #expect(record.body == .jobCancelled(.name(job), reason: "r"))
      #expect(record.wantsResult)
      records.append(record)
    }
    try dispatcher.answer(records[0])
    try dispatcher.answer(records[1], .ignored)
    try dispatcher.answer(records[2], .rejected(.unknownJob))
    try dispatcher.answer(records[3], .dropped(by: "filter"))
    try dispatcher.answer(records[4], .deadLettered(.handlerError))
    let (summary, reports) = try run.finish()
    #expect(summary.isComplete)
    #expect(summary.lines == 5)
    #expect(summary.published == 5)
    #expect(summary.applied == 1)
    #expect(summary.ignored == 1)
    #expect(summary.rejected == [.unknownJob: 1])
    #expect(summary.dropped == 1)
    #expect(summary.deadLettered == 1)
    #expect(
      reports == [
        .rejected(line: 3, .jobCancelled, .unknownJob), .dropped(line: 4, .jobCancelled, by: "filter"),
        .deadLettered(line: 5, .jobCancelled, .handlerError),
      ])
    #expect(
      summary.json.text == #"{"lines":5,"published":5,"applied":1,"ignored":1,"rejected":{"unknown_job":1},"#
        + #""dropped":1,"dead_lettered":1,"bad_lines":0,"unanswered":0,"unpublished":0}"#)
  }

  /// It waits no longer for what the dispatcher says is lost, and goes on with the rest.
  @Test func whatIsLostToAnOverrunIsUnansweredAtOnce() throws {
    let listener = try FakeDispatcher.Listener("ndjson-overrun")
    let run = try Run(["a", "b", "c"].map(cancel), socketPath: listener.path, answerTimeoutMs: 100_000)
    var dispatcher = try listener.accept()
    let records = try (0..<3).map { _ in try #require(try dispatcher.next()) }
    try dispatcher.lose(1...2, settledBefore: records[2].id.position)
    try dispatcher.answer(records[2])
    try dispatcher.lose(4...4, settledBefore: records[2].id.position + 100)
    let (summary, reports) = try run.finish()
    #expect(summary.applied == 1 && summary.unanswered == 2)
    #expect(reports == [.unanswered(line: 1, .jobCancelled), .unanswered(line: 2, .jobCancelled)])
  }

  @Test func whoseNewestResultIsLostWaitsNoLonger() throws {
    let listener = try FakeDispatcher.Listener("ndjson-newest")
    let run = try Run([cancel("a")], socketPath: listener.path, answerTimeoutMs: 100_000)
    var dispatcher = try listener.accept()
    let record = try #require(try dispatcher.next())
    try dispatcher.lose(1...1, settledBefore: record.id.position + 1)
    #expect(try run.finish().summary.unanswered == 1)
  }

  @Test func badLinesAreReportedAndStopNothing() throws {
    let listener = try FakeDispatcher.Listener("ndjson-bad")
    let lines = ["nonsense", "", #"{"type":"TICK","now_ms":1}"#, cancel("a"), #"{"type":"JOB_CANCELLED"}"#]
    let run = try Run(lines, socketPath: listener.path)
    var dispatcher = try listener.accept()
    try dispatcher.answer(try #require(try dispatcher.next()))
    let (summary, reports) = try run.finish()
    #expect(!summary.isComplete)
    #expect(summary.lines == 4)
    #expect(summary.badLines == 3)
    #expect(summary.published == 1)
    #expect(summary.applied == 1)
    try #require(reports.count == 3)
    let texts = reports.map(\.description)
    #expect(texts[0].hasPrefix("line 1: "))
    #expect(texts[1].hasPrefix("line 3: ") && texts[1].contains("TICK"))
    #expect(texts[2].hasPrefix("line 5: ") && texts[2].contains("job_id"))
  }

  @Test func noMoreThanTheWindowIsOnItsWay() throws {
    let listener = try FakeDispatcher.Listener("ndjson-window")
    let run = try Run((0..<50).map { cancel("j\($0)") }, socketPath: listener.path, window: 4)
    var dispatcher = try listener.accept()
    var waiting: [FakeDispatcher.Record] = []
    var answered = 0
    while answered < 50 {
      while waiting.count < min(4, 50 - answered) { waiting.append(try #require(try dispatcher.next())) }
      #expect(try dispatcher.next(timeoutUs: answered < 8 ? 20_000 : 0) == nil)
      try dispatcher.answer(waiting.removeFirst())
      answered += 1
    }
    let (summary, reports) = try run.finish()
    #expect(summary.applied == 50)
    #expect(summary.isComplete)
    #expect(reports.isEmpty)
  }

  @Test func aLostResultIsNoticedByTheNextOne() throws {
    let listener = try FakeDispatcher.Listener("ndjson-lost")
    let run = try Run(["a", "b", "c"].map(cancel), socketPath: listener.path)
    var dispatcher = try listener.accept()
    _ = try #require(try dispatcher.next())
    _ = try #require(try dispatcher.next())
    try dispatcher.answer(try #require(try dispatcher.next()))
    let (summary, reports) = try run.finish()
    #expect(summary.applied == 1)
    #expect(summary.unanswered == 2)
    #expect(!summary.isComplete)
    #expect(reports == [.unanswered(line: 1, .jobCancelled), .unanswered(line: 2, .jobCancelled)])
  }

  @Test func resultsThatNeverComeAreGivenUp() throws {
    let listener = try FakeDispatcher.Listener("ndjson-silent")
    let run = try Run([cancel("a")], socketPath: listener.path, answerTimeoutMs: 1)
    var dispatcher = try listener.accept()
    _ = try #require(try dispatcher.next())
    let (summary, _) = try run.finish()
    #expect(summary.published == 1)
    #expect(summary.unanswered == 1)
    #expect(!summary.isComplete)
  }

  @Test func aRefusedRecordIsABadLineInAnyOrder() throws {
    let listener = try FakeDispatcher.Listener("ndjson-refused")
    let run = try Run(["a", "b"].map(cancel), socketPath: listener.path)
    var dispatcher = try listener.accept()
    let first = try #require(try dispatcher.next())
    try dispatcher.refuse(try #require(try dispatcher.next()), detail: "job_id: too odd")
    try dispatcher.answer(first)
    let (summary, reports) = try run.finish()
    #expect(summary.applied == 1)
    #expect(summary.badLines == 1)
    #expect(summary.unanswered == 0)
    #expect(reports == [.badLine(2, reason: "job_id: too odd")])
  }

  @Test func theEndOfTheDispatcherIsTheEndOfTheStream() throws {
    let listener = try FakeDispatcher.Listener("ndjson-gone")
    let run = try Run(["a", "b"].map(cancel), socketPath: listener.path)
    var dispatcher = try listener.accept()
    try dispatcher.answer(try #require(try dispatcher.next()))
    _ = try #require(try dispatcher.next())
    try dispatcher.close(reason: "it stops")
    let (summary, _) = try run.finish()
    #expect(summary.applied == 1)
    #expect(summary.unanswered == 1)
    #expect(summary.interruption?.contains("it stops") == true)
    #expect(!summary.isComplete)
  }
}
