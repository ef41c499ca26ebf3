import EventJSON
import EventModel
import Terminal

/// What the demo found out; what it did not get to is nil.
struct DemoReport: Sendable {
  var workersRegistered: Int?
  var heartbeatsSent: UInt64?
  var heartbeatsReceived: UInt64?
  var heartbeatsApplied: UInt64?
  /// By the first dispatcher.
  var heartbeatsAppliedBefore: UInt64 = 0
  var transactions: UInt64?
  /// Of them, those in the archive's database.
  var archived: UInt64?
  var workerFailures: UInt64?
  var tasksRequeued: Int?
  var detectionMs: Double?
  /// From the end of the first dispatcher to the first result of the second.
  var recoveryMs: Double?
  var promise: Promise?
  var workerTimeoutMs: Int64
  var jobs: [(name: String, state: String)] = []
  var ringFull: UInt64?
  /// From the first heartbeat to the last.
  var heartbeatSeconds: Double?
  var durationSeconds = 0.0
  var isComplete = false

  init(options: DemoOptions) {
    workerTimeoutMs = options.workerTimeoutMs
  }

  /// Heartbeats that were sent and not applied.
  var lost: UInt64? {
    guard let heartbeatsSent, let heartbeatsApplied else { return nil }
    return heartbeatsSent - min(heartbeatsSent, heartbeatsApplied)
  }

  /// Heartbeats that the first dispatcher applied and the second found in the ring again.
  var repeated: UInt64? {
    guard let heartbeatsSent, let heartbeatsApplied else { return nil }
    return heartbeatsApplied - min(heartbeatsSent, heartbeatsApplied)
  }

  var heartbeatsPerSecond: Double? {
    guard let heartbeatsApplied, let heartbeatSeconds, heartbeatSeconds > 0 else { return nil }
    return Double(heartbeatsApplied) / heartbeatSeconds
  }

  var json: JSONValue {
    .object([
      JSONValue.Member("workers_registered", integer(workersRegistered)),
      JSONValue.Member("heartbeats_sent", integer(heartbeatsSent)),
      JSONValue.Member("heartbeats_received", integer(heartbeatsReceived)),
      JSONValue.Member("heartbeats_applied", integer(heartbeatsApplied)),
      JSONValue.Member("lost", integer(lost)),
      JSONValue.Member("heartbeats_repeated", integer(repeated)),
      JSONValue.Member("transactions", integer(transactions)),
      JSONValue.Member("archived", integer(archived)),
      JSONValue.Member("worker_failures", integer(workerFailures)),
      JSONValue.Member("tasks_requeued", integer(tasksRequeued)),
      JSONValue.Member("detection_ms", decimal(detectionMs)),
      JSONValue.Member("worker_timeout_ms", .integer(workerTimeoutMs)),
      JSONValue.Member("recovery_ms", decimal(recoveryMs)),
      JSONValue.Member("promise", promise.map { .string($0.name) } ?? .null),
      JSONValue.Member("jobs", .object(jobs.map { JSONValue.Member($0.name, .string($0.state)) })),
      JSONValue.Member("ring_full", integer(ringFull)),
      JSONValue.Member("heartbeats_per_s", decimal(heartbeatsPerSecond)),
      JSONValue.Member("duration_s", decimal(durationSeconds)),
      JSONValue.Member("ok", .boolean(isComplete)),
    ])
  }

  /// The same for people.
  func lines(paint: Paint) -> [String] {
    var table = TextTable("", "")
    func row(_ name: String, _ value: String?) {
      if let value { table.add(TextTable.Cell(name, .dim), TextTable.Cell(value)) }
    }
    row("workers registered", workersRegistered.map { "\($0)" })
    row("heartbeats sent", heartbeatsSent.map { "\($0)" })
    row("heartbeats received", heartbeatsReceived.map { "\($0)" })
    row("heartbeats applied", heartbeatsApplied.map { "\($0)" })
    row("heartbeats lost", lost.map { "\($0)" })
    if let repeated, repeated > 0 {
      row("applied once more", "\(repeated), found in the ring by the second dispatcher")
    }
    row("heartbeats a second", heartbeatsPerSecond.map { HumanNumber.rate(perSecond: $0) })
    row("transactions", transactions.map { "\($0)" })
    row("in the archive", archived.map { "\($0)" })
    row("workers lost", workerFailures.map { "\($0)" })
    row(
      "noticed after",
      detectionMs.map { "\(rounded($0)) ms (a worker may be silent for \(workerTimeoutMs) ms)" })
    row("tasks requeued", tasksRequeued.map { "\($0), in one transaction" })
    row(
      "dispatcher killed", recoveryMs.map { "and back: the next result came after \(rounded($0)) ms, from its journal" }
    )
    row("results are", promise.map { $0.name })
    for job in jobs { row("job \(job.name)", job.state) }
    row("rings full", ringFull.map { "\($0) times" })
    row("took", "\(rounded(durationSeconds)) s")
    let verdict =
      isComplete ? paint("The whole story happened.", .bold, .green) : paint("It did not end well.", .bold, .red)
    return Array(table.lines(paint: paint).dropFirst()) + [verdict]
  }

  private func integer(_ value: (some BinaryInteger)?) -> JSONValue {
    value.map { JSONValue.integer($0) } ?? .null
  }

  private func decimal(_ value: Double?) -> JSONValue {
    value.map { .number(rounded($0)) } ?? .null
  }

  private func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? String(Int64(tenths)) : String(tenths)
  }
}
