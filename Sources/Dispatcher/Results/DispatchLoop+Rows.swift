import Controller
import EventModel

/// The rows of queries, read from the state one at a time.
extension DispatchLoop {
  enum NextRow {
    /// `next` is the cursor behind it.
    case row(Row, next: UInt64)
    /// Nothing up to here, and no looks left.
    case gap(next: UInt64)
    case end
  }

  /// The row at or after a query's cursor.
  ///
  /// - Parameter looks: at slots, more than 0; less by those that were looked at in vain.
  func nextRow(_ query: PendingQuery, _ looks: inout Int) -> NextRow {
    if let rows = query.preparedRows {
      guard query.cursor < rows.count else { return .end }
      return .row(rows[Int(query.cursor)], next: query.cursor + 1)
    }
    guard let entity = query.entity.flatMap(QueryEntity.init(rawValue:)) else { return .end }
    if entity == .deadLetters {
      return letters.store.next(from: query.cursor).map { .row(.deadLetter(DeadLetterView($0)), next: $0.number + 1) }
        ?? .end
    }
    guard query.cursor < UInt64(Int32.max) else { return .end }
    let index = Int(query.cursor)
    switch entity {
    case .workers:
      return nextRow(of: .workers, slots(of: .workers, query), &looks) { slot in
        state.nextWorker(from: slot, listsTasks: false).map { .worker($0) }
      }
    case .jobs:
      return nextRow(of: .jobs, slots(of: .jobs, query), &looks) { slot in
        state.nextJob(from: slot).map { .job($0) }
      }
    case .tasks where query.taskSlots != nil: return nextTask(of: query)
    case .specifications: return specification(query).map { .row($0, next: .max) } ?? .end
    case .tasks:
      return nextRow(of: .tasks, slots(of: .tasks, query), &looks) { slot in
        state.nextTask(from: slot, newestAttempts: 1).map { .task($0) }
      }
    case .counters: return counterRow(index).map { .row($0, next: query.cursor + 1) } ?? .end
    case .peers: return lanes.next(from: index).map { .row(.peer(peerRow($0)), next: UInt64($0) + 1) } ?? .end
    case .brakes:
      guard index < state.brakes.count else { return .end }
      return .row(.brake(state.brakes[index]), next: query.cursor + 1)
    case .deadLetters, .explanation, .attempts, .steps: return .end
    }
  }

  /// The slots of a table that a query has still to go through.
  private func slots(of table: EntityTable, _ query: PendingQuery) -> Range<Int> {
    let all: Range<Int>
    switch table {
    case .tasks: all = query.job.map { state.taskSlots(of: $0) ?? 0..<0 } ?? 0..<state.slotCount(of: table)
    case .jobs: all = query.job.map { Self.range(state.slot(of: $0)) } ?? 0..<state.slotCount(of: table)
    case .workers: all = query.worker.map { Self.range(state.slot(of: $0)) } ?? 0..<state.slotCount(of: table)
    }
    return (Int(clamping: query.cursor)..<Int.max).clamped(to: all)
  }

  private static func range(_ slot: Int?) -> Range<Int> {
    slot.map { $0..<$0 + 1 } ?? 0..<0
  }

  /// A task that runs or stops on a worker; nil behind the last.
  private func nextTask(of query: PendingQuery) -> NextRow {
    guard let slot = query.taskSlots?.first(where: { UInt64($0) >= query.cursor }),
      let row = state.nextTask(from: slot, newestAttempts: 1)
    else { return .end }
    return .row(.task(row), next: UInt64(slot) + 1)
  }

  private func specification(_ query: PendingQuery) -> Row? {
    guard let slot = query.job.flatMap({ state.slot(of: $0) }), let view = state.nextJob(from: slot) else { return nil }
    return .specification(
      SpecificationView(
        handle: view.handle, name: view.name, bytes: view.specificationBytes, specification: view.request.specification)
    )
  }

  private func nextRow(
    of table: EntityTable, _ slots: Range<Int>, _ looks: inout Int, _ row: (_ slot: Int) -> Row?
  ) -> NextRow {
    guard !slots.isEmpty else { return .end }
    let (first, count) = (slots.lowerBound, slots.upperBound)
    let last = min(first + looks, count)
    let found = state.firstOccupied(first..<last, of: table)
    looks -= (found ?? last) - first
    guard let found, let row = row(found) else { return last < count ? .gap(next: UInt64(last)) : .end }
    return .row(row, next: UInt64(found) + 1)
  }

  /// Is nothing left behind a query's cursor? What would take looks to find out, its next page finds out.
  func isAtEnd(_ query: PendingQuery) -> Bool {
    if query.cursor == .max { return true }
    if let rows = query.preparedRows { return query.cursor >= rows.count }
    switch query.entity.flatMap(QueryEntity.init(rawValue:)) {
    case .workers: return slots(of: .workers, query).isEmpty
    case .jobs: return slots(of: .jobs, query).isEmpty
    case .tasks where query.taskSlots != nil:
      if case .end = nextTask(of: query) { return true } else { return false }
    case .tasks: return slots(of: .tasks, query).isEmpty
    case .brakes: return query.cursor >= state.brakes.count
    case .counters: return query.cursor < Int32.max && counterRow(Int(query.cursor)) == nil
    case .peers: return query.cursor < Int32.max && lanes.next(from: Int(query.cursor)) == nil
    case .deadLetters: return query.cursor > letters.store.lastNumber
    case nil, .explanation, .attempts, .steps, .specifications: return true
    }
  }

  private func peerRow(_ index: Int) -> PeerView {
    let lane = lanes[index]
    let counters = lane.pointee.consumer.producerCounters()
    return PeerView(
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
    case 1: return .counter(name: "cpu_milli_total", value: UInt64(clamping: totals.capacity.milliCPU))
    case 2: return .counter(name: "cpu_milli_committed", value: UInt64(clamping: totals.committed.milliCPU))
    case 3: return .counter(name: "memory_bytes_total", value: UInt64(bitPattern: totals.capacity.memoryBytes))
    case 4: return .counter(name: "memory_bytes_committed", value: UInt64(bitPattern: totals.committed.memoryBytes))
    case 5: return .counter(name: "queue_length", value: UInt64(totals.queueLength))
    case 6: return .counter(name: "workers_draining", value: UInt64(state.drainingWorkers))
    case 7: return .counter(name: "attempts_stopping", value: UInt64(totals.stopping))
    default: break
    }
    let jobStates = JobState.allCases
    let jobIndex = index - 8
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
    default: deviceCounter(index - 4)
    }
  }

  /// Of each kind of device, how many there are and how many tasks hold.
  private func deviceCounter(_ index: Int) -> Row? {
    let (device, isCommitted) = (index / 2, index % 2 == 1)
    let (capacity, committed) = (state.resources(state.totals.capacity), state.resources(state.totals.committed))
    // Tasks may hold what their worker does not have any more.
    let names =
      capacity.devices.all.map(\.name) + committed.devices.all.map(\.name).filter { capacity.devices[$0] == 0 }
    guard device < names.count else { return nil }
    let name = names[device]
    return isCommitted
      ? .counter(name: "devices_committed.\(name)", value: UInt64(clamping: committed.devices[name]))
      : .counter(name: "devices_total.\(name)", value: UInt64(clamping: capacity.devices[name]))
  }
}
