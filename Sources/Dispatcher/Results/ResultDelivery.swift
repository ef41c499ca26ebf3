import CRingmaster
import DispatcherSettings
import EventCodec
import EventModel
import EventRing
import Telemetry

/// Results back out: from the log to each client's ring, as fast as that client reads and no faster.
///
/// Invariant: no result is published before its record in the journal is durable, where that is promised, nor before one that came
/// before it. A lane with anything to publish is in `backlogged`.
struct ResultDelivery: ~Copyable {
  /// What a configuration says of it.
  struct Limits {
    /// Records that waited, written to all rings in one turn.
    let recordsPerTurn: Int
    let backlogBytes: Int
    /// So long may events wait for a client that reads too slowly. No deadline is judged while they do: it is a share of what a
    /// worker may be silent.
    let longestWaitNs: UInt64

    init(_ configuration: DispatcherConfiguration) {
      recordsPerTurn = configuration.resultRecordsPerTurn
      backlogBytes = configuration.resultBacklogBytes
      longestWaitNs = UInt64(clamping: configuration.controller.workerTimeoutMs / 4) &* 1_000_000
    }
  }

  /// Where a result stands: the journal's record of its event, and the newest transaction as of it.
  struct Place {
    let record: UInt64
    let transaction: UInt64
  }

  var limits: Limits
  private(set) var log: ResultLog
  let promise: Promise
  /// Results up to this record of the journal may be published, as of this turn.
  private(set) var tellable: UInt64
  /// Lanes with results to write or a client to wake.
  private(set) var backlogged = LaneSet()
  /// Lanes that want the results of other peers' events too, but for those of workers.
  private var subscribed = LaneSet()
  /// Lanes of workers that want what places or stops tasks on them, by their names.
  private var workers: [ByteText: Int] = [:]
  var encoder = ResultEncoder()
  private var refusalWriter = RecordWriter()
  var eventWriter = RecordWriter()
  /// Of the event that is handled: the bytes of its ring, or what was made of it when the journal or a reader needed it.
  private var eventRecord: EventRecord?
  /// Of results that waited.
  private var share = TurnShare()
  private let counters: CounterSet<DispatcherCounter>
  private let passing: (@Sendable (Passage) -> Void)?

  init(
    _ log: ResultLog, _ limits: Limits, of journal: borrowing DispatchJournal,
    _ counters: CounterSet<DispatcherCounter>,
    passing: (@Sendable (Passage) -> Void)?
  ) {
    self.log = log
    self.limits = limits
    promise = journal.promise
    tellable = journal.tellable
    self.counters = counters
    self.passing = passing
  }

  /// Is a log kept, with a journal?
  var isKept: Bool { promise != .volatile }

  /// Records that waited, written to one ring in one turn.
  private static let recordsPerRing = 4096
  /// A result of more records than this waits for its lane's turn.
  static let recordsWrittenAtOnce = 16

  /// Notes up to which record results may be published.
  mutating func settle(tellable: UInt64) {
    assert(tellable >= self.tellable, "what may be published only grows")
    self.tellable = tellable
    log.settle(tellable: tellable)
  }

  /// Notes that there is something to publish to a lane.
  mutating func noteBacklog(_ lane: Int) {
    backlogged.insert(lane)
  }

  /// - Parameter subscription: RM_SUBSCRIBE_* bits; 0 for none.
  mutating func subscribe(_ lane: Int, to subscription: UInt32, _ lanes: borrowing LaneTable) {
    lanes[lane].pointee.results?.pointee.subscription = subscription
    if let worker = lanes[lane].pointee.workerName {
      workers[worker] = subscription == 0 ? nil : lane
    } else if subscription == 0 {
      subscribed.remove(lane)
    } else {
      subscribed.insert(lane)
    }
  }

  /// Forgets a peer that is removed.
  mutating func remove(_ lane: Int, _ lanes: borrowing LaneTable) {
    backlogged.remove(lane)
    subscribed.remove(lane)
    if let worker = lanes[lane].pointee.workerName, workers[worker] == lane { workers[worker] = nil }
  }

