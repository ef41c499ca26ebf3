import EventModel

extension ReferenceModel {
  mutating func submit(_ name: String, _ request: JobRequest, _ eventMs: Int64) -> Outcome {
    if let present = job(named: name) {
      switch request.ifExists {
      case .reject: return .rejected(.duplicateJob)
      case .keep: return .ignored
      case .replaceFinished:
        guard isOver(present) else { return .rejected(.duplicateJob) }
        prune(present)
      }
    }
    var parent: Int?
    if let reference = request.parent {
      guard let job = job(reference) else { return .rejected(.unknownJob) }
      var ancestor: Int? = job
      while let above = ancestor {
        if let end = jobs[above].end, end.state != .succeeded { return .rejected(.taskFinished) }
        ancestor = jobs[above].parent
      }
      guard jobs[job].depth < Limits.jobDepth else { return .rejected(.malformed) }
      parent = job
    }
    if hasTooManyKinds(with: request.resources, besides: nil) { return .rejected(.malformed) }
    let isValid = Limits.replicas.contains(Int(request.replicas))
    jobs.append(
      ModelJob(
        name: name, request: request, parent: parent, parentName: parent.map { jobs[$0].name },
        depth: parent.map { jobs[$0].depth + 1 } ?? 0,
        submittedMs: eventMs, rootSubmittedMs: parent.map { jobs[$0].rootSubmittedMs } ?? eventMs,
        tasks: isValid ? Array(repeating: ModelTask(), count: Int(request.replicas)) : []))
    let serial = jobs.count - 1
    if let parent { jobs[parent].children.append(serial) }
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
    killUnfinished(of: job, error: error, first: .taskStateChanged)
    act(.jobCancelled, jobs[job].name)
    cancelDescendants(of: job, error: ModelText.parentCancelled(jobs[job].name))
  }

  /// Unfinished descendants, those below a finished job too.
  private mutating func cancelDescendants(of job: Int, error: String) {
    for child in jobs[job].children {
      if jobs[child].end != nil {
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
    killUnfinished(of: job, error: ModelText.ended(jobs[job].name, state), first: .taskKilled)
    cancelDescendants(of: job, error: ModelText.parentEnded(jobs[job].name, state))
  }

  private mutating func killUnfinished(of job: Int, error: String, first kind: ActionKind) {
    for id in tasks(of: job) where !task(id).state.isTerminal {
      leave(id, as: .killed, to: .killed, error: error, mustStop: true, first: kind)
    }
  }

  /// Terminal, and no process of it may still run.
  private func isOver(_ job: Int) -> Bool {
    jobs[job].end != nil && !jobs[job].tasks.contains(where: \.isStopping)
  }

  mutating func prune(_ eventMs: Int64) -> Outcome {
    for job in liveJobs where isOver(job) && eventMs - jobs[job].end!.timeMs > settings.jobRetentionMs { prune(job) }
    return transaction.actions.isEmpty ? .ignored : .applied
  }

  /// Its name is free then, and its children are its parent's.
  private mutating func prune(_ job: Int) {
    for child in jobs[job].children { jobs[child].parent = jobs[job].parent }
    if let parent = jobs[job].parent, let place = jobs[parent].children.firstIndex(of: job) {
      jobs[parent].children.replaceSubrange(place...place, with: jobs[job].children)
    }
    jobs[job].isPruned = true
    jobs[job].tasks = []
    act(.jobPruned, jobs[job].name)
  }
}
