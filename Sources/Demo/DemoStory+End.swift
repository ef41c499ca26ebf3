import Archive
import EventJSON
import EventModel
import Platform
import RingmasterClient
import Telemetry

/// The end of the story, and the waiting that all its steps share.
extension DemoStory {
  func awaitBatch(_ client: RingmasterClient) async throws {
    board.begin(.batchSucceeded)
    try await wait("job \(Self.batch) ends", upTo: options.batchLimit, every: Self.queryPeriod) {
      try await noteJobs(client)[Self.batch]?.isTerminal == true
    }
    let jobs = try await noteJobs(client)
    guard jobs[Self.batch] == .succeeded, jobs[Self.service] == .killed else {
      let states = jobs.sorted { $0.key < $1.key }.map { "\($0.key) is \($0.value.name)" }.joined(separator: ", ")
      throw DemoFailure("\(states); expected \(Self.batch) SUCCEEDED and \(Self.service) KILLED")
    }
    board.finish(.batchSucceeded, "job \(Self.batch) SUCCEEDED, all \(options.tasks) tasks")
  }

  /// Lets heartbeats flow for as long as was asked, stops them, and finds every one of them again.
  func accountForHeartbeats(
    _ client: RingmasterClient, _ fleet: FleetControl, since startNs: UInt64
  ) async throws {
    board.begin(.heartbeatsAccounted)
    if let durationMs = options.durationMs {
      let endNs = startNs + UInt64(durationMs) * 1_000_000
      let limit = Duration.milliseconds(durationMs) + Self.stepLimit
      try await wait("the time is over", upTo: limit) { Clock.bootNs() >= endNs }
    }
    fleet.stopHeartbeats()
    try await wait("the fleet stops its heartbeats", upTo: Self.stepLimit, about: fleet.process) { fleet.stop != nil }
    guard let stop = fleet.stop else { preconditionFailure("the wait ends with a stop or throws") }
    board.update {
      $0.heartbeatsSent = stop.heartbeatsSent
      $0.heartbeatSeconds = Double(stop.bootNs &- startNs) / 1e9
    }
    try await reconcileHeartbeats(sent: stop.heartbeatsSent, client)
    try await notePeers(client)
    board.finish(.heartbeatsAccounted, "\(stop.heartbeatsSent) heartbeats sent, all of them applied")
  }

  private func reconcileHeartbeats(sent: UInt64, _ client: RingmasterClient) async throws {
    var applied: UInt64 = 0
    var failure: DemoFailure?
    do {
      try await wait("every heartbeat is applied", upTo: Self.stepLimit, every: Self.queryPeriod) {
        let counters = try await queryCounters(client)
        applied = Self.heartbeatsOfFleet { counters[$0] }
        applied += board.snapshot.report.heartbeatsAppliedBefore
        return applied >= sent
      }
    } catch let late as DemoFailure {
      failure = late
    }
    let page = try? CounterPageReader.read(instance: processes.instance, process: processes.ingestProcess)
    board.update {
      $0.heartbeatsApplied = applied
      $0.heartbeatsReceived = page?["heartbeats_received"]
      $0.transactions = watch.lastTransaction
      $0.workerFailures = UInt64(watch.losses.count)
      $0.promise = watch.promise
    }
    let received = page?["heartbeats_received"]
    guard failure == nil, applied >= sent, received == sent else {
      let received = received.map { "\($0)" } ?? "an unknown number of"
      throw DemoFailure(
        "\(sent) heartbeats sent, \(received) received, \(applied) applied: expected all of them to be received and applied"
      )
    }
    guard watch.losses.count == 1 else {
      throw DemoFailure("\(watch.losses.count) workers were declared lost, expected the one that was killed")
    }
    guard watch.overruns == 0 else {
      throw DemoFailure("the demo's own result ring overran \(watch.overruns) times: it did not see everything")
    }
  }

  /// Waits until the archive has taken over every transaction that this story has seen.
  func findHistory(_ archive: ChildProcess) async throws {
    board.begin(.historyArchived)
    let expected = watch.lastTransaction
    var archived: UInt64 = 0
    try await wait(
      "the archive has transaction #\(expected)", upTo: Self.stepLimit, every: Self.queryPeriod, about: archive
    ) {
      // The database is there once the archive has taken over the first commit.
      archived = (try? ArchiveHistory.open(processes.database).newest()) ?? 0
      return archived >= expected
    }
    let count = archived
    board.update { $0.archived = count }
    board.finish(.historyArchived, "\(count) transactions in SQLite")
  }

