import EventModel

/// Whose event it is, and which: written into each, so that the journal's can be told apart whatever became of their
/// positions.
struct EventTag: Hashable {
  let owner: String
  let number: Int

  init(owner: String, number: Int) {
    self.owner = owner
    self.number = number
  }

  /// Parses `OWNER:NUMBER`, whatever comes behind a space.
  init?(_ text: String?) {
    guard let text = text?.split(separator: " ", maxSplits: 1).first,
      let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
      let number = Int(text[text.utf8.index(after: colon)...])
    else { return nil }
    owner = String(text[..<colon])
    self.number = number
  }

  /// The tag of an event that a script made; nil of any other.
  init?(_ event: Event) {
    switch event.body {
    case .workerRegistered(let registration): self.init(registration.address)
    case .workerReconciled(.name(let name), reported: _): self.init(name)
    case .workerHeartbeatFailed(_, let error): self.init(error)
    case .workerFailed(_, let cause): self.init(cause.error)
    case .jobSubmitted(let name, _): self.init(name)
    case .jobCancelled(_, let reason): self.init(reason)
    case .taskStateChanged(let report): self.init(report.error)
    case .taskPreempted(_, let reason): self.init(reason)
    default: return nil
    }
  }

  var text: String { "\(owner):\(number)" }
}
