import CRingmaster
import Controller
import EventCodec
import EventModel
import EventRing

/// Queries: their rows are read from the state one at a time.
extension DispatchLoop {
  static let maximumRowsPerQuery = 1024

  mutating func answerQueries(_ results: UnsafeMutablePointer<ResultLane>) {
    while var query = results.pointee.queries.first {
      guard prepare(&query) else {
        results.pointee.queries[0] = query
        return
      }
      while query.rowsLeft > 0, let (row, next) = nextRow(query) {
        guard let record = try? rowWriter.encode(row, request: query.request) else {
          preconditionFailure("a row does not fit a record")
        }
        guard (try? results.pointee.producer.tryPublish(record)) != nil else {
          results.pointee.queries[0] = query
          return
        }
        results.pointee.needsFlush = true
        query.cursor = next
        query.rowsLeft -= 1
      }
      guard finish(query, results) else {
        results.pointee.queries[0] = query
        return
      }
      results.pointee.queries.removeFirst()
    }
  }

  private mutating func finish(_ query: PendingQuery, _ results: UnsafeMutablePointer<ResultLane>) -> Bool {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_QUERY_DONE)
    head.slots = 1
    head.number = query.request
    head.object = nextRow(query) == nil ? .max : query.cursor
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.needsFlush = true
    return true
  }

  /// The row at or after a query's cursor, and the cursor behind it; nil at the end.
  func nextRow(_ query: PendingQuery) -> (Row, UInt64)? {
    if let rows = query.preparedRows {
      return query.cursor < rows.count ? (rows[Int(query.cursor)], query.cursor + 1) : nil
    }
    if query.entity == QueryEntity.deadLetters.rawValue {
      return letters.next(from: query.cursor).map { (.deadLetter(DeadLetterRow($0)), $0.number + 1) }
    }
    guard let entity = query.entity.flatMap(QueryEntity.init(rawValue:)), query.cursor < UInt64(Int32.max) else {
      return nil
    }
    let slot = Int(query.cursor)
    switch entity {
    case .workers: return state.nextWorker(from: slot).map { (.worker(WorkerRow($0)), UInt64($0.handle.index) + 1) }
    case .jobs: return state.nextJob(from: slot).map { (.job(JobRow($0)), UInt64($0.handle.index) + 1) }
    case .tasks:
      return state.nextTask(from: slot, newestAttempts: 1).map { (.task(TaskRow($0)), UInt64($0.handle.index) + 1) }
    case .counters: return counterRow(slot).map { ($0, query.cursor + 1) }
    case .peers: return lanes.next(from: slot).map { (.peer(peerRow($0)), UInt64($0) + 1) }
    case .brakes: return slot < state.brakes.count ? (.brake(BrakeRow(state.brakes[slot])), query.cursor + 1) : nil
    case .deadLetters, .explanation, .attempts, .steps: return nil
    }
  }

  private func peerRow(_ index: Int) -> PeerRow {
    let lane = lanes[index]
    let counters = lane.pointee.consumer.producerCounters()
    return PeerRow(
      peer: lane.pointee.id, name: lane.pointee.peer.facts.name, role: lane.pointee.role.rawValue,
      received: lane.pointee.received, full: counters.full, shed: counters.shed,
      overruns: lane.pointee.results?.pointee.overruns ?? 0)
  }

  private func counterRow(_ index: Int) -> Row? {
    let labels = DispatcherCounter.allCases
    if index < labels.count { return .counter(name: labels[index].rawValue, value: counters[labels[index]].value) }
    var index = index - labels.count
    if index < bus.counters.drops.count {
      let drop = bus.counters.drops[index]
      return .counter(name: "dropped_by_\(drop.name)", value: drop.count)
    }
    index -= bus.counters.drops.count
    if index < bus.counters.observerFailures.count {
      let failure = bus.counters.observerFailures[index]
      return .counter(name: "failures_of_\(failure.name)", value: failure.count)
    }
    index -= bus.counters.observerFailures.count
    if index < bus.counters.middlewareFailures.count {
      let failure = bus.counters.middlewareFailures[index]
      return .counter(name: "failures_of_\(failure.name)", value: failure.count)
    }
    index -= bus.counters.middlewareFailures.count
    return deadLetterCounter(index) ?? stateCounter(index - Self.deadLetterCounters)
  }

  private func stateCounter(_ index: Int) -> Row? {
    let totals = state.totals
    switch index {
    case 0: return .counter(name: "workers", value: UInt64(totals.workers))
    case 1: return .counter(name: "cpu_milli_total", value: UInt64(totals.totalMilliCPU))
    case 2: return .counter(name: "cpu_milli_committed", value: UInt64(totals.committedMilliCPU))
    case 3: return .counter(name: "queue_length", value: UInt64(totals.queueLength))
    default: break
    }
    let jobStates = JobState.allCases
    let jobIndex = index - 4
    if jobIndex < jobStates.count {
      let state = jobStates[jobIndex]
      return .counter(name: "jobs_\(state.name.lowercased())", value: UInt64(totals.jobs[state]))
    }
    let taskStates = TaskState.allCases
    let taskIndex = jobIndex - jobStates.count
    guard taskIndex < taskStates.count else { return journalCounter(taskIndex - taskStates.count) }
    let state = taskStates[taskIndex]
    return .counter(name: "tasks_\(state.name.lowercased())", value: UInt64(totals.tasks[state]))
  }
}

extension DispatchLoop {
  private func journalCounter(_ index: Int) -> Row? {
    switch index {
    case 0: .counter(name: "promise", value: UInt64(journal.promise.rawValue))
    case 1: .counter(name: "journal_last_record", value: journal.lastRecord)
    case 2: .counter(name: "journal_durable_record", value: journal.isKept ? journal.durable : 0)
    case 3: .counter(name: "journal_out_of_space", value: journal.status == .outOfSpace ? 1 : 0)
    default: nil
    }
  }
}
