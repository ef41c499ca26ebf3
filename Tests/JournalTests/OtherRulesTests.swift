import Controller
import EventModel
import JournalTestSupport
import Platform
import Testing

@testable import Journal

/// Journals of a program whose rules come to other states.
@Suite struct OtherRulesTests {
  private static let rules = ControllerState.machineVersion - 1

  /// Writes one, whose state hashes are not those that this program comes to, and ends as a program that was killed.
  ///
  /// - Returns: the state that it came to.
  private static func write(_ journal: TestJournal) throws -> SavedState {
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    var state = ControllerState()
    try appender.turn([
      .started(JournaledStart(epoch: 7, peerNumbersUpTo: 9, machine: rules)), .configured(state.configuration),
    ])
    _ = committer.turn()
    for number in UInt64(1)...5 {
      let event = Event.jobSubmitted("job-\(number)", request: JobRequest()).stamped(
        id: EventID(peer: 1, position: number), timestampMs: Int64(number))
      let transaction = state.handle(event)
      try appender.turn(
        [.event(JournaledEvent(event, slots: 1, wantsResult: true))], stateHash: 99, lastTransaction: transaction.number
      )
      _ = committer.turn()
    }
    return state.save()
  }

  /// What such a program leaves when it is stopped.
  private static func stop(_ journal: TestJournal, _ saved: SavedState) throws {
    var reader = try JournalReader.open(folder: journal.folder, mode: .recover)
    let end = try reader.findEnd()
    let state = ControllerState(restoring: saved, configuration: ControllerConfiguration(), atMs: saved.nowMs)
    try SnapshotStore.writeStop(
      Snapshot(
        journal: end.journal, position: end.position, stateHash: state.stateHash, createdMs: 1, machine: rules,
        configuration: state.configuration, ledger: PeerLedger(), state: saved),
      folder: journal.folder, calls: .system)
  }

  private static func recover(_ journal: TestJournal, salvages: Bool = false) throws -> JournalRecovery {
    try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration(), salvages: salvages)
  }

  /// Neither is that a divergence, nor damage that a salvage could go past.
  @Test(arguments: [false, true]) func afterAKillTheOlderProgramIsNamed(salvages: Bool) throws {
    let journal = try TestJournal()
    _ = try Self.write(journal)
    do {
      _ = try Self.recover(journal, salvages: salvages)
      Issue.record("it was replayed by other rules")
    } catch JournalError.otherVersion(let other) {
      #expect(other.part == "rules" && other.found == Self.rules && !other.isNewer)
      for words in ["rules version \(Self.rules)", "commit 2 in \(journal.folder)", "stop it cleanly"] {
        #expect(other.description.contains(words), "\(other)")
      }
    }
    let found = try JournalVerifier.run(folder: journal.folder)
    #expect(!found.isWhole && found.divergence == nil && found.losses.isEmpty && found.otherRules?.found == Self.rules)
    guard case .otherVersion = found.startFailure else {
      Issue.record("\(String(describing: found.startFailure))")
      return
    }
  }

  @Test func afterAStopItBeginsBehindTheSnapshotOfTheStop() throws {
    let journal = try TestJournal()
    let saved = try Self.write(journal)
    try Self.stop(journal, saved)
    do {
      let recovery = try Self.recover(journal)
      expect(recovery.isUpgrade && recovery.snapshotCommit == 6 && recovery.end.position.commit == 6)
      expect(recovery.replica.state.save() == saved)
    }
    let found = try JournalVerifier.run(folder: journal.folder)
    #expect(found.isWhole && found.otherRules?.found == Self.rules && found.end.commit == 6)
    // Killed behind its start, and once more, it begins there again.
    for seed in UInt64(1)...2 {
      var next = try SimulatedJournal.resume(in: journal.folder, seed: seed)
      try next.advance(steps: 30)
      let hash = next.history.state.stateHash
      let recovery = try Self.recover(journal)
      expect(!recovery.isUpgrade && recovery.replica.state.stateHash == hash)
    }
  }

  /// Results are made again from what is before the end.
  @Test func withTheSameRulesTheSnapshotOfAStopIsPassedOver() throws {
    let recording = try Recording(seed: 4, steps: 200)
    let folder = recording.journal.folder
    try SnapshotKeeper.writeStop(folder: folder, configuration: ControllerConfiguration())
    let stop = try #require(
      SnapshotStore.stop(
        folder: folder, of: try JournalReader.journal(folder: folder, calls: .system), calls: .system))
    #expect(stop.stateHash == recording.hash && stop.state == recording.saved)
    let recovery = try Self.recover(recording.journal)
    expect(recovery.snapshotCommit == nil && recovery.replica.state.stateHash == recording.hash)
  }

  /// Nothing needs it where the rules are the same.
  @Test func aDamagedSnapshotOfAStopIsNoFault() throws {
    let recording = try Recording(seed: 5, steps: 100)
    let folder = recording.journal.folder
    try SnapshotKeeper.writeStop(folder: folder, configuration: ControllerConfiguration())
    try Scribbler("\(folder)/\(JournalNames.stopSnapshot)").write(1, at: 100)
    let recovery = try Self.recover(recording.journal)
    expect(recovery.damagedSnapshots.isEmpty && recovery.replica.state.stateHash == recording.hash)
    #expect(try JournalVerifier.run(folder: folder).isWhole)
  }
}
