import EventModel
import Platform
import RingmasterClient

/// A client that drives its rings from one thread: publishes its script as fast as its window allows, and notes what it is
/// told.
struct ScriptedClient: ~Copyable {
  private var attachment: Attachment
  private let ledger: Ledger
  private let total: Int
  private let window: Int
  private let sabotage: Sabotage?
  private var script: EventScript
  private var next: Event?
  /// Positions of what was published and not answered.
  private var unanswered: Set<UInt64> = []
  private var worker: WorkerHandle?
  private var hasSabotaged = false

  /// Events awaiting their results, at the most; fewer in a short life, which would be over before anybody dies.
  private static let widestWindow = 256
  private static let attachLimitNs: UInt64 = 20_000_000_000
  private static let napMs: Int32 = 20
  private static let eventsBetweenHeartbeats = 7
  private static let heartbeatsAtOnce = 5
  private static let eventsBetweenQueries = 301
  private static let sabotagedEvent = 60

  /// - Parameter attachment: of a peer that has published nothing yet.
  init(_ options: ClientOptions, _ ledger: Ledger, _ attachment: consuming Attachment) {
    self.ledger = ledger
    total = options.events
    window = min(Self.widestWindow, max(total / 10, 1))
    sabotage = options.sabotage
    script = options.script
    ledger.peer = attachment.peer
    self.attachment = attachment
  }

  /// The dispatcher may be killed in the midst of it: then another peer it is.
  static func attach(_ options: ClientOptions) throws -> Attachment {
    let deadlineNs = Clock.monotonicNs() + attachLimitNs
    while true {
      do {
        return try Attachment.attach(path: options.socket, options: options.attachOptions)
      } catch {
        guard Clock.monotonicNs() < deadlineNs else { throw error }
        Machine.yield()
      }
    }
  }

  /// Follows all transactions from here on; before it publishes anything, so that the first of its own is among them.
  mutating func subscribe() throws {
    attachment.link.subscription = .transactions
    var request = attachment.submission.subscribe(.transactions)
    attachment.submission.flush()
    while true {
      while let message = try attachment.results.next() {
        switch message {
        case .queryDone(let number, next: _) where number == request: return
        case .result(let result): note(result)
        default: break
        }
      }
      try sleep()
      // A dispatcher that was killed meanwhile takes the subscription from the connection.
      if attachment.link.isAway { request = nil }
      if request == nil, !attachment.link.isAway { return }
    }
  }

  mutating func run() throws {
    ledger.phase = .running
    while ledger.order != .leave {
      let heard = try readResults()
      let said = try publish()
      if next == nil, ledger.begun == total, unanswered.isEmpty { ledger.phase = .drained }
      if !heard, !said { try sleep() }
    }
  }

  /// - Returns: whether there were any.
  private mutating func readResults() throws -> Bool {
    var found = false
    while let message = try attachment.results.next() {
      found = true
      switch message {
      case .result(let result): note(result)
      case .refused(let id, let reason, let detail):
        throw TortureError("event \(id) was refused: \(reason.name), \(detail)")
      // A dispatcher that cannot know tells of more than was for this client; what was, will be missed.
      case .overrun: break
      default: break
      }
    }
    return found
  }

  private mutating func note(_ result: DispatchResult) {
    if result.event.id.peer == attachment.peer {
      unanswered.remove(result.event.id.position)
      if case .worker(let handle, name: _)? = result.transaction?.subject { worker = handle }
      if sabotage == .droppedResult, !hasSabotaged, ledger.resultCount >= Self.sabotagedEvent {
        hasSabotaged = true
        return
      }
    }
    ledger.note(result)
  }

  /// - Returns: whether anything was published.
  private mutating func publish() throws -> Bool {
    var published = false
    while unanswered.count < window, next != nil || ledger.begun < total {
      let event: Event
      if let waiting = next { event = waiting } else { event = script.event(ledger.begin()) }
      let number = ledger.begun - 1
      guard let id = try attachment.submission.publish(event, wantsResult: true) else {
        next = event
        break
      }
      next = nil
      ledger.accept(number, position: id.position)
      unanswered.insert(id.position)
      published = true
      if sabotage == .repeatedEvent, number == Self.sabotagedEvent {
        _ = try attachment.submission.publish(event, wantsResult: false)
      }
      publishWhatIsNotJournaled(number)
    }
    if published { attachment.submission.flush() }
    return published
  }

  /// Heartbeats and queries take places in the ring that no record of the journal tells of.
  private mutating func publishWhatIsNotJournaled(_ number: Int) {
    if let worker, number % Self.eventsBetweenHeartbeats == 0 {
      for _ in 0..<Self.heartbeatsAtOnce {
        _ = attachment.submission.publishHeartbeat(worker, timestampNs: Clock.bootNs())
      }
    }
    if number % Self.eventsBetweenQueries == Self.eventsBetweenQueries - 1 {
      _ = attachment.submission.query(.jobs, cursor: 0, limit: 20)
    }
  }

  private mutating func sleep() throws {
    guard attachment.results.park() else { return }
    let ready = Poll.readable(
      [attachment.results.descriptor, attachment.link.descriptor], timeoutMs: attachment.link.napMs(Self.napMs))
    attachment.results.unpark()
    guard ready[1] || attachment.link.isAway else { return }
    _ = try readResults()
    if case .lost(let reason) = attachment.tend() { throw TortureError("lost the dispatcher: \(reason)") }
  }
}
