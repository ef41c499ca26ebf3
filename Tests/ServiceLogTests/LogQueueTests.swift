import LogMessages
import Logging
import Platform
import ServiceLog
import Synchronization
import Testing

@Suite struct LogQueueTests {
  private static let timeoutMs: Int32 = 30_000

  /// Keeps what comes, once its gate is open.
  private final class Recorder: LogSink {
    let events = Mutex<[LogEvent]>([])
    let gate: Doorbell
    let loses: @Sendable (LogEvent) -> Bool

    init(isOpen: Bool = true, losing loses: @escaping @Sendable (LogEvent) -> Bool = { _ in false }) throws {
      gate = try Doorbell()
      self.loses = loses
      if isOpen { gate.ring() }
    }

    func write(_ event: LogEvent) -> Bool {
      _ = Poll.readable([gate.descriptor.raw], timeoutMs: -1)
      guard !loses(event) else { return false }
      events.withLock { $0.append(event) }
      return true
    }

    var texts: [String] { events.withLock { $0.map { "\($0.message)" } } }
    var droppedTold: [String] {
      events.withLock { $0.compactMap { $0.metadata?[LogField.dropped.rawValue].map { "\($0)" } } }
    }
  }

  private func logger(_ queue: LogQueue) -> Logger {
    Logger(label: "test", factory: { _ in QueuedLogHandler(queue) })
  }

  @Test func entriesAreWrittenInTheirOrder() throws {
    let recorder = try Recorder()
    let queue = try LogQueue(to: recorder)
    let log = logger(queue)
    for number in 0..<1000 { log.info("entry \(number)") }
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    #expect(recorder.texts == (0..<1000).map { "entry \($0)" })
  }

  @Test func whoLogsDoesNotWait() throws {
    let recorder = try Recorder(isOpen: false)
    let queue = try LogQueue(to: recorder, capacity: 10)
    let log = logger(queue)
    for number in 0..<1000 { log.info("entry \(number)") }
    #expect(!queue.flush(timeoutMs: 1))
    #expect(recorder.texts.isEmpty)

    recorder.gate.ring()
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    let kept = recorder.texts.filter { $0.hasPrefix("entry") }
    // Those that are being written have left room for as many again.
    #expect((10...20).contains(kept.count), "\(kept)")
    let numbers = kept.compactMap { Int($0.dropFirst("entry ".count)) }
    #expect(Array(numbers.prefix(10)) == Array(0..<10) && numbers == numbers.sorted())
    #expect(recorder.droppedTold.compactMap { Int($0) }.reduce(0, +) == 1000 - kept.count)
    #expect(recorder.texts.contains(LogMessage.entriesDropped.text))
  }

  @Test func whatTheSinkLosesIsTold() throws {
    let recorder = try Recorder { "\($0.message)" == "lost" }
    let queue = try LogQueue(to: recorder)
    let log = logger(queue)
    log.info("lost")
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    #expect(recorder.droppedTold == ["1"])
    log.info("kept")
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    #expect(recorder.texts == [LogMessage.entriesDropped.text, "kept"])
  }

  @Test func metadataOfTheLoggerGoesAlong() throws {
    let recorder = try Recorder()
    let queue = try LogQueue(to: recorder)
    var log = logger(queue)
    log[metadataKey: "instance"] = "a"
    log[metadataKey: "peer"] = "1"
    log.tell(.peerMissing, [.peer: "2"], metadata: ["more": "x"])
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    let metadata = try #require(recorder.events.withLock { $0.first?.metadata })
    #expect(
      metadata == [
        "instance": "a", "peer": "2", "more": "x", LogMessage.metadataKey: "\(LogMessage.peerMissing.id)",
      ])
  }

  @Test func whatIsBelowTheLevelIsNotWritten() throws {
    let recorder = try Recorder()
    let queue = try LogQueue(to: recorder)
    var log = logger(queue)
    log.logLevel = .warning
    log.tell(.peerMissing, [.peer: "2"])
    log.tell(.snapshotDamaged, [.cause: "x"])
    #expect(queue.flush(timeoutMs: Self.timeoutMs))
    #expect(recorder.texts == [LogMessage.snapshotDamaged.text])
  }

  @Test func anEmptyQueueNeedsNoFlush() throws {
    #expect(try LogQueue(to: Recorder(isOpen: false)).flush(timeoutMs: 0))
  }
}
