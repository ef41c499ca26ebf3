import EventCodec
import EventModel
import EventRing
import Platform
import Synchronization

/// What the callers of a client and its reading thread share.
final class ClientState: Sendable {
  /// Somebody who awaits the result of one event.
  struct Waiter {
    let deadlineNs: UInt64
    let continuation: CheckedContinuation<DispatchResult?, any Error>
  }

  /// One page of rows and the cursor of the next.
  struct Page: Sendable {
    var rows: [Row] = []
    var next: UInt64?
  }

  private struct PageWaiter {
    let deadlineNs: UInt64
    var page = Page()
    let continuation: CheckedContinuation<Page?, any Error>
  }

  private struct Guarded: ~Copyable {
    var submission: SubmissionPort
    var waiters: [UInt64: Waiter] = [:]
    var pages: [UInt64: PageWaiter] = [:]
    var events: [UInt64: Event] = [:]
    var closed: String?
    var subscription: Subscription = []
  }

  private let guarded: Mutex<Guarded>
  private let subscriber: AsyncStream<ResultMessage>.Continuation
  private let stopBell: Doorbell
  private let peer: UInt32
  private static let deadlineCheckMs: Int32 = 100

  private init(
    peer: UInt32, submission: consuming SubmissionPort, subscriber: AsyncStream<ResultMessage>.Continuation
  ) throws {
    self.peer = peer
    self.subscriber = subscriber
    self.stopBell = try Doorbell()
    self.guarded = Mutex(Guarded(submission: submission))
  }

  /// Takes the attachment apart and starts the thread that reads its results.
  static func start(
    _ attachment: consuming Attachment, waiting: WaitingStrategy,
    subscriber: AsyncStream<ResultMessage>.Continuation
  ) throws -> ClientState {
    let peer = attachment.peer
    let state = try ClientState(peer: peer, submission: attachment.submission, subscriber: subscriber)
    let reader = ReaderEnd(results: attachment.results, link: attachment.link, waiting: waiting)
    let thread = try NamedThread("ringmaster-results") { reader.run(state) }
    thread.detach()
    return state
  }

  /// Publishes; with a waiter, registers it under the event's position before any result can be looked up.
  func publish(_ event: Event, waiter: Waiter?) throws -> EventID? {
    let waiter = waiter.map { UncheckedBox($0) }
    return try guarded.withLock { state in
      if let reason = state.closed { throw ClientError.closed(reason: reason) }
      guard let id = try state.submission.publish(event, wantsResult: waiter != nil) else { return nil }
      if let waiter {
        state.waiters[id.position] = waiter.value
        state.events[id.position] = event
      }
      state.submission.flush()
      return id
    }
  }

  /// - Returns: false when the ring is full.
  func publishHeartbeat(_ worker: WorkerHandle) throws -> Bool {
    try guarded.withLock { state in
      if let reason = state.closed { throw ClientError.closed(reason: reason) }
      defer { state.submission.flush() }
      return state.submission.publishHeartbeat(worker, timestampNs: 0)
    }
  }

  /// Has a dead letter retried; what comes of it is its waiter's.
  func retryDeadLetter(_ number: UInt64, reason: String, waiter: Waiter) throws -> EventID? {
    let waiter = UncheckedBox(waiter)
    return try guarded.withLock { state in
      if let reason = state.closed { throw ClientError.closed(reason: reason) }
      guard let id = try state.submission.retryDeadLetter(number, reason: reason) else { return nil }
      state.waiters[id.position] = waiter.value
      state.submission.flush()
      return id
    }
  }

  func request(
    _ request: @Sendable (inout SubmissionPort) throws -> UInt64?, deadlineNs: UInt64,
    continuation: CheckedContinuation<Page?, any Error>
  ) {
    let refusal: Result<Page?, any Error>? = guarded.withLock { state in
      if let reason = state.closed { return .failure(ClientError.closed(reason: reason)) }
      let number: UInt64?
      do { number = try request(&state.submission) } catch { return .failure(error) }
      guard let number else { return .success(nil) }
      state.pages[number] = PageWaiter(deadlineNs: deadlineNs, continuation: continuation)
      state.submission.flush()
      return nil
    }
    if let refusal { continuation.resume(with: refusal) }
  }

  /// Why it is over; nil while it is not.
  var closeReason: String? {
    guarded.withLock { $0.closed }
  }

  /// In force again whenever this client attaches again.
  var subscription: Subscription {
    get { guarded.withLock { $0.subscription } }
    set { guarded.withLock { $0.subscription = newValue } }
  }

