import EventModel

/// The placement of gangs, all or nothing.
extension ControllerState {
  /// Proposes every PENDING member of a gang, or none. Members that are placed already hold their capacity.
  ///
  /// - Returns: false when it does not fit into this call.
  mutating func proposeGang(
    _ key: QueueKey, _ policy: inout any SchedulingPolicy, _ draft: inout PlacementDraft
  ) -> Bool {
    let job = Int(key.job)
    let row = jobs.rows[job]
    precondition(row.unready == 0, "a gang is asked for when all its PENDING members may be assigned")
    guard draft.proposals.isEmpty || draft.proposals.count + row.counts[.pending] <= draft.limit else { return false }
    let mark = draft.reserved.count
    var frontier: SearchFrontier?
    var slots = row.taskSlots
    while let task = tasks.pending.first(in: slots) {
      let worker = reserveWorker(for: task, ofJob: job, &policy, draft)
      // What is behind that of the first member is free again if the gang has no room.
      let firstFrontier = frontier ?? waiting.shapes[Int(row.shape)].frontier
      frontier = firstFrontier
      guard let worker else {
        let isFull = !hasRoom(forJob: job, draft)
        waiting.note(firstFrontier, of: row.shape)
        let missing = row.counts[.pending] - (draft.reserved.count - mark)
        waiting.refuse(
          key, row.shape, byPolicy: !isFull, keptFor: draft.reserver,
          missingTasks: isFull && row.counts.active == 0 ? missing : 0)
        takeBack(from: mark, ofJob: job, &draft)
        if row.counts.active > 0 { proposeRelease(ofGang: job, &draft) }
        return true
      }
      draft.reserved.append(worker)
      slots = (task + 1)..<slots.upperBound
    }
    addProposals(ofGang: row, workersFrom: mark, &draft)
    noteProposed(gang: job)
    waiting.passOver(key, row.shape)
    return true
  }

  private mutating func noteProposed(gang job: Int) {
    guard let first = tasks.pending.first(in: jobs.rows[job].taskSlots) else { return }
    placementPass.proposedGangs.append(
      PlacementPass.ProposedGang(
        job: jobs.handle(job), task: tasks.handle(first), attempts: tasks.rows[first].attemptCount))
  }

  private mutating func addProposals(ofGang row: JobRow, workersFrom mark: Int, _ draft: inout PlacementDraft) {
    var slots = row.taskSlots
    for index in mark..<draft.reserved.count {
      guard let task = tasks.pending.first(in: slots) else {
        preconditionFailure("more workers than members were reserved for a gang")
      }
      propose(task, on: draft.reserved[index], &draft)
      slots = (task + 1)..<slots.upperBound
    }
  }

  /// Gives back what is held for a gang of which one member fits nowhere.
  private mutating func takeBack(from mark: Int, ofJob job: Int, _ draft: inout PlacementDraft) {
    let place = jobs.askPlace(job)
    for worker in draft.reserved[mark...] { cluster.capacity.giveBack(jobs.asks, place, at: worker) }
    draft.unplaceable += draft.reserved.count - mark + 1
    draft.reserved.removeLast(draft.reserved.count - mark)
  }

  /// Looks at the gangs that the last call proposed. One that was not committed as a whole is taken off its workers and
  /// not tried again for a while.
  mutating func settleProposedGangs(atMs timeMs: Int64, _ draft: inout PlacementDraft) {
    let proposed = placementPass.proposedGangs
    placementPass.proposedGangs.removeAll(keepingCapacity: true)
    for gang in proposed {
      guard let job = jobs.slot(of: gang.job), let task = tasks.slot(of: gang.task) else { continue }
      let counts = jobs.rows[job].counts
      guard !jobs.rows[job].state.isTerminal, counts[.pending] > 0 else { continue }
      let isHalfPlaced = counts.active > 0
      // Otherwise it was committed and has been sent back since, which its own rules decide.
      guard isHalfPlaced || tasks.rows[task].attemptCount == gang.attempts else { continue }
      holdPlacement(ofJob: job, atMs: timeMs)
      if isHalfPlaced { proposeRelease(ofGang: job, &draft) }
    }
  }

  /// Proposes to preempt one active member of a gang, which sends all of them back to PENDING.
  private mutating func proposeRelease(ofGang job: Int, _ draft: inout PlacementDraft) {
    let row = jobs.rows[job]
    guard var member = tasks.active.first(in: row.taskSlots) else { return }
    var slots = row.taskSlots
    while let task = tasks.active.first(in: slots) {
      if !tasks.rows[task].state.isExecuting {
        member = task
        break
      }
      slots = (task + 1)..<slots.upperBound
    }
    let reason =
      "gang \(jobs.name(job)) is incomplete: \(row.counts[.pending]) of its \(row.taskCount) members are not placed"
    draft.proposals.append(.taskPreempted(.handle(tasks.handle(member)), reason: reason))
  }
}
