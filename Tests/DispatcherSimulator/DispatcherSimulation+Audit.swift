import Controller
import Dispatcher
import EventModel
import Journal

/// The last account: the journal against what was said and told.
extension DispatcherSimulation {
  func finish() throws {
    try comeToRest()
    if let violation { throw violation }
    try checkProgress()
    let letters = dispatcher?.deadLetters ?? []
    let hash = dispatcher?.read { $0.stateHash }
    checkArchive()
    if profile != .relaxed { try audit(expected: hash) }
    if let violation { throw violation }
    // The state comes back as it was.
    let damaged = isDamaged
    isDamaged = false
    let last = account.lastSeen
    try restart(after: .kill)
    isDamaged = damaged
    guard let dispatcher else { return }
    let recovered = dispatcher.recoveredTransaction
    if recovered != last { fail("recovery differs", "\(last) transactions were made; \(recovered) are recovered") }
    if !letters.isEmpty, dispatcher.deadLetters.isEmpty {
      fail("dead letters lost", "\(letters.count) dead letters were kept before a restart, and none behind it")
    }
    if let violation { throw violation }
    try comeToRest()
    if let violation { throw violation }
    try checkProgress()
  }

  /// Reads the journal from its beginning, by itself.
  private func audit(expected hash: UInt64?) throws {
    let calls = disk.journalCalls(isImmortal: true)
    guard !wasDamaged, try JournalReader.oldestPosition(folder: SimulatedDisk.folder, calls: calls)?.commit == 0 else {
      return
    }
    var reader = try JournalReader.open(folder: SimulatedDisk.folder, at: .start, mode: .recover, calls: calls)
    var replica = try JournalReplica(from: nil, configuration: configuration.controller)
    var positions: [UInt32: [UInt64]] = [:]
    do {
      var epoch: UInt64 = 0
      try replica.apply(&reader) { step in
        if case .started(let start) = step.record { epoch = start.epoch }
        guard let id = step.record.origin, id.peer != 0 else { return }
        positions[id.peer, default: []].append(id.position)
        if step.transaction == nil { self.checkAnswer(id, behind: step.lastTransaction) }
        if let transaction = step.transaction,
          let told = self.account.told[Account.Name(epoch: epoch, number: transaction.number)], told != id
        {
          self.fail(
            "told wrong", "transaction \(transaction.number) is of \(id) in the journal, and was told of \(told)")
        }
      }
    } catch {
      return fail("journal unreadable", "the journal of a dispatcher that runs cannot be replayed: \(error)")
    }
    if let hash, replica.state.stateHash != hash {
      fail("state differs", "a replay of the journal comes to another state than the dispatcher's")
    }
    if account.isRestored { return }
    for peer in order { checkRecords(of: peer, positions[peer.id] ?? []) }
  }

  /// What became no transaction is answered as of the newest one, and lost with what is behind that.
  private func checkAnswer(_ id: EventID, behind transaction: UInt64) {
    guard let peer = peers[id.peer], peer.stage == .attached, !peer.isHostile,
      let awaited = peer.awaited[id.position],
      !peer.overruns.contains(where: { $0.lowerBound <= transaction + 1 && $0.upperBound >= transaction })
    else { return }
    fail(
      "no answer",
      "peer \(id.peer) got no answer to \(awaited.kind) at \(id.position), which became no transaction behind "
        + "\(transaction), and these were reported lost: \(peer.overruns)")
  }

  private func checkRecords(of peer: SimulatedPeer, _ journaled: [UInt64]) {
    for (earlier, later) in zip(journaled, journaled.dropFirst()) where later <= earlier {
      fail("journaled twice", "event \(peer.id):\(later) stands in the journal behind \(earlier)")
      return
    }
    guard peer.isComplete else { return }
    let known = Set(journaled)
    for record in peer.records where record.isJournaled && !known.contains(record.position) {
      fail(
        "event lost",
        "\(record.kind) at \(record.position) of peer \(peer.id) was accepted, and is in no journal "
          + "(\(peer.stage))")
      return
    }
  }
}

extension JournalRecord {
  /// Where what it tells of came from.
  fileprivate var origin: EventID? {
    switch self {
    case .event(let event), .unhandled(let event, _): event.event.id
    case .skipped(let skipped): skipped.id
    default: nil
    }
  }
}