  /// Another dispatcher has taken over. Results come as if nothing had been; a query or subscription is asked for anew,
  /// by whoever awaits it.
  func renew(_ wiring: consuming SubmissionWiring) {
    var wiring = Optional(wiring)
    let pages = guarded.withLock { state in
      if let wiring = wiring.take() { state.submission.rewire(wiring) }
      defer { state.pages = [:] }
      return state.pages
    }
    for page in pages.values { page.continuation.resume(returning: nil) }
  }

  func stop() {
    stopBell.ring()
  }

  var stopDescriptor: Int32 {
    stopBell.descriptor.raw
  }

  func deliver(_ message: ResultMessage) {
    switch message {
    case .result(let result): deliver(result)
    case .refused(let id, let reason, let detail):
      let (waiter, page) = guarded.withLock {
        $0.events[id.position] = nil
        return ($0.waiters.removeValue(forKey: id.position), $0.pages.removeValue(forKey: id.position))
      }
      waiter?.continuation.resume(throwing: ClientError.notAnEvent(id, reason: reason, detail: detail))
      page?.continuation.resume(throwing: ClientError.notAnEvent(id, reason: reason, detail: detail))
    case .row(let request, let row): guarded.withLock { $0.pages[request]?.page.rows.append(row) }
    case .queryDone(let request, let next):
      let waiter = guarded.withLock { $0.pages.removeValue(forKey: request) }
      guard var waiter else { return }
      waiter.page.next = next
      waiter.continuation.resume(returning: waiter.page)
    case .overrun(_, _, let settledBefore):
      fail({ position, _ in position < settledBefore }, ClientError.overrun)
      subscriber.yield(message)
    case .heartbeatRefused: subscriber.yield(message)
    }
  }

  private func deliver(_ result: DispatchResult) {
    if result.event.id.peer == peer {
      let position = result.event.id.position
      let (waiter, event) = guarded.withLock {
        ($0.waiters.removeValue(forKey: position), $0.events.removeValue(forKey: position))
      }
      waiter?.continuation.resume(returning: result.isAbridged ? event.map { result.naming($0) } ?? result : result)
    }
    subscriber.yield(.result(result))
  }

  /// Fails those of the waiting events, by their positions, for which `isOver` says so.
  private func fail(_ isOver: (UInt64, Waiter) -> Bool, _ error: (EventID) -> ClientError) {
    let over = guarded.withLock { state in
      let over = state.waiters.filter(isOver)
      for position in over.keys {
        state.waiters[position] = nil
        state.events[position] = nil
      }
      return over
    }
    for (position, waiter) in over {
      waiter.continuation.resume(throwing: error(EventID(peer: peer, position: position)))
    }
  }

  /// Fails those whose time is up.
  func expire(nowNs: UInt64) {
    fail({ $1.deadlineNs <= nowNs }, ClientError.timedOut)
    let latePages = guarded.withLock { state in
      let latePages = state.pages.filter { $0.value.deadlineNs <= nowNs }
      for request in latePages.keys { state.pages[request] = nil }
      return latePages
    }
    for (position, waiter) in latePages {
      waiter.continuation.resume(throwing: ClientError.timedOut(EventID(peer: peer, position: position)))
    }
  }

  /// Fails all who wait, and all later calls.
  func close(reason: String) {
    let (waiters, pages) = guarded.withLock { state in
      defer {
        state.waiters = [:]
        state.pages = [:]
        state.events = [:]
      }
      state.closed = reason
      return (state.waiters, state.pages)
    }
    for waiter in waiters.values { waiter.continuation.resume(throwing: ClientError.closed(reason: reason)) }
    for waiter in pages.values { waiter.continuation.resume(throwing: ClientError.closed(reason: reason)) }
    subscriber.finish()
  }

  static var checkIntervalMs: Int32 {
    deadlineCheckMs
  }
}

/// Carries a value into a `sending` closure that only one thread runs.
private struct UncheckedBox<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }
}

extension DispatchResult {
  /// The same result about the event as its publisher holds it: long events come back by their heads alone.
  func naming(_ original: Event) -> DispatchResult {
    let event = Event(id: event.id, timestampMs: event.timestampMs, body: original.body, source: original.source)
    guard let transaction else {
      return DispatchResult(
        event: event, disposition: disposition, observations: observations, promise: promise, epoch: epoch)
    }
    // What is said again may be called otherwise than what was handled.
    if isRepeated { return self }
    let whole = Transaction(
      number: transaction.number, timestampMs: transaction.timestampMs, event: event, outcome: transaction.outcome,
      missing: transaction.missing, subject: transaction.subject, actions: transaction.actions,
      tasksToKill: transaction.tasksToKill)
    return DispatchResult(whole, observations: observations, promise: promise, epoch: epoch)
  }
}
