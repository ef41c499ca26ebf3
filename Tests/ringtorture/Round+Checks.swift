import EventModel
import Journal

/// Whether anything is missing or there twice, once nobody runs any more.
extension Round {
  /// - Parameters:
  ///   - live: the dispatcher's state before it stopped; nil when it is not known.
  ///   - awaitsAll: everything that was accepted should have been answered; not so in a round that was broken off.
  func check(live: (lines: [String], transaction: UInt64)?, awaitsAll: Bool) throws {
    let evidence: JournalEvidence
    do {
      evidence = try JournalEvidence(folder: "\(folder)/journal")
    } catch let error as JournalError {
      return findings.object("the journal: \(error)")
    }
    transactions = evidence.lastTransaction
    for (id, handled) in evidence.events where handled.count > 1 {
      findings.duplicate("event \(id) is in the journal \(handled.count) times")
    }
    for (tag, count) in evidence.tags where count > 1 {
      findings.duplicate("event \(tag.text) is in the journal \(count) times")
    }
    for client in clients {
      for life in client.lives { check(life, survived: life.owner == client.survivor?.owner, awaitsAll, evidence) }
    }
    for client in clients where client.subscribes && !plan.isRelaxed { client.lives.forEach { checkSequence(of: $0) } }
    for life in ingest.lives { check(life, evidence) }
    for worker in 0..<UDPSeat.workers where worker != UDPSeat.mortal {
      if evidence.timedOut.contains(UDPSeat.name(worker)) {
        findings.object("\(UDPSeat.name(worker)), which was heard of all the time, was lost")
      }
    }
    guard let live else { return }
    let replayed = try JournalEvidence.state(folder: "\(folder)/journal", after: live.transaction)
    if let difference = StateLines.difference(between: live.lines, and: replayed) {
      findings.object("the state is not the journal's: \(difference)")
    }
    try checkArchive(evidence)
    if !evidence.peers.isEmpty { findings.object("peers that were not removed: \(evidence.peers)") }
  }

  /// Everything that a client gave away and was told.
  private func check(_ life: ClientSeat.Life, survived: Bool, _ awaitsAll: Bool, _ evidence: JournalEvidence) {
    let peer = life.ledger.peer
    var published: Set<UInt64> = []
    var answers: [UInt64: Int] = [:]
    for index in 0..<life.ledger.resultCount {
      let told = life.ledger.result(index)
      if told.peer == peer { answers[told.position, default: 0] += 1 }
      check(told, life, evidence)
    }
    for number in 0..<life.ledger.begun {
      let tag = EventTag(owner: life.owner, number: number)
      // Killed between the ring and the ledger: it may be there, and then once.
      guard let position = life.ledger.position(of: number) else { continue }
      let id = EventID(peer: peer, position: position)
      published.insert(position)
      guard let handled = evidence.events[id]?.first else {
        if awaitsAll { findings.lose("event \(tag.text), accepted as \(id), is not in the journal") }
        continue
      }
      if handled.tag != tag {
        findings.object("event \(tag.text), accepted as \(id), is another one in the journal: \(handled)")
      }
      let count = answers[position] ?? 0
      if count > 1, !plan.isRelaxed { findings.duplicate("\(count) results of event \(tag.text), \(id)") }
      if count == 0, survived, awaitsAll { findings.lose("the result of event \(tag.text), \(id)") }
    }
    let unknown = evidence.events.keys.filter { $0.peer == peer && peer != 0 && !published.contains($0.position) }
    for id in unknown {
      guard let handled = evidence.events[id]?.first, !handled.isHeartbeat, !wasBegun(handled.tag, life) else {
        continue
      }
      findings.duplicate("event \(id) is in the journal, and \(life.owner) never published it")
    }
  }

  private func wasBegun(_ tag: EventTag?, _ life: ClientSeat.Life) -> Bool {
    guard let tag, tag.owner == life.owner, tag.number < life.ledger.begun else { return false }
    return life.ledger.position(of: tag.number) == nil
  }

  /// A result that somebody was told must be what the journal makes of its event.
  private func check(_ told: Ledger.ToldResult, _ life: ClientSeat.Life, _ evidence: JournalEvidence) {
    let id = EventID(peer: told.peer, position: told.position)
    // What a relaxed dispatcher told may have become something else since.
    if plan.isRelaxed { return }
    guard told.promise == Promise.durable.rawValue else {
      return findings.object("\(life.owner) was told of \(id) with the promise \(told.promise)")
    }
    guard let handled = evidence.events[id]?.first else {
      return findings.lose("event \(id), of which \(life.owner) was told that it is durable, is not in the journal")
    }
    guard handled.transaction == told.transaction, handled.outcome.rawValue == told.outcome else {
      return findings.object("\(life.owner) was told \(told), and the journal says \(handled)")
    }
  }

  /// A subscriber is told of every transaction, in order.
  private func checkSequence(of life: ClientSeat.Life) {
    var last: UInt64?
    for index in 0..<life.ledger.resultCount {
      let told = life.ledger.result(index)
      guard told.transaction > 0 else { continue }
      if let last, told.transaction <= last {
        findings.duplicate("\(life.owner) was told of transaction \(told.transaction) after \(last)")
      } else if let last, told.transaction > last + 1 {
        findings.lose("\(life.owner) was told of transaction \(told.transaction) after \(last)")
      }
      last = told.transaction
    }
  }

  /// What a file says line by line is in the journal in the same order: all of it, or up to where the ingest was killed.
  private func check(_ life: IngestSeat.Life, _ evidence: JournalEvidence) {
    let found = (0..<life.lines).filter { evidence.tags[EventTag(owner: life.owner, number: $0)] != nil }
    if life.process.end == .code(0), found.count < life.lines {
      findings.lose("\(life.lines - found.count) of \(life.lines) lines that \(life.owner) had results for")
    } else if let last = found.last, last != found.count - 1 {
      findings.lose("lines of \(life.owner) before line \(last), which is in the journal")
    }
  }
}