  /// Begins an event.
  ///
  /// - Parameter record: that it was decoded from, valid until it is handled; nil of one that was made here.
  mutating func begin(_ kind: EventKind, from record: EventRecord?) {
    precondition(record.map { $0.head.kind == kind.rawValue } ?? true, "a record is of the event that is handled")
    eventRecord = record
  }

  /// The record of the event that is handled.
  mutating func record(of result: DispatchResult) -> EventRecord {
    eventRecord ?? makeRecord(of: result)
  }

  @inline(never)
  private mutating func makeRecord(of result: DispatchResult) -> EventRecord {
    do {
      let record = try eventWriter.record(of: result.event)
      eventRecord = record
      return record
    } catch {
      preconditionFailure("an event that was decoded from a record, or is the dispatcher's own, fits one: \(error)")
    }
  }

  /// Writes what fits to every ring with a backlog, as far as all together may have it now, and wakes the clients that sleep.
  mutating func publishBacklog(_ lanes: inout LaneTable, at clock: borrowing TurnClock) {
    guard !backlogged.isEmpty else { return }
    let round = share.begin(limits.recordsPerTurn, groups: lanes.groups)
    for step in round.steps {
      let group = round.group(step)
      var unsent = backlogged[group: group] & round.mask(step)
      while unsent != 0 {
        let lane = group << 6 | unsent.trailingZeroBitCount
        unsent &= unsent &- 1
        let leftBefore = share.left
        publishBacklog(of: lane, &lanes, at: clock)
        share.finish(lane, of: round, leftBefore: leftBefore)
      }
    }
  }

  private mutating func publishBacklog(of index: Int, _ lanes: inout LaneTable, at clock: borrowing TurnClock) {
    let lane = lanes[index]
    guard let results = lane.pointee.results else { return backlogged.remove(index) }
    if lane.pointee.refusal != nil { tellRefusal(of: index, &lanes) }
    publishOutbox(results, of: lane, at: clock)
    lane.pointee.flush()
    if !results.pointee.hasBacklog, lane.pointee.refusal == nil { backlogged.remove(index) }
  }

  /// Sends a result to those it is for: at once where nothing waits before it and there is room, else by way of the lane's
  /// outbox.
  ///
  /// - Parameter origin: the lane that asked for it.
  mutating func deliver(
    _ result: DispatchResult, to origin: Int?, _ place: Place, _ lanes: borrowing LaneTable,
    at clock: borrowing TurnClock
  ) {
    var stored: StoredResult?
    // A peer of the dispatcher before may still come back for it.
    if isKept { stored = store(logged(result), place, isForOrigin: origin != nil) }
    if let origin { deliver(result, to: origin, isAnswer: true, place, &stored, lanes, at: clock) }
    if !workers.isEmpty {
      for worker in result.workersWithOrders {
        guard let lane = workers[worker], lane != origin else { continue }
        deliver(result, to: lane, isAnswer: false, place, &stored, lanes, at: clock)
      }
    }
    guard !subscribed.isEmpty else { return }
    let concerns = result.concerns
    for lane in subscribed.members {
      if lane != origin, let results = lanes[lane].pointee.results, results.pointee.subscription & concerns != 0 {
        deliver(result, to: lane, isAnswer: false, place, &stored, lanes, at: clock)
      }
    }
  }

  /// - Parameter stored: the result as outboxes hold it, made when the first lane cannot have it at once.
  private mutating func deliver(
    _ result: DispatchResult, to lane: Int, isAnswer: Bool, _ place: Place, _ stored: inout StoredResult?,
    _ lanes: borrowing LaneTable, at clock: borrowing TurnClock
  ) {
    guard let results = lanes[lane].pointee.results, results.pointee.outbox.isEmpty, !results.pointee.holdsRows,
      place.record <= tellable,
      publish(result, to: results, at: clock)
    else {
      return deliverLater(result, to: lane, isAnswer: isAnswer, place, &stored, lanes, at: clock)
    }
    backlogged.insert(lane)
    counters[.resultsPublished].increment()
  }

