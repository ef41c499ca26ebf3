import EventCodec
import EventModel

/// Events of sources, which are said again: by the same peer or another of its user, in any order, whatever died meanwhile.
extension DispatcherSimulation {
  /// An event that has its durable answer.
  struct Said {
    let event: Event
    let name: Account.Name
    let outcome: Outcome
  }

  private var sequenceBehind: UInt64 { UInt64(Limits.sourceWindow) / 2 }

  func publishOfSources() throws {
    guard let peer = sender() else { return }
    for _ in 0...random.below(3) {
      // What was lost by damage that was dealt here may be done again.
      let known = wasDamaged || profile == .relaxed ? [] : said.filter { isFresh($0.event, to: peer) }
      if let first = random.element(of: known), random.chance(60) {
        guard let id = try peer.place(first.event, wantsResult: random.chance(80), isRepeated: true) else { return }
        repeats[id] = first
      } else {
        let source = EventSource(name: Self.source(of: peer), incarnation: 1, sequence: nextSequence)
        let name = "once-\(nextSequence)"
        let event: Event =
          random.chance(20)
          ? .jobSubmitted(name, request: JobRequest()) : .jobCancelled(.name(name), reason: longText ?? "")
        guard let id = try peer.place(event.said(by: source), wantsResult: true) else { return }
        nextSequence += 1
        sourced[id] = event.said(by: source)
      }
    }
    peer.submission?.flush()
  }

  private static func source(of peer: SimulatedPeer) -> String { "user \(peer.user.uid)" }

  private func isFresh(_ event: Event, to peer: SimulatedPeer) -> Bool {
    guard let source = event.source, source.name == Self.source(of: peer) else { return false }
    return source.sequence + sequenceBehind > nextSequence
  }

  /// Takes an answer that concerns an event of a source.
  ///
  /// - Returns: whether it is that of one that was said again.
  func noteSaid(_ message: ResultMessage) -> Bool {
    switch message {
    case .result(let result):
      let id = result.event.id
      if let first = repeats.removeValue(forKey: id) {
        let name = result.transaction.map { Account.Name(epoch: result.epoch, number: $0.number) }
        if !result.isRepeated || name != first.name || result.transaction?.outcome != first.outcome {
          fail(
            "said again",
            "\(first.event.source!) was \(first.name) \(first.outcome); said again as \(id) it is "
              + "\(name.map { "\($0)" } ?? "none") \(result.transaction.map { "\($0.outcome)" } ?? "")"
              + (result.isRepeated ? "" : ", done again"))
        }
        return true
      }
      if result.isRepeated { fail("said again", "\(id) was not said before") }
      guard let event = sourced.removeValue(forKey: id), let transaction = result.transaction,
        result.promise == .durable
      else { return false }
      said.append(
        Said(
          event: event, name: Account.Name(epoch: result.epoch, number: transaction.number),
          outcome: transaction.outcome))
      if said.count > 2 * Limits.sourceWindow { said.removeFirst() }
      return false
    case .refused(let id, let reason, let detail) where [.repeated, .refusedBefore, .outOfSequence].contains(reason):
      guard let first = repeats.removeValue(forKey: id) else {
        fail("said again", "\(id) was not said before: \(detail)")
        return true
      }
      let isAccepted = first.outcome.reason == nil
      let sequence = first.event.source!.sequence
      if reason == .outOfSequence, sequence + UInt64(Limits.sourceWindow) < nextSequence { return true }
      if reason != (isAccepted ? .repeated : .refusedBefore)
        || !detail.contains("as transaction \(first.name.number)\(isAccepted ? "" : ",")")
      {
        fail("said again", "\(first.event.source!) was \(first.name); said again it is refused: \(reason), \(detail)")
      }
      return true
    default: return false
    }
  }
}
