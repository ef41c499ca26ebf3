import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform
import Synchronization

/// A connection to the dispatcher for concurrent use.
///
/// `publish` puts an event in the submission ring and returns its id at once; `dispatch` also awaits the result with that
/// id, which comes back on the client's own result ring. All methods may be called from any thread or task. One thread of
/// the library reads the result ring; `close`, or the end of the last reference, ends it.
public final class RingmasterClient: Sendable {
  public let peer: UInt32
  /// The id of the cluster, 32 hexadecimal digits: handles mean something in one cluster only.
  public let cluster: String
  /// What a subscription brings, and overruns. One consumer; keeps the newest 65,536 messages if that one is slow.
  public let results: AsyncStream<ResultMessage>
  let shared: ClientState
  private static let fullRingRetry = Duration.milliseconds(1)
  private static let pageSize = 256

  /// Attaches to the dispatcher.
  ///
  /// - Throws: `SystemError` when nobody listens at `path`, `ClientError.refused`.
  public init(
    path: String = AttachOptions.defaultSocketPath,
    options: AttachOptions = AttachOptions(role: .control, name: "client")
  ) throws {
    let attachment = try Attachment.attach(path: path, options: options)
    peer = attachment.peer
    cluster = attachment.cluster
    let (stream, continuation) = AsyncStream.makeStream(
      of: ResultMessage.self, bufferingPolicy: .bufferingNewest(65_536))
    results = stream
    shared = try ClientState.start(attachment, waiting: options.waiting, subscriber: continuation)
  }

  deinit {
    shared.stop()
  }

  /// Detaches: what was published is still handled, waiting calls throw `ClientError.closed`.
  public func close() {
    shared.stop()
  }

  /// Why it is over, as the dispatcher or this process had it, once `results` has ended; nil before.
  public var closeReason: String? {
    shared.closeReason
  }

  /// Publishes an event and returns at once.
  ///
  /// - Throws: `ClientError.ringFull`, `ClientError.closed`, or why the event cannot be a record.
  @discardableResult
  public func publish(_ event: Event) throws -> EventID {
    guard let id = try shared.publish(event, waiter: nil) else { throw ClientError.ringFull }
    return id
  }

  /// Publishes an event and awaits what came of it.
  ///
  /// - Parameter timeout: for the result and, before that, for room in the ring.
  /// - Throws: as `publish`; `ClientError.timedOut`, after which the event may still be applied; and `ClientError.overrun`
  ///   when its result is lost, because this process did not read for so long: query what became of it.
  public func dispatch(_ event: Event, timeout: Duration = .seconds(30)) async throws -> DispatchResult {
    try await awaitResult(timeout: timeout) { shared, waiter in try shared.publish(event, waiter: waiter) }
  }

  /// Has a dead letter's event handled once more, as an event of this client, and awaits what came of it.
  ///
  /// - Parameter reason: why, for the dispatcher's log.
  /// - Throws: as `dispatch`, and `ClientError.notAnEvent` when there is no such letter, it holds no event, or this client
  ///   is no control peer.
  public func retryDeadLetter(
    _ number: UInt64, reason: String, timeout: Duration = .seconds(30)
  ) async throws -> DispatchResult {
    try await awaitResult(timeout: timeout) { shared, waiter in
      try shared.retryDeadLetter(number, reason: reason, waiter: waiter)
    }
  }

  private func awaitResult(
    timeout: Duration, _ publish: (ClientState, ClientState.Waiter) throws -> EventID?
  ) async throws -> DispatchResult {
    let deadline = ContinuousClock.now + timeout
    let deadlineNs = Clock.monotonicNs() + timeout.nanoseconds
    while true {
      let result: DispatchResult? = try await withCheckedThrowingContinuation { continuation in
        do {
          let waiter = ClientState.Waiter(deadlineNs: deadlineNs, continuation: continuation)
          if try publish(shared, waiter) == nil { continuation.resume(returning: nil) }
        } catch {
          continuation.resume(throwing: error)
        }
      }
      if let result { return result }
      guard ContinuousClock.now < deadline else { throw ClientError.ringFull }
      try await Task.sleep(for: Self.fullRingRetry)
    }
  }

  /// Everything the dispatcher holds of one kind, page by page: each row is as it was when its page was read.
  public func query(_ entity: QueryEntity, timeout: Duration = .seconds(30)) async throws -> [Row] {
    var rows: [Row] = []
    try await query(entity, timeout: timeout) { page in
      rows += page
      return true
    }
    return rows
  }

