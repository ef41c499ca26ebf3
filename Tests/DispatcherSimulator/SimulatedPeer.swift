import CRingmaster
import Dispatcher
import EventCodec
import EventModel
import EventRing
import Platform
import RingmasterClient

/// A program that is attached, or was: the real ends of its rings, and what it has to be told.
final class SimulatedPeer {
  enum Stage {
    /// The dispatcher has its rings, and has not yet said that it can begin.
    case admitting
    case attached
    /// The dispatcher died; its ring is there.
    case away
    /// It left, was disconnected, or its ring is gone.
    case gone
  }

  /// A record that is in the ring.
  struct Record {
    let position: UInt64
    let kind: String
    /// It is found in the journal exactly once, unless the power goes first.
    let isJournaled: Bool
    /// Of what it says.
    let hash: Int
    /// It can be handled, and who submits it has room beside it.
    let isWellFormed: Bool
  }

  /// Whose program it is.
  struct User: Equatable {
    let uid: UInt32
    let name: String

    static let known = User(uid: 0, name: "root")
    /// Of whom no machine knows a name.
    static let unknown = User(uid: 4_000_000_000, name: "4000000000")
  }

  struct Awaited {
    let kind: String
    /// Its answer outlives the dispatcher.
    let isJournaled: Bool
    /// Losses that it had been told of before.
    var lossesBefore = 0
  }

  struct Answer {
    let number: UInt64
    /// In which it was made while the peer was attached; 0 when it was away.
    let life: Int
    /// When (CLOCK_BOOTTIME).
    let madeNs: UInt64
  }

  struct Handled {
    let position: UInt64
    let number: UInt64
  }

  let id: UInt32
  let role: Role
  let token: [UInt8]
  let user: User
  /// RM_SUBSCRIBE_* bits.
  let subscription: UInt32
  let isSlow: Bool
  let attachedInLife: Int
  var stage = Stage.admitting
  /// The dispatcher can lose nothing that is in its ring.
  var isComplete = true
  /// The dispatcher said that another one will know it.
  var isRecoverable = false
  /// All that it said is durable, and that it is gone.
  var isRemoved = false
  /// It has begun once.
  var wasAttached = false
  /// It has written what no peer writes that keeps to the protocol.
  var isHostile = false
  /// nil once it is gone.
  var submission: SubmissionPort?
  var results: ResultPort?
  var records: [Record] = []
  /// Its events that became transactions, in the order of these.
  var handled: [Handled] = []
  /// Events that wait for their answers, by position.
  var awaited: [UInt64: Awaited] = [:]
  /// Where the events were put that wait for answers, and how many of these an answer has come behind.
  private var order: [UInt64] = []
  private var passed = 0
  /// Events whose answers may have died with a dispatcher.
  var unsure: Set<UInt64> = []
  /// When it had last read all that there was (CLOCK_BOOTTIME).
  private(set) var caughtUpNs: UInt64 = 0
  /// Of results that it has read since then.
  var recordsSinceCaughtUp = 0
  /// When it was last seen, since it attached or came back, to read so slowly that it may have been given up; 0 for never
  /// (CLOCK_BOOTTIME).
  var laggedNs: UInt64 = 0
  /// The newest transaction of a journal that has lost its end since, which it has to be noticed by.
  var knowsMoreThan: UInt64?
  /// When the dispatcher that knew it died (CLOCK_BOOTTIME).
  var awaySinceNs: UInt64 = 0
  /// Those that had their answers, with the epoch of the last one.
  var answered: [UInt64: UInt64] = [:]
  /// Records that were refused.
  var refused: Set<UInt64> = []
  var queries: Set<UInt64> = []
  /// Where it asked that a dead letter be handled again.
  var retries: Set<UInt64> = []
  /// The transactions that its awaited events became.
  var answers: [UInt64: Answer] = [:]
  /// The newest transaction read, or told to be lost.
  var lastTransaction: UInt64 = 0
  /// What a worker has read, and not yet dealt with.
  var inbox: [ResultMessage] = []
  /// The newest transaction told to be lost, and the oldest of that.
  var overruns: [ClosedRange<UInt64>] = []

  init(
    id: UInt32, role: Role, token: [UInt8], user: User, subscription: UInt32, isSlow: Bool, life: Int,
    submission: consuming SubmissionPort, results: consuming ResultPort
  ) {
    self.id = id
    self.role = role
    self.token = token
    self.user = user
    self.subscription = subscription
    self.isSlow = isSlow
    attachedInLife = life
    self.submission = .some(submission)
    self.results = .some(results)
  }

  /// What a hostile one wrote may have been another subscription.
  var subscribesToAll: Bool { !isHostile && subscription & RM_SUBSCRIBE_TRANSACTIONS != 0 }

  /// Puts an event in the ring.
  ///
  /// - Returns: false when the ring is full.
  func publish(_ event: Event, wantsResult: Bool) throws -> Bool {
    do {
      return try place(event, wantsResult: wantsResult) != nil
    } catch is RingError {
      // Too long for a ring as small as this.
      return true
    } catch CodecError.tooLong {
      return true
    }
  }