  /// - Returns: false when it is too long to be published at once, or the ring has no room for all of it.
  @inline(__always)
  private mutating func publish(
    _ result: DispatchResult, to results: UnsafeMutablePointer<ResultLane>, at clock: borrowing TurnClock
  ) -> Bool {
    let records = ResultEncoder.recordCount(of: result)
    guard records <= Self.recordsWrittenAtOnce else { return false }
    if case .none = eventRecord { _ = makeRecord(of: result) }
    guard let run = encoder.encodeRun(result, as: eventRecord, records: records, promise: promise),
      case .some = try? results.pointee.producer.tryPublish(run)
    else { return false }
    results.pointee.noteProgress(nowNs: clock.nowNs)
    return true
  }

  @inline(never)
  private mutating func deliverLater(
    _ result: DispatchResult, to lane: Int, isAnswer: Bool, _ place: Place, _ stored: inout StoredResult?,
    _ lanes: borrowing LaneTable, at clock: borrowing TurnClock
  ) {
    deliver(stored?.content ?? logged(result), to: lane, isAnswer: isAnswer, place, &stored, lanes, at: clock)
  }

  private mutating func logged(_ result: DispatchResult) -> LoggedResult {
    .result(result, KeptEventRecord(record(of: result)))
  }

  /// By way of the lane's outbox.
  mutating func deliver(
    _ result: LoggedResult, to lane: Int, isAnswer: Bool, _ place: Place,
    _ stored: inout StoredResult?, _ lanes: borrowing LaneTable, at clock: borrowing TurnClock
  ) {
    guard let results = lanes[lane].pointee.results else {
      if isAnswer { keepWhileAway(result, for: lanes[lane], place, &stored, at: clock) }
      return
    }
    backlogged.insert(lane)
    let waiting = waiting(result, place, &stored)
    if isAnswer {
      // The events of one that has left do not wait for it.
      let givesUpOldest =
        lanes[lane].pointee.isLeaving
        || noteReading(&results.pointee.outbox, progressNs: results.pointee.progressNs, at: clock)
      results.pointee.outbox.append(answer: waiting, givesUpOldest: givesUpOldest)
    } else {
      results.pointee.outbox.append(other: waiting)
    }
  }

  func waiting(_ result: LoggedResult, _ place: Place, _ stored: inout StoredResult?) -> StoredResult {
    let waiting = stored ?? StoredResult(result, place, isForOrigin: true)
    stored = waiting
    return waiting
  }

  /// Puts a result into the log, where peers that come back find it.
  private mutating func store(_ content: LoggedResult, _ place: Place, isForOrigin: Bool) -> StoredResult {
    let result = StoredResult(content, place, isForOrigin: isForOrigin)
    log.append(result, tellable: tellable)
    return result
  }

  /// Answers a peer that a record of its was no event, once the record of the journal that says so is durable.
  mutating func refuse(
    _ id: EventID, malformed detail: String, lane: Int, _ place: Place, _ lanes: borrowing LaneTable,
    at clock: borrowing TurnClock
  ) {
    let refusal = LoggedResult.refusal(id, .malformed, detail: detail)
    var stored: StoredResult? = store(refusal, place, isForOrigin: true)
    deliver(refusal, to: lane, isAnswer: true, place, &stored, lanes, at: clock)
  }

  /// Answers a peer that a record of its is refused. Where its ring has no room, it waits, and all else that the peer says
  /// with it.
  mutating func refuse(_ refusal: PendingRefusal, lane index: Int, _ lanes: inout LaneTable) {
    let lane = lanes[index]
    guard !lane.pointee.isLeaving, lane.pointee.peer.facts.resultCapacity > 0 else { return }
    assert(lane.pointee.refusal == nil, "a peer is not read while its last refusal is unsent")
    lane.pointee.refusal = refusal
    tellRefusal(of: index, &lanes)
  }

  mutating func tellRefusal(of index: Int, _ lanes: inout LaneTable) {
    let lane = lanes[index]
    guard let refusal = lane.pointee.refusal, let results = lane.pointee.results else { return }
    backlogged.insert(index)
    let isDue = refusal.record <= tellable && !refusal.waits(behind: results.pointee.outbox.nextRecord)
    guard isDue else { return lane.pointee.updateHold() }
    do {
      let record =
        try firstAnswer(refusal, slots: results.pointee.producer.layout.maximumRecordSlots)
        ?? refusalWriter.encodeRefusal(of: refusal.id, reason: refusal.reason, detail: refusal.detail)
      guard try results.pointee.producer.tryPublish(record) != nil else {
        counters[.resultRingFull].increment()
        return lane.pointee.updateHold()
      }
    } catch {
      preconditionFailure("a refusal does not fit a result ring: \(error)")
    }
    results.pointee.needsFlush = true
    lane.pointee.refusal = nil
    lane.pointee.updateHold()
    lanes.wake(index)
  }

