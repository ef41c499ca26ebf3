import EventModel
import Glibc
import Ingest
import Platform
import Synchronization
import Testing

/// An NDJSON ingest that reads a pipe which nobody closes, and is asked to stop; or whose dispatcher takes nothing.
@Suite struct NDJSONStopTests {
  private final class Run: Sendable {
    private struct State: Sendable {
      var reports: [NDJSONReport] = []
      var summary: Result<NDJSONSummary, any Error>?
    }

    let fifo: Int32
    let stop: Doorbell
    private let state = Mutex(State())
    private let reported: Doorbell
    private let ended: Doorbell
    private let path: String

    init(_ socketPath: String, _ options: NDJSONIngestOptions = NDJSONIngestOptions()) throws {
      path = socketPath + ".fifo"
      guard mkfifo(path, 0o600) == 0 else { throw SystemError.last("mkfifo \(path)") }
      fifo = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      stop = try Doorbell()
      reported = try Doorbell()
      ended = try Doorbell()
      var options = options
      options.socketPath = socketPath
      let thread = try NamedThread("ndjson") { [self, options] in
        let summary = Result {
          let ingest = try NDJSONIngest(options) { line in
            self.state.withLock { $0.reports.append(line) }
            self.reported.ring()
          }
          return try ingest.run(input: InputSource.open(self.path), stopDescriptor: self.stop.descriptor.raw)
        }
        state.withLock { $0.summary = summary }
        ended.ring()
      }
      thread.detach()
    }

    deinit {
      close(fifo)
      unlink(path)
    }

    func write(_ text: String) throws {
      let bytes = Array(text.utf8)
      guard Glibc.write(fifo, bytes, bytes.count) == bytes.count else { throw SystemError.last("write") }
    }

    /// What nobody has read.
    var unread: String {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(fifo, &bytes, bytes.count)
      return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    var hasEnded: Bool { state.withLock { $0.summary != nil } }

    func waitForReport() throws {
      guard Poll.readable(reported.descriptor.raw, timeoutUs: FakeDispatcher.waitUs) else {
        throw SystemError("wait for a report", code: ETIMEDOUT)
      }
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

  @Test func whatWasReadIsPublishedToTheEndOfItsLine() throws {
    let listener = try FakeDispatcher.Listener("ndjson-stop")
    let run = try Run(listener.path)
    let last = cancel("c")
    try run.write(cancel("a") + "\n" + cancel("b") + "\n" + last.prefix(20))
    var dispatcher = try listener.accept()
    let records = [try #require(try dispatcher.next()), try #require(try dispatcher.next())]
    run.stop.ring()
    try run.write(last.dropFirst(20) + "\n" + cancel("d") + "\n")
    for record in records { try dispatcher.answer(record) }
    let record = try #require(try dispatcher.next())
    #expect(record.body == .jobCancelled(.name("c"), reason: "r"))
    try dispatcher.answer(record)
    let (summary, reports) = try run.finish()
    #expect(summary.isStopped && summary.isComplete)
    #expect(summary.applied == 3)
    #expect(reports.isEmpty)
    #expect(run.unread == cancel("d") + "\n")
  }

  @Test func aLineWithoutAnEndIsSaidAtTheStop() throws {
    let listener = try FakeDispatcher.Listener("ndjson-cut")
    var options = NDJSONIngestOptions()
    options.lineEndMs = 1
    let run = try Run(listener.path, options)
    try run.write(cancel("a") + "\n" + #"{"type":"#)
    var dispatcher = try listener.accept()
    try dispatcher.answer(try #require(try dispatcher.next()))
    run.stop.ring()
    let (summary, reports) = try run.finish()
    #expect(summary.isStopped && !summary.isComplete)
    #expect(summary.applied == 1)
    #expect(summary.unpublished == 1)
    #expect(reports == [.cutShort(line: 2)])
  }

  /// More than the ring holds, in an order that is seen.
  private static let many = 5000

  private func fill(_ run: Run) throws {
    // A pipe takes 64 KiB at a time.
    for job in 0..<Self.many {
      let line = cancel("\(job)") + "\n"
      while (try? run.write(line)) == nil, !run.hasEnded { PollSet.waitWritable(run.fifo, timeoutMs: 1000) }
    }
  }

  @Test func aFullRingIsWaitedForAndNothingIsLost() throws {
    let listener = try FakeDispatcher.Listener("ndjson-full")
    var options = NDJSONIngestOptions()
    options.window = Self.many
    options.fullRingMs = 1
    let run = try Run(listener.path, options)
    var dispatcher = try listener.accept()
    let writer = try NamedThread("writer") { try? fill(run) }
    try run.waitForReport()
    for _ in 0..<Self.many { try dispatcher.answer(try #require(try dispatcher.next())) }
    writer.join()
    run.stop.ring()
    let (summary, reports) = try run.finish()
    #expect(summary.applied == Self.many)
    #expect(summary.isComplete)
    guard case .ringFull(let line) = reports.first, case .ringHasRoom(line, _)? = reports.dropFirst().first else {
      throw SystemError("find the wait in \(reports)", code: ENOENT)
    }
  }

  @Test func whatAFullRingDoesNotTakeIsSaidAtTheStop() throws {
    let listener = try FakeDispatcher.Listener("ndjson-full-stop")
    var options = NDJSONIngestOptions()
    options.window = Self.many
    options.fullRingMs = 1
    options.stopTimeoutMs = 1
    let run = try Run(listener.path, options)
    let dispatcher = try listener.accept()
    let writer = try NamedThread("writer") { try? fill(run) }
    try run.waitForReport()
    run.stop.ring()
    let (summary, reports) = try run.finish()
    #expect(summary.isStopped && !summary.isComplete)
    #expect(summary.unpublished > 0)
    #expect(summary.unpublished == reports.count { if case .unpublished = $0 { true } else { false } })
    #expect(summary.lines == summary.published + summary.unpublished)
    writer.join()
    withExtendedLifetime(dispatcher) {}
  }
}