  /// - Parameter kills: processes that workers had to stop.
  func stopAll(
    _ fleet: FleetControl, _ rest: [ChildProcess], _ client: RingmasterClient, kills: Int
  ) async throws {
    board.begin(.allStopped)
    // The rings of a peer that is away stay for the next dispatcher.
    try await wait("the ingest has attached again", upTo: Self.stepLimit) {
      let page = try? CounterPageReader.read(instance: processes.instance, process: processes.ingestProcess)
      return (page?["attached_again"] ?? 0) > 0
    }
    client.close()
    try await wait("the demo's own client has left", upTo: Self.stepLimit) { client.closeReason != nil }
    try await processes.stop(fleet.process)
    try await wait("the fleet says what it did", upTo: Self.stepLimit) { fleet.totals != nil }
    guard let totals = fleet.totals, totals.killsObeyed >= kills, totals.sendFailures == 0 else {
      let obeyed = fleet.totals?.killsObeyed ?? 0
      throw DemoFailure(
        "workers stopped \(obeyed) processes, expected \(kills); \(fleet.totals?.sendFailures ?? 0) datagrams unsent")
    }
    for process in rest { try await processes.stop(process) }
    let leftovers = await processes.removeAll()
    guard leftovers.isEmpty else {
      throw DemoFailure("shared memory was left over, and removed: \(leftovers.joined(separator: ", "))")
    }
    board.finish(.allStopped, "all processes ended with exit code 0 and left nothing behind")
  }

  // MARK: asking and waiting

  func submit(_ job: String, replicas: Int, _ reason: String, _ client: RingmasterClient) async throws {
    var request = JobRequest()
    request.replicas = Int32(replicas)
    request.owner = "demo"
    request.reason = reason
    try await client.submit(job, request)
  }

  private func noteJobs(_ client: RingmasterClient) async throws -> [String: JobState] {
    var states: [String: JobState] = [:]
    for case .job(let row) in try await client.query(.jobs) { states[row.name] = row.state }
    let jobs = states.sorted { $0.key < $1.key }.map { (name: $0.key, state: $0.value.name) }
    board.update { $0.jobs = jobs }
    return states
  }

  /// Without those of the real worker.
  static func heartbeatsOfFleet(_ counter: (String) -> UInt64?) -> UInt64 {
    let (all, own) = (counter("heartbeats_applied") ?? 0, counter("heartbeats_of_own") ?? 0)
    return all - min(all, own)
  }

  /// How often a ring was full, while everybody is still attached.
  private func notePeers(_ client: RingmasterClient) async throws {
    var full: UInt64 = 0
    for case .peer(let row) in try await client.query(.peers) { full += row.full }
    let total = full
    board.update { $0.ringFull = total }
  }

  private func queryCounters(_ client: RingmasterClient) async throws -> [String: UInt64] {
    var counters: [String: UInt64] = [:]
    for case .counter(let name, let value) in try await client.query(.counters) { counters[name] = value }
    return counters
  }

  /// Where the ingest listens, as it says itself.
  func ingestAddress(_ ingest: ChildProcess) async throws -> String {
    let said = FirstLine()
    let reading = Task {
      for await line in ingest.lines { said.note(line) }
    }
    defer { reading.cancel() }
    try await wait("the ingest listens", upTo: Self.startLimit, about: ingest) { said.text != nil }
    let line = said.text ?? ""
    guard line.hasPrefix(Self.listeningPrefix) else {
      throw DemoFailure("the ingest said \"\(line)\", expected \"\(Self.listeningPrefix)ADDRESS\"")
    }
    return String(line.dropFirst(Self.listeningPrefix.count))
  }

  /// Waits until `condition` holds.
  ///
  /// - Throws: `DemoFailure` when it does not in time, or when a process ends meanwhile; `CancellationError`.
  func wait(
    _ what: String, upTo limit: Duration, every period: Duration = watchPeriod, about process: ChildProcess? = nil,
    until condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
      if let casualty = processes.casualty, let end = casualty.end {
        throw DemoFailure("waited until \(what), but \(casualty.name) \(end)", logTail: casualty.logTail())
      }
      guard ContinuousClock.now < deadline else {
        throw DemoFailure("waited \(limit) until \(what), in vain", logTail: process?.logTail() ?? [])
      }
      try await Task.sleep(for: period)
    }
  }
}
