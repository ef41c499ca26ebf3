import Configuration
import Controller
import EventBus
import EventModel
import LogMessages
import Logging
import Synchronization
import Testing

/// The built-in observer and dead-letter sink `log`.
@Suite struct FailureLogTests {
  private final class Entries: LogHandler {
    let all = Mutex<[LogEvent]>([])
    var logLevel: Logger.Level {
      get { .trace }
      set {}
    }
    var metadata: Logger.Metadata {
      get { [:] }
      set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { nil }
      set {}
    }

    func log(event: LogEvent) { all.withLock { $0.append(event) } }
  }

  /// What is logged of these events, each from peer 3.
  private func entries(_ events: [Event], observer: String = "log") throws -> [LogEvent] {
    let entries = Entries()
    var choice = PluginChoice()
    choice.observers = [ObserverChoice(name: observer)]
    choice.deadLetterSink = "log"
    let context = PluginContext(log: Logger(label: "test", factory: { _ in entries }))
    var parts = try PluginRegistry().parts(choice, context)
    var state = ControllerState(configuration: ControllerConfiguration())
    for event in events {
      _ = parts.bus.dispatch(event.stamped(id: EventID(peer: 3, position: 9), timestampMs: 1), to: &state)
    }
    return entries.all.withLock { $0 }
  }

  private func isOne(_ entry: LogEvent, of message: LogMessage, _ metadata: Logger.Metadata) -> Bool {
    var expected = metadata
    expected[LogMessage.metadataKey] = .string(message.id)
    return entry.level == message.level && "\(entry.message)" == message.text && entry.metadata == expected
  }

  private func job(replicas: Int32) -> Event {
    var request = JobRequest()
    request.replicas = replicas
    return .jobSubmitted("j", request: request)
  }

  private let worker = Event.workerRegistered(
    "w", address: "a", metadata: WorkerMetadata(capacity: Resources(milliCPU: 64_000)))

  @Test func whatWentWellIsPassedOver() throws {
    #expect(try entries([worker, job(replicas: 1), .taskAssigned("j/task-0", worker: "w")]).isEmpty)
  }

  @Test func aFailedTaskIsToldWithAllThatItConcerns() throws {
    let entries = try entries([
      worker, job(replicas: 2), .taskAssigned("j/task-0", worker: "w"),
      .taskStateChanged("j/task-0", attempt: 0, state: .failed, error: "boom"),
    ])
    try #require(entries.count == 1, "\(entries)")
    #expect(
      isOne(
        entries[0], of: .taskFailed,
        [
          "cause": "TASK_STATE_CHANGED j/task-0 (attempt 0 FAILED: boom) from peer 3", "event": "TASK_STATE_CHANGED",
          "job": "j", "task": "j/task-0", "worker": "w", "txn": "4", "tasks_failed": "1", "workers_lost": "0",
        ]), "\(entries[0])")
  }

  @Test func aLostWorkerIsToldWithItsTasks() throws {
    let tasks = 40
    let placements = (0..<tasks).map { Event.taskAssigned(.name("j/task-\($0)"), worker: "w") }
    let events = [worker, job(replicas: Int32(tasks))] + placements + [.workerFailed("w", error: "disk")]
    let entries = try entries(events)
    try #require(entries.count == 1, "\(entries)")
    #expect(
      isOne(
        entries[0], of: .workerFailed,
        [
          "cause": "WORKER_FAILED w (disk) from peer 3", "event": "WORKER_FAILED", "job": "j", "worker": "w",
          "task": .array((0..<16).map { .string("j/task-\($0)") }), "txn": "43", "tasks_failed": "0",
          "workers_lost": "1",
        ]), "\(entries[0])")
  }

  @Test func aStockConfigurationLogsLostWorkersAndNoFailuresOfJobs() throws {
    let observer = try #require(RingmasterConfiguration().plugins.observers.first?.name)
    let entries = try entries(
      [
        worker, job(replicas: 1), .taskAssigned("j/task-0", worker: "w"),
        .taskStateChanged("j/task-0", attempt: 0, state: .failed, error: "boom"), .workerFailed("nobody"),
        .workerFailed("w", error: "disk"),
      ], observer: observer)
    let messages = entries.map { "\($0.message)" }.filter { $0 != LogMessage.deadLetter.text }
    #expect(messages == [LogMessage.workerFailed.text])
  }

  @Test func aJobThatCannotBeRunIsTold() throws {
    let entries = try entries([job(replicas: 0)])
    try #require(entries.count == 1, "\(entries)")
    #expect(
      isOne(
        entries[0], of: .jobInvalid,
        [
          "cause": "JOB_SUBMITTED j (0 tasks) from peer 3", "event": "JOB_SUBMITTED", "job": "j", "txn": "1",
          "tasks_failed": "0", "workers_lost": "0",
        ]), "\(entries[0])")
  }

  @Test func aRefusedEventIsToldAndIsADeadLetter() throws {
    let entries = try entries([.workerFailed("nobody")])
    try #require(entries.count == 2, "\(entries)")
    let refused = try #require(entries.first { "\($0.message)" == LogMessage.eventRefused.text })
    #expect(
      isOne(
        refused, of: .eventRefused,
        [
          "cause": "WORKER_FAILED nobody from peer 3", "event": "WORKER_FAILED", "reason": "unknown_worker",
          "txn": "1",
        ]), "\(refused)")
    let letter = try #require(entries.first { "\($0.message)" == LogMessage.deadLetter.text })
    #expect(
      isOne(
        letter, of: .deadLetter,
        ["cause": "WORKER_FAILED rejected: unknown_worker", "origin": "3:9", "reason": "unknownEntity"]), "\(letter)")
  }

  @Test func stallsAndBrakesAreTold() throws {
    let census = ZoneCensus(zone: "north", silentWorkers: 30, workers: 40)
    let entries = try entries([
      .controllerStalled(stalledMs: 7000, timestampMs: 1), .brakeEngaged(census, timestampMs: 1),
      .brakeReleased(census, timestampMs: 1), .clockCorrected(aheadMs: 5, timestampMs: 1),
    ])
    try #require(entries.count == 4, "\(entries)")
    #expect(
      isOne(
        entries[0], of: .dispatcherStalled,
        ["cause": "CONTROLLER_STALLED (for 7000 ms) from peer 3", "event": "CONTROLLER_STALLED", "txn": "1"]),
      "\(entries[0])")
    #expect(
      isOne(
        entries[3], of: .clockCorrected,
        ["cause": "CLOCK_CORRECTED (was 5 ms ahead) from peer 3", "event": "CLOCK_CORRECTED", "txn": "4"]),
      "\(entries[3])")
    for (entry, message) in zip(entries.dropFirst(), [LogMessage.brakeEngaged, .brakeReleased]) {
      #expect("\(entry.message)" == message.text && entry.metadata?["zone"] == "north")
      #expect(entry.metadata?["cause"].map { "\($0)" }?.contains("north (30 of 40 workers silent)") == true, "\(entry)")
    }
  }
}
