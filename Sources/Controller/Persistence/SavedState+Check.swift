import EventModel

extension SavedState {
  /// What contradicts the rest, so that no state can be restored from it; nil when nothing does. What is read from outside may
  /// say anything.
  public var contradiction: String? {
    slotContradiction(
      "worker", workerGenerations, freeWorkerSlots, workers.map(\.slot),
      names: workers.map { workerNames[Int($0.name)] })
      ?? slotContradiction("job", jobGenerations, freeJobSlots, jobs.map(\.slot), names: jobs.map(\.name))
      ?? numberContradiction ?? treeContradiction ?? taskContradiction ?? deviceContradiction ?? endpointContradiction
  }

  /// Each slot of a table is one entity's or free.
  private func slotContradiction(
    _ entity: String, _ generations: [UInt32], _ free: [UInt32], _ used: [UInt32], names: [String]
  ) -> String? {
    if generations.contains(0) { return "a slot of a \(entity) of generation 0" }
    var slots = TakenSlots(count: generations.count)
    guard used.count + free.count == generations.count,
      used.allSatisfy({ slots.take($0) }), free.allSatisfy({ slots.take($0) })
    else {
      return "\(generations.count) slots of \(entity)s, which are not each used or free"
    }
    return Set(names.map(ByteText.init)).count == names.count ? nil : "two \(entity)s of one name"
  }

  private var numberContradiction: String? {
    let requests = jobs.map(\.request)
    let areRequestsInRange = requests.allSatisfy { request in
      request.resources.isWithinLimits && Limits.retries.contains(request.maxRetriesFailure)
        && Limits.retries.contains(request.maxRetriesPreemption) && Limits.retries.contains(request.maxTaskFailures)
        && request.schedulingTimeoutMs.map(Limits.timeMs.contains) ?? true
        && request.isWithinLimits
    }
    func isTime(_ ms: Int64?) -> Bool { ms.map(Limits.timeMs.contains) ?? true }
    let areTimesInRange =
      isTime(nowMs) && brakes.allSatisfy { isTime($0.engagedMs) }
      && jobs.allSatisfy { isTime($0.submittedMs) && isTime($0.rootSubmittedMs) && isTime($0.endedMs) }
      && attempts.allSatisfy { isTime($0.startedMs) && isTime($0.runningMs) && isTime($0.endedMs) }
      && tasks.allSatisfy { isTime($0.schedulableMs) }
      && drains.allSatisfy { isTime($0.startedMs) && isTime($0.graceMs) }
      && earlierAssignments.allSatisfy { isTime($0.assignedMs) } && isTime(formerTimeoutMs)
    guard areRequestsInRange, areTimesInRange,
      jobs.allSatisfy({ $0.endedMs ?? 0 <= nowMs }),
      workers.allSatisfy({ $0.consecutiveFailures >= 0 }), workerDetails.count == workers.count,
      workerDetails.allSatisfy({ $0.metadata.capacity.isWithinLimits }),
      tasks.allSatisfy({ $0.failures >= 0 && $0.preemptions >= 0 && $0.deliveries >= 0 })
    else { return "a number beyond its range" }
    let numbers = jobs.map(\.insertionNumber)
    guard Set(numbers).count == numbers.count, numbers.allSatisfy({ $0 > 0 && $0 <= lastInsertionNumber }) else {
      return "two jobs of one number, or one beyond the last"
    }
    return zip(brakes, brakes.dropFirst()).allSatisfy { $0.zone.precedes($1.zone) }
      ? nil : "brakes that are not in order"
  }

  /// A job is below one other at most, and deeper than that: no job is below itself.
  private var treeContradiction: String? {
    let depths = Dictionary(uniqueKeysWithValues: jobs.map { ($0.slot, $0.depth) })
    var below: Set<UInt32> = []
    for job in jobs {
      for child in job.children {
        guard let depth = depths[child], depth > job.depth, below.insert(child).inserted else {
          return "job \(job.name) has a child that is none of its own"
        }
      }
    }
    return depths.values.allSatisfy { 0...Int32(Limits.jobDepth) ~= $0 } ? nil : "a job beyond the greatest depth"
  }