  /// - Returns: nil when the ring is full.
  ///
  /// - Parameter isRepeated: it was said before, and handled.
  func place(_ event: Event, wantsResult: Bool, isRepeated: Bool = false) throws -> EventID? {
    guard let id = try submission?.publish(event, wantsResult: wantsResult) else { return nil }
    let kind = event.kind.name
    let isJournaled = maySend(event) && !isRepeated
    records.append(
      Record(
        position: id.position, kind: kind, isJournaled: isJournaled, hash: event.body.unsigned.hashValue,
        isWellFormed: isWellFormed(event)))
    if wantsResult {
      awaited[id.position] = Awaited(kind: kind, isJournaled: isJournaled, lossesBefore: overruns.count)
      order.append(id.position)
    }
    return id
  }

  func noteCaughtUp(_ nowNs: UInt64) {
    (caughtUpNs, recordsSinceCaughtUp) = (nowNs, 0)
  }

  /// Notes that one of its events was answered. Answers come in the order of the events.
  ///
  /// - Returns: an event before it that waits on, and no loss was told since.
  func eventLeftOut(before position: UInt64) -> UInt64? {
    while passed < order.count, order[passed] < position {
      let earlier = order[passed]
      passed += 1
      if let event = awaited[earlier], event.isJournaled, event.lossesBefore == overruns.count { return earlier }
    }
    return nil
  }

  /// Is the record at a position found in the journal?
  func isJournaled(_ position: UInt64) -> Bool {
    self[position]?.isJournaled ?? false
  }

  /// The record at a position.
  subscript(position: UInt64) -> Record? {
    var (low, high) = (0, records.count)
    while low < high {
      let middle = (low + high) / 2
      if records[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < records.count && records[low].position == position ? records[low] : nil
  }

  /// The dispatcher died: what was only asked of it is asked anew by whoever still wants to know.
  func forgetRequests() {
    unsure.formUnion(queries)
    queries = []
    for (position, event) in awaited where !event.isJournaled { unsure.insert(position) }
    awaited = awaited.filter { $0.value.isJournaled }
  }

  /// What it said may be lost, by damage that was dealt here.
  func forgetEvents() {
    unsure.formUnion(awaited.keys)
    awaited = [:]
  }

  private func isWellFormed(_ event: Event) -> Bool {
    guard case .jobSubmitted(_, let request) = event.body else { return true }
    let room = Int(RM_RECORD_MAX_BYTES) - MemoryLayout<rm_field>.size - user.name.utf8.count
    return request.specification.fault == nil && request.constraints.recordBytes <= Limits.constraintsBytes
      && RecordSize.bytes(of: Event(body: event.body.unsigned)) ?? .max <= room
  }

  /// What is forbidden to it need not be kept.
  private func maySend(_ event: Event) -> Bool {
    switch (role, event.kind) {
    case (.control, _): true
    case (.observe, _), (.ingest, .jobCancelled), (.ingest, .taskPreempted), (.ingest, .prune),
      (.ingest, .brakeOverridden), (.ingest, .workerDrain), (.ingest, .workerResumed), (.ingest, .taskAssigned):
      false
    case (.ingest, _): true
    // What is over meanwhile is refused.
    case (.worker, let kind): kind == .workerRegistered
    }
  }

  /// What it reads from the ring that the dispatcher made for it.
  struct Ends: ~Copyable {
    let submission: SharedRing
    let results: SharedRing
    let bell: Doorbell
    let wiring: SubmissionWiring

    init(_ reply: SteppedDispatcher.Reply) throws {
      func take(_ index: Int) throws -> FileDescriptor {
        try FileDescriptor.duplicate(of: reply.descriptors.raw[index])
      }
      let bell = Doorbell(received: try take(5))
      let dispatcherBell = Doorbell(received: try take(4))
      let board = try AttentionBoard.attach(try take(2), status: try take(3))
      var results = try SharedRing.attach(try take(1))
      results.closeDescriptor()
      var submission = try SharedRing.attach(try take(0))
      submission.closeDescriptor()
      self.submission = submission
      self.results = results
      self.bell = bell
      wiring = SubmissionWiring(board: board, lane: reply.lane, barrier: .fence, dispatcherBell: dispatcherBell)
    }

    consuming func ports(peer: UInt32, epoch: UInt64) -> Ports {
      Ports(
        submission: SubmissionPort(peer: peer, ring: submission, wiring: wiring),
        results: ResultPort(ring: results, bell: bell, progress: ResultProgress(0), epoch: epoch))
    }

    /// The submission ring stays as it is mapped.
    consuming func renew(
      _ submission: inout SubmissionPort?, _ results: inout ResultPort?, lastTransaction: UInt64, epoch: UInt64
    ) {
      results?.renew(ring: self.results, bell: bell, lastTransaction: lastTransaction, epoch: epoch)
      submission?.rewire(wiring)
    }
  }

  struct Ports: ~Copyable {
    private var submission: SubmissionPort?
    private var results: ResultPort?

    init(submission: consuming SubmissionPort, results: consuming ResultPort) {
      self.submission = .some(submission)
      self.results = .some(results)
    }

    /// Once.
    mutating func takeSubmission() -> SubmissionPort { submission.take()! }

    /// Once.
    mutating func takeResults() -> ResultPort { results.take()! }
  }
}

extension Event.Body {
  /// As its peer said it: without the user, whom the dispatcher names.
  var unsigned: Event.Body {
    switch self {
    case .jobSubmitted(let name, var request):
      (request.submitter, request.submitterUid) = (nil, -1)
      return .jobSubmitted(name: name, request: request)
    case .workerDrain(let worker, let reason, _, let graceMs):
      return .workerDrain(worker, reason: reason, submitter: nil, graceMs: graceMs)
    default: return self
    }
  }
}
