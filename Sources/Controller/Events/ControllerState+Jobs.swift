import EventModel

/// Jobs are submitted, cancelled and pruned.
extension ControllerState {
  mutating func submitJob(
    _ name: String, _ request: JobRequest, atMs timeMs: Int64, _ draft: inout TransactionDraft
  ) -> Outcome {
    let existing = jobs.slot(named: name)
    if let existing {
      draft.subject = jobs.subject(existing)
      if request.ifExists == .keep { return .ignored }
      guard request.ifExists == .replaceFinished, jobs.rows[existing].isOver else {
        return .rejected(Self.isWellFormed(request) ? .duplicateJob : .malformed)
      }
    }
    guard Self.isWellFormed(request) else { return .rejected(.malformed) }
    var row = JobRow(request, submittedMs: timeMs)
    var detail = JobDetail(name: name, request: request)
    var parentSlot: Int?
    if let reference = request.parent {
      // The job that makes way cannot be its successor's parent.
      guard let parent = jobSlot(reference), parent != existing else { return .rejected(.unknownJob) }
      guard !jobs.hasEndedBadly(parentOrAncestor: parent, besides: existing) else { return .rejected(.taskFinished) }
      guard Int(jobs.rows[parent].depth) < Limits.jobDepth else { return .rejected(.malformed) }
      row.depth = jobs.rows[parent].depth + 1
      row.rootSubmittedMs = jobs.rows[parent].rootSubmittedMs
      detail.parentName = jobs.name(parent)
      parentSlot = parent
    }
    guard let ask = cluster.kinds.retain(request.resources) else { return .rejected(.malformed) }
    if let existing {
      pruneJob(existing, &draft)
      // Its row may be the new job's.
      closeRows()
    }
    lastInsertionNumber += 1
    row.insertionNumber = lastInsertionNumber
    let isValid = Limits.replicas.contains(Int(request.replicas))
    if !isValid {
      row.state = .failed
      row.endedMs = nowMs
      detail.error = "replicas must be in \(Limits.replicas), not \(request.replicas)"
    }
    if isValid { row.rule = retainRule(request.constraints) }
    let job = jobs.add(row, ask, detail)
    rowSum &-= Self.generationDigest(.jobGeneration, job, jobs.rows[job].generation)
    rowSum &+= jobs.digest(job)
    openJob(job)
    if let parentSlot { jobs.appendChild(job, to: parentSlot) }
    totals.jobs[row.state] += 1
    let subject = jobs.subject(job)
    draft.subject = subject
    guard isValid else {
      releaseDevices(ofJob: job)
      jobs.appendEnded(job)
      draft.add(.jobValidationFailed, subject, cause: .event)
      return .applied
    }
    createTasks(ofJob: job, count: Int(request.replicas), &draft)
    draft.add(.jobSubmitted, subject, cause: .event)
    return .applied
  }

  private mutating func createTasks(ofJob job: Int, count: Int, _ draft: inout TransactionDraft) {
    precondition(Limits.replicas.contains(count), "a job with another number of tasks has failed")
    precondition(jobs.rows[job].taskCount == 0, "a job's tasks are made once")
    let slots = tasks.addRun(job: job, count: count)
    jobs.rows[job].firstTask = UInt32(slots.lowerBound)
    jobs.rows[job].taskCount = Int32(count)
    jobs.rows[job].counts[.pending] = count
    totals.tasks[.pending] += count
    if let key = deadlineKey(job) { deadlines.insert(key) }
    enterQueue(job)
    draft.reserveCapacity(count + 1)
    for slot in slots {
      rowSum &-= Self.generationDigest(.taskGeneration, slot, tasks.rows[slot].generation)
      rowSum &+= tasks.digest(slot, errors)
      draft.add(.taskCreated, taskSubject(slot), to: .pending, cause: .event)
    }
  }

  /// The numbers that the arithmetic relies on; replicas are answered by a job that failed instead.
  private static func isWellFormed(_ request: borrowing JobRequest) -> Bool {
    request.resources.isWithinLimits && request.isWithinLimits
      && Limits.retries.contains(request.maxRetriesFailure)
      && Limits.retries.contains(request.maxRetriesPreemption)
      && Limits.retries.contains(request.maxTaskFailures)
      && (request.schedulingTimeoutMs.map { ControllerLimits.timestampMs.contains($0) } ?? true)
  }

