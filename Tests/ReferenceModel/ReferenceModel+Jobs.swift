import EventModel

extension ReferenceModel {
  mutating func submit(_ name: String, _ request: JobRequest, _ eventMs: Int64) -> Outcome {
    if job(named: name) != nil { return .rejected(.duplicateJob) }
    var parent: Int?
    if let reference = request.parent {
      guard let job = job(reference) else { return .rejected(.unknownJob) }
      var ancestor: Int? = job
      while let above = ancestor {
        if !jobs[above].isPruned, let end = jobs[above].end, end.state != .succeeded { return .rejected(.taskFinished) }
        ancestor = jobs[above].parent
      }
      guard jobs[job].depth < Limits.jobDepth else { return .rejected(.malformed) }
      parent = job
    }
    if hasTooManyKinds(with: request.resources) { return .rejected(.malformed) }
    let isValid = Limits.replicas.contains(Int(request.replicas))
    jobs.append(
      ModelJob(
        name: name, request: request, parent: parent, depth: parent.map { jobs[$0].depth + 1 } ?? 0,
        submittedMs: eventMs, rootSubmittedMs: parent.map { jobs[$0].rootSubmittedMs } ?? eventMs,
        tasks: isValid ? Array(repeating: ModelTask(), count: Int(request.replicas)) : []))
    let serial = jobs.count - 1
    guard isValid else {
      jobs[serial].end = ModelEnd(state: .failed, error: ModelText.replicas(request.replicas), timeMs: nowMs)
      act(.jobValidationFailed, name)
      return .applied
    }
    for id in tasks(of: serial) { act(.taskCreated, self.name(id)) }
    act(.jobSubmitted, name)
    return .applied
  }

  mutating func cancel(_ reference: JobReference, _ reason: String) -> Outcome {
    guard let job = job(reference) else { return .rejected(.unknownJob) }
    guard jobs[job].end == nil else { return .ignored }
    cancel(job, error: reason)
    return .applied
  }

  /// Kills what is unfinished, says so, and goes on to the descendants.
  private mutating func cancel(_ job: Int, error: String) {
    jobs[job].end = ModelEnd(state: .killed, error: error, timeMs: nowMs)
    for id in tasks(of: job) where !task(id).state.isTerminal {
      let hadWorker = kill(id, error: error)
      act(.taskStateChanged, name(id))
      if hadWorker { actUnassigned(id) }
    }
    act(.jobCancelled, jobs[job].name)
    cancelDescendants(of: job, error: ModelText.parentCancelled(jobs[job].name))
  }

  /// Unfinished descendants, those below a finished or pruned job too.
  private mutating func cancelDescendants(of job: Int, error: String) {
    for child in jobs.indices where jobs[child].parent == job {
      if jobs[child].isPruned || jobs[child].end != nil {
        cancelDescendants(of: child, error: error)
      } else {
        cancel(child, error: error)
      }
    }
  }

  /// The one path to a job's end that its tasks bring about.
  mutating func settle(_ job: Int) {
    let state = state(of: job)
    guard jobs[job].end == nil, state.isTerminal else { return }
    let error = state == .succeeded ? nil : error(of: job)
    jobs[job].end = ModelEnd(state: state, error: error, timeMs: nowMs)
    guard state != .succeeded else { return }
    for id in tasks(of: job) where !task(id).state.isTerminal {
      let hadWorker = kill(id, error: ModelText.ended(jobs[job].name, state))
      act(.taskKilled, name(id))
      if hadWorker { actUnassigned(id) }
    }
    cancelDescendants(of: job, error: ModelText.parentEnded(jobs[job].name, state))
  }

  /// Was it on a worker?
  private mutating func kill(_ id: ModelTaskID, error: String) -> Bool {
    let hadWorker = task(id).state.isActive
    if hadWorker { stopProcess(of: id) }
    close(id, attempt: .killed, task: .killed, error: error, exitCode: nil)
    return hadWorker
  }

  mutating func prune(_ eventMs: Int64) -> Outcome {
    for job in liveJobs {
      guard let end = jobs[job].end, eventMs - end.timeMs > settings.jobRetentionMs else { continue }
      jobs[job].isPruned = true
      jobs[job].tasks = []
      act(.jobPruned, jobs[job].name)
    }
    return transaction.actions.isEmpty ? .ignored : .applied
  }
}