  private mutating func publishOutbox(
    _ results: UnsafeMutablePointer<ResultLane>, of lane: UnsafeMutablePointer<PeerLane>, at clock: borrowing TurnClock
  ) {
    guard !results.pointee.holdsRows else { return }
    let most = min(Self.recordsPerRing, share.left)
    var budget = most
    defer { share.take(most - budget) }
    while budget > 0, let front = results.pointee.outbox.front {
      switch front {
      case .lost(let transactions, let record):
        guard record <= tellable, tellLoss(of: transactions, lane: lane, results) else { return }
        budget -= 1
      case .result(let result):
        guard result.record <= tellable else { return }
        let records = result.content.recordCount
        while budget > 0, results.pointee.outbox.nextRecord < records {
          passing?(.publishingResult)
          guard
            publish(result.content, record: results.pointee.outbox.nextRecord, epoch: result.epoch, results, at: clock)
          else {
            return
          }
          results.pointee.outbox.nextRecord += 1
          budget -= 1
        }
        guard results.pointee.outbox.nextRecord == records else { return }
        results.pointee.outbox.removeFront()
        counters[.resultsPublished].increment()
        passing?(.publishedResult)
      }
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publish(
    _ result: LoggedResult, record index: Int, epoch: UInt64?, _ results: UnsafeMutablePointer<ResultLane>,
    at clock: borrowing TurnClock
  ) -> Bool {
    switch result {
    case .result(let result, let event):
      event.withRecord { publish(result, as: $0, record: index, epoch: epoch, results, at: clock) }
    case .refusal(let id, let reason, let detail):
      Self.publish(
        try refusalWriter.encodeRefusal(of: id, reason: reason, detail: detail), to: results, at: clock, counters)
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publish(
    _ result: DispatchResult, as event: EventRecord?, record index: Int, epoch: UInt64?,
    _ results: UnsafeMutablePointer<ResultLane>, at clock: borrowing TurnClock
  ) -> Bool {
    Self.publish(
      try encoder.encode(result, as: event, record: index, promise: promise, epoch: epoch), to: results, at: clock,
      counters)
  }

  @inline(__always)
  private static func publish(
    _ record: @autoclosure () throws(CodecError) -> UnsafeRawBufferPointer,
    to results: UnsafeMutablePointer<ResultLane>, at clock: borrowing TurnClock,
    _ counters: CounterSet<DispatcherCounter>
  ) -> Bool {
    do {
      guard try results.pointee.producer.tryPublish(try record()) != nil else {
        counters[.resultRingFull].increment()
        return false
      }
    } catch {
      // Attaching bounds the ring from below so that every record fits; names and errors are bounded where they enter.
      preconditionFailure("a result does not fit a result ring: \(error)")
    }
    results.pointee.noteProgress(nowNs: clock.nowNs)
    return true
  }

  /// Answers come in the order of the events: those that are neither in the ring nor still to be sent are lost.
  ///
  /// - Returns: false when the ring has no room even for that.
  private mutating func tellLoss(
    of transactions: ClosedRange<UInt64>, lane: UnsafeMutablePointer<PeerLane>,
    _ results: UnsafeMutablePointer<ResultLane>
  ) -> Bool {
    let read = lane.pointee.refusal?.id.position ?? lane.pointee.consumer.position
    let head = rm_result_head.overrun(
      first: transactions.lowerBound, last: transactions.upperBound,
      settledBefore: min(read, results.pointee.outbox.nextAnswered ?? read))
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.outbox.removeFront()
    results.pointee.overruns += 1
    // No sign that the client reads: it finds room where none was for a result.
    results.pointee.needsFlush = true
    counters[.resultOverruns].increment()
    return true
  }
}