  /// The same, with each page given away as it comes: `take` says whether the next one is wanted.
  ///
  /// - Parameter timeout: for each page.
  public func query(
    _ entity: QueryEntity, timeout: Duration = .seconds(30), take: ([Row]) throws -> Bool
  ) async throws {
    try await pages(timeout: timeout, { $0.query(entity, cursor: $1, limit: Self.pageSize) }, take)
  }

  /// The tasks of a job, in the order of their indices; none when there is no such job.
  public func tasks(of job: JobReference, timeout: Duration = .seconds(30)) async throws -> [Row] {
    var rows: [Row] = []
    try await tasks(of: job, timeout: timeout) { page in
      rows += page
      return true
    }
    return rows
  }

  /// The same, with each page given away as it comes: `take` says whether the next one is wanted.
  ///
  /// - Parameter timeout: for each page.
  public func tasks(
    of job: JobReference, timeout: Duration = .seconds(30), take: ([Row]) throws -> Bool
  ) async throws {
    try await pages(
      timeout: timeout, { try $0.query(.tasks, about: .job(job), cursor: $1, limit: Self.pageSize) }, take)
  }

  private func pages(
    timeout: Duration, _ request: @escaping @Sendable (inout SubmissionPort, _ cursor: UInt64) throws -> UInt64?,
    _ take: ([Row]) throws -> Bool
  ) async throws {
    var cursor: UInt64? = 0
    while let from = cursor {
      let page = try await page(timeout: timeout) { try request(&$0, from) }
      cursor = try take(page.rows) ? page.next : nil
    }
  }

  /// A job as it is; nil when there is none.
  public func job(_ job: JobReference, timeout: Duration = .seconds(30)) async throws -> JobView? {
    let rows = try await page(timeout: timeout) { try $0.query(.jobs, about: .job(job), limit: 1) }.rows
    guard case .job(let view)? = rows.first else { return nil }
    return view
  }

  /// Why an entity is as it is; nil when neither the state nor the transaction log knows it.
  public func explain(_ target: EntityReference, timeout: Duration = .seconds(30)) async throws -> EntityExplanation? {
    EntityExplanation(rows: try await page(timeout: timeout) { try $0.explain(target) }.rows)
  }

  /// Has a dead letter forgotten.
  ///
  /// - Parameter reason: why, for the dispatcher's log.
  /// - Returns: the letter.
  /// - Throws: `ClientError.notAnEvent` when there is no such letter or this client is no control peer.
  @discardableResult
  public func dropDeadLetter(
    _ number: UInt64, reason: String, timeout: Duration = .seconds(30)
  ) async throws -> DeadLetterView {
    let rows = try await page(timeout: timeout) { try $0.dropDeadLetter(number, reason: reason) }.rows
    guard case .deadLetter(let row)? = rows.first else {
      throw ClientError.unexpectedReply("no letter in the answer to its removal")
    }
    return row
  }

  /// A dead letter; nil when there is none of this number.
  public func deadLetter(_ number: UInt64, timeout: Duration = .seconds(30)) async throws -> DeadLetterView? {
    let rows = try await page(timeout: timeout) { $0.query(.deadLetters, cursor: number, limit: 1) }.rows
    guard case .deadLetter(let row)? = rows.first, row.number == number else { return nil }
    return row
  }

  /// Has the results of other peers' events delivered to `results` from now on.
  public func subscribe(_ subscription: Subscription) async throws {
    _ = try await page(timeout: .seconds(30)) { $0.subscribe(subscription) }
    shared.subscription = subscription
  }

  private func page(
    timeout: Duration, _ request: @escaping @Sendable (inout SubmissionPort) throws -> UInt64?
  ) async throws -> ClientState.Page {
    let deadline = ContinuousClock.now + timeout
    let deadlineNs = Clock.monotonicNs() + timeout.nanoseconds
    while true {
      let page: ClientState.Page? = try await withCheckedThrowingContinuation { continuation in
        shared.request(request, deadlineNs: deadlineNs, continuation: continuation)
      }
      if let page { return page }
      guard ContinuousClock.now < deadline else { throw ClientError.ringFull }
      try await Task.sleep(for: Self.fullRingRetry)
    }
  }
}

extension Duration {
  var nanoseconds: UInt64 {
    UInt64(clamping: components.seconds) &* 1_000_000_000 &+ UInt64(clamping: components.attoseconds / 1_000_000_000)
  }
}