  mutating func cancelJob(_ job: JobReference, reason: String, _ draft: inout TransactionDraft) -> Outcome {
    guard let slot = jobSlot(job) else { return .rejected(.unknownJob) }
    draft.subject = jobs.subject(slot)
    guard !jobs.rows[slot].state.isTerminal else { return .ignored }
    cancelUnfinishedJob(slot, reason: reason, cause: .event, &draft)
    return .applied
  }

  /// Removes the jobs that ended longer ago than the retention, in the order of their submission.
  mutating func prune(atMs timeMs: Int64, _ draft: inout TransactionDraft) -> Outcome {
    var expired: [(insertionNumber: UInt64, job: Int)] = []
    var next = jobs.firstEnded
    while next != noSlot, timeMs - jobs.rows[Int(next)].endedMs > configuration.jobRetentionMs {
      if jobs.rows[Int(next)].isOver { expired.append((jobs.rows[Int(next)].insertionNumber, Int(next))) }
      next = jobs.rows[Int(next)].endedAfter
    }
    expired.sort { $0.insertionNumber < $1.insertionNumber }
    for entry in expired { pruneJob(entry.job, &draft) }
    return expired.isEmpty ? .ignored : .applied
  }

  /// Is there a job that PRUNE would take at a time?
  public func isPruneDue(atMs timeMs: Int64) -> Bool {
    var next = jobs.firstEnded
    while next != noSlot, timeMs - jobs.rows[Int(next)].endedMs > configuration.jobRetentionMs {
      if jobs.rows[Int(next)].isOver { return true }
      next = jobs.rows[Int(next)].endedAfter
    }
    return false
  }

  private mutating func pruneJob(_ job: Int, _ draft: inout TransactionDraft) {
    draft.add(.jobPruned, jobs.subject(job), cause: .event)
    removeJob(job)
  }

  /// Which workers may have the tasks of an unfinished job.
  mutating func retainRule(_ constraints: Constraints) -> PlacementRule {
    if constraints.isEmpty { return ConstraintTable.none }
    return cluster.retainRule(constraints)
  }

  private mutating func removeJob(_ job: Int) {
    let row = jobs.rows[job]
    precondition(row.counts.active == 0 && row.counts[.pending] == 0, "a job that is pruned has no unfinished task")
    openJob(job)
    for task in row.taskSlots {
      rowSum &-= taskDigest(task)
      errors.release(tasks.rows[task].error)
      var attempt = tasks.rows[task].lastAttempt
      while attempt != noSlot {
        let attemptRow = attempts[attempt]
        rowSum &-= attemptDigest(attempt, ofTask: task)
        errors.release(attemptRow.error)
        cluster.names.release(attemptRow.workerName)
        attempts.remove(attempt)
        attempt = attemptRow.previous
      }
    }
    tasks.removeRun(row.taskSlots)
    for task in row.taskSlots { rowSum &+= tasks.digest(task, errors) }
    totals.tasks.subtract(row.counts)
    totals.jobs[row.state] -= 1
    jobs.remove(job)
  }
}

extension JobRequest {
  /// Of what came later than the others.
  var isWithinLimits: Bool {
    Limits.priority.contains(priority) && ControllerLimits.timestampMs.contains(runTimeoutMs)
      && ControllerLimits.timestampMs.contains(retryDelayMs)
      && ControllerLimits.timestampMs.contains(retryDelayMaxMs)
      && constraints.recordBytes <= Limits.constraintsBytes && specification.fault == nil
  }
}

extension JobRow {
  /// A root job; one with a parent takes depth and root from it.
  init(_ request: borrowing JobRequest, submittedMs: Int64) {
    self.init()
    self.isCoscheduled = request.coscheduled
    self.priority = Int8(clamping: request.priority)
    self.runTimeoutMs = request.runTimeoutMs
    self.maxRetriesFailure = request.maxRetriesFailure
    self.maxRetriesPreemption = request.maxRetriesPreemption
    self.maxTaskFailures = request.maxTaskFailures
    self.submittedMs = submittedMs
    self.rootSubmittedMs = submittedMs
    self.deadlineMs = request.schedulingTimeoutMs.map { submittedMs + $0 }
  }
}
