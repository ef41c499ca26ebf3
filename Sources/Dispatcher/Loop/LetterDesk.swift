import EventBus
import EventModel
import Journal
import Telemetry

/// Dead letters, as they are kept, changed and forgotten.
///
/// Invariant: the journal has every change of the store, behind that which the letter is about.
struct LetterDesk: ~Copyable {
  private(set) var store: DeadLetterStore
  private let counters: CounterSet<DispatcherCounter>

  init(_ store: DeadLetterStore, _ limits: DeadLetterLimits, _ counters: CounterSet<DispatcherCounter>) {
    self.store = store
    self.counters = counters
    limit(to: limits)
  }

  mutating func limit(to limits: DeadLetterLimits) {
    store.limit(to: limits)
    assert(store.count <= limits.letters)
  }

  /// Keeps a letter. What it is about goes into the journal before it, and may have left it less room than it needs: then it
  /// comes back without its event.
  ///
  /// - Parameter lane: of the peer that it came from; nil is the dispatcher itself.
  mutating func keep(
    _ letter: DeadLetter, from lane: UnsafeMutablePointer<PeerLane>?, recordBytes: Int, timestampMs: Int64,
    _ journal: inout DispatchJournal
  ) {
    counters[.deadLetters].increment()
    let sender =
      lane.map { DeadLetterSender(name: $0.pointee.peer.facts.name, role: $0.pointee.role.rawValue) }
      ?? DeadLetterSender(name: "", role: 0)
    let kept = store.keep(letter, from: sender, recordBytes: recordBytes, timestampMs: timestampMs)
    assert(store.lastNumber == kept.number, "letters are numbered in order")
    guard journal.isKept, journal.append(.letter(.kept(kept))) == .max else { return }
    _ = journal.append(.letter(.kept(kept.withoutEvent)))
  }

  /// Notes what came of a letter's event that was handled once more: with a failure, the letter stays.
  mutating func noteRetry(_ number: UInt64, _ failure: DeadLetter?, _ journal: inout DispatchJournal) {
    if let failure {
      counters[.deadLetters].increment()
      _ = change(.retriedInVain(number, failure.reason, detail: failure.detail), &journal)
    } else {
      _ = change(.removed(number), &journal)
    }
    counters[.deadLettersRetried].increment()
  }

  /// - Returns: the journal's number for it.
  mutating func drop(_ number: UInt64, _ journal: inout DispatchJournal) -> UInt64 {
    counters[.deadLettersDropped].increment()
    return change(.removed(number), &journal)
  }

  private mutating func change(_ change: DeadLetterChange, _ journal: inout DispatchJournal) -> UInt64 {
    store.apply(change)
    return journal.isKept ? journal.append(.letter(change)) : 0
  }
}
