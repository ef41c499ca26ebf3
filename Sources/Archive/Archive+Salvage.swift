import Controller
import EventModel
import Journal

extension Archive {
  /// Goes on behind damage, and notes what is lost: at the next snapshot, whose state is the true one, or else at the next
  /// commit that can be read, as the dispatcher does that salvages.
  ///
  /// - Returns: false when nothing can be read behind it.
  mutating func goPast(_ damage: JournalDamage) throws -> Bool {
    let (folder, calls) = (configuration.journalFolder, configuration.fileCalls)
    let before = replica.position
    let snapshots = ArchiveSnapshots(folder: folder, journal: journal, oldest: 0, calls: calls, log: log)
    if let snapshot = try snapshots.oldest(behind: before.commit) {
      reader = try JournalReader.open(folder: folder, at: snapshot.position, mode: .follow, calls: calls)
      replica = try JournalReplica(from: snapshot, configuration: Self.replicaSettings, toleratesDivergence: true)
      noteJump(from: before, past: damage)
      return true
    }
    var salvager = try JournalReader.open(folder: folder, at: before, mode: .salvage, calls: calls)
    guard let commit = try salvager.next() else { return false }
    try apply(commit)
    reader = try JournalReader.open(folder: folder, at: commit.end, mode: .follow, calls: calls)
    note(
      ArchiveLoss(
        damage: damage, firstCommit: before.commit + 1, lastCommit: Self.distance(1, commit.number),
        firstRecord: before.lastRecord + 1, lastRecord: Self.distance(1, commit.firstRecord),
        firstTransaction: before.lastTransaction + 1, lastTransaction: Self.distance(1, commit.firstTransaction)))
    return true
  }

  /// The replica is at a snapshot now: notes what was passed over, and takes the entities from the state.
  mutating func noteJump(from before: JournalPosition, past damage: JournalDamage) {
    let behind = replica.position
    note(
      ArchiveLoss(
        damage: damage, firstCommit: before.commit + 1, lastCommit: behind.commit, firstRecord: before.lastRecord + 1,
        lastRecord: behind.lastRecord, firstTransaction: before.lastTransaction + 1,
        lastTransaction: behind.lastTransaction))
    // A dispatcher that started in the part that was passed over is not told of again.
    if replica.ledger.epoch != batch.epoch.epoch {
      batch.begin(batch.epoch.next(epoch: replica.ledger.epoch, firstTransaction: behind.lastTransaction &+ 1))
    }
    if batch.entitiesAtMs == nil { batch.takeEntities(of: replica.state, replica.ledger) }
  }

  /// Whoever begins with an older snapshot would need a salvage again.
  private mutating func note(_ loss: ArchiveLoss) {
    batch.losses.append(loss)
    snapshots.awaitEnd()
    snapshot = nil
    log.tell(
      .journalPartLost, [.cause: "\(loss.damage)"],
      metadata: [
        "commits": "\(loss.firstCommit) to \(loss.lastCommit)",
        "transactions": "\(loss.firstTransaction) to \(loss.lastTransaction)",
      ])
  }
}