  private var taskContradiction: String? {
    if taskGenerations.contains(0) { return "a slot of a task of generation 0" }
    guard jobs.reduce(0, { $0 + Int($1.taskCount) }) == tasks.count,
      tasks.reduce(0, { $0 + Int($1.attemptCount) }) == attempts.count
    else { return "\(tasks.count) tasks and \(attempts.count) attempts, which are not those of the jobs" }
    var slots = TakenSlots(count: taskGenerations.count)
    // Of the workers by their slots; 0 where there is none.
    var generations = [UInt32](repeating: 0, count: workerGenerations.count)
    for worker in workers { generations[Int(worker.slot)] = workerGenerations[Int(worker.slot)] }
    var earlier: [UInt32: Int64] = [:]
    for assignment in earlierAssignments { earlier[assignment.taskSlot] = assignment.assignedMs }
    var (nextTask, nextAttempt) = (0, 0)
    for job in jobs {
      let count = Int(job.taskCount)
      guard count <= Limits.replicas.upperBound,
        count == 0 || slots.take(job.firstTaskSlot, RunAllocator.capacity(for: count))
      else { return "the tasks of job \(job.name) have slots of others" }
      for (offset, task) in tasks[nextTask..<(nextTask + count)].enumerated() {
        let attempts = attempts[nextAttempt..<(nextAttempt + Int(task.attemptCount))]
        nextAttempt += attempts.count
        let newest = attempts.last
        let isPlaced =
          newest.map {
            $0.worker.generation != 0 && $0.worker.index < generations.count
              && generations[Int($0.worker.index)] == $0.worker.generation
          } ?? false
        guard attempts.lazy.map(\.number).elementsEqual(0..<task.attemptCount),
          attempts.dropLast().allSatisfy(\.state.isTerminal),
          attempts.allSatisfy({ ($0.runningMs != nil) == ($0.state == .running) }),
          attempts.allSatisfy({ ($0.endedMs != nil) == $0.state.isTerminal }),
          !task.stopping || !task.state.isActive && isPlaced, task.schedulableMs == nil || task.state == .pending,
          task.state.isActive ? newest?.state == task.state && isPlaced : newest?.state.isTerminal ?? true,
          task.state.isTerminal || !job.state.isTerminal,
          earlier[job.firstTaskSlot + UInt32(offset)].map({
            task.state.isActive || task.stopping ? $0 > newest?.startedMs ?? .max : false
          }) ?? true
        else { return "a task of job \(job.name) that is not where its attempts are" }
      }
      nextTask += count
    }
    for run in freeTaskRuns {
      let count = Int(run.slots)
      guard count > 0, count == RunAllocator.capacity(for: count), slots.take(run.firstSlot, count) else {
        return "a free run of slots that are not free"
      }
    }
    return nil
  }

  private var deviceContradiction: String? {
    var kinds: Set<String> = []
    for detail in workerDetails { kinds.formUnion(detail.metadata.capacity.devices.all.lazy.map(\.name)) }
    var nextTask = 0
    for job in jobs {
      let isStopping = tasks[nextTask..<(nextTask + Int(job.taskCount))].contains(where: \.stopping)
      nextTask += Int(job.taskCount)
      guard !job.state.isTerminal || isStopping else { continue }
      kinds.formUnion(job.request.resources.devices.all.lazy.map(\.name))
    }
    return kinds.count <= Limits.deviceKinds ? nil : "\(kinds.count) kinds of devices"
  }

  private var endpointContradiction: String? {
    // Runs that do not overlap: `taskContradiction` has seen to it.
    var slots = TakenSlots(count: taskGenerations.count)
    for job in jobs { _ = slots.take(job.firstTaskSlot, Int(job.taskCount)) }
    let names = endpoints.map { ByteText($0.name) }
    guard zip(drains, drains.dropFirst()).allSatisfy({ $0.worker.precedes($1.worker) }) else {
      return "drains that are not in order"
    }
    guard zip(earlierAssignments, earlierAssignments.dropFirst()).allSatisfy({ $0.taskSlot < $1.taskSlot }),
      earlierAssignments.allSatisfy({ slots.contains($0.taskSlot) })
    else { return "an assignment of no task, or two of one" }
    return Set(names).count == names.count && endpoints.allSatisfy { slots.contains($0.taskSlot) }
      ? nil : "an endpoint of no task, or of two"
  }
}

/// Which slots of a table are somebody's.
private struct TakenSlots {
  private var isTaken: [Bool]

  init(count: Int) {
    isTaken = [Bool](repeating: false, count: count)
  }

  func contains(_ slot: UInt32) -> Bool { Int(slot) < isTaken.count && isTaken[Int(slot)] }

  /// - Returns: false when there is no such slot, or it is taken already.
  mutating func take(_ slot: UInt32) -> Bool { take(slot, 1) }

  mutating func take(_ first: UInt32, _ count: Int) -> Bool {
    guard Int(first) + count <= isTaken.count else { return false }
    for slot in Int(first)..<(Int(first) + count) {
      if isTaken[slot] { return false }
      isTaken[slot] = true
    }
    return true
  }
}
