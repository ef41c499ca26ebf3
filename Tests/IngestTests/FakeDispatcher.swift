import CRingmaster
import EventCodec
import EventModel
import EventRing
import Glibc
import Platform

/// The dispatcher's end of one peer's rings, driven by a test: it reads what the peer published and publishes what the
/// test wants said.
struct FakeDispatcher: ~Copyable {
  static let peer: UInt32 = 3
  static let waitUs: Int64 = 20_000_000
  /// Between two looks at the ring.
  private static let lookUs: Int64 = 200

  private let connection: PacketSocket
  private let submission: SharedRing
  private let results: SharedRing
  private var consumer: RingConsumer
  private var producer: RingProducer
  private let ownBell: Doorbell
  private let peerBell: Doorbell
  private var encoder = ResultEncoder()
  private var refusals = RecordWriter()
  private var transactions: UInt64 = 0
  let request: rm_attach_request

  struct Record {
    let id: EventID
    let head: rm_event_head
    let body: Event.Body

    var wantsResult: Bool {
      UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0
    }
  }

  /// Listens for the one peer of a test; the socket goes with it.
  struct Listener: ~Copyable {
    let path: String
    private let socket: PacketSocket

    init(_ name: String) throws {
      path = "/tmp/ringmaster-ingest-tests.\(getpid()).\(name)"
      socket = try PacketSocket.listen(path: path)
      socket.setNonBlocking()
    }

    deinit {
      unlink(path)
    }

    /// Waits for the peer and gives it its rings.
    func accept() throws -> FakeDispatcher {
      guard Poll.readable(socket.descriptor.raw, timeoutUs: FakeDispatcher.waitUs), let peer = try socket.accept()
      else {
        throw SystemError("wait for the peer", code: ETIMEDOUT)
      }
      return try FakeDispatcher(peer)
    }
  }

  private init(_ connection: consuming PacketSocket) throws {
    var request = rm_attach_request()
    guard Poll.readable(connection.descriptor.raw, timeoutUs: Self.waitUs) else {
      throw SystemError("wait for the request", code: ETIMEDOUT)
    }
    _ = try connection.receive(into: &request)
    let submission = try SharedRing.inProcess(capacity: Int(request.submission_capacity))
    let results = try SharedRing.inProcess(capacity: Int(request.result_capacity))
    let board = try AttentionBoard.create()
    let boardDescriptors = try board.duplicateDescriptors()
    let ownBell = try Doorbell()
    let peerBell = try Doorbell()
    var reply = rm_attach_reply()
    reply.magic = RM_CONTROL_MAGIC
    reply.abi_version = RM_ABI_VERSION
    reply.type = RM_CONTROL_ATTACHED
    reply.peer = Self.peer
    reply.flags = RM_ATTACH_MUST_FENCE
    try connection.send(
      reply,
      descriptors: [
        submission.rawDescriptor, results.rawDescriptor, boardDescriptors.board.raw, boardDescriptors.status.raw,
        ownBell.descriptor.raw, peerBell.descriptor.raw,
      ])
    consumer = submission.consumer()
    producer = results.producer()
    self.connection = connection
    self.submission = submission
    self.results = results
    self.ownBell = ownBell
    self.peerBell = peerBell
    self.request = request
  }

  /// What the next record of the peer says; nil when none comes within the time.
  mutating func nextBody(timeoutUs: Int64 = FakeDispatcher.waitUs) throws -> Event.Body? {
    try next(timeoutUs: timeoutUs)?.body
  }

  /// The next record of the peer.
  ///
  /// - Returns: nil when none comes within the time.
  mutating func next(timeoutUs: Int64 = FakeDispatcher.waitUs) throws -> Record? {
    let deadlineNs = Clock.monotonicNs() + UInt64(timeoutUs) * 1000
    while true {
      if let head = consumer.head(as: rm_event_head.self) { return try take(head) }
      consumer.release()
      guard Clock.monotonicNs() < deadlineNs else { return nil }
      // It never says that it sleeps, so nobody rings: this only makes room for the peer's thread.
      _ = Poll.readable(ownBell.descriptor.raw, timeoutUs: Self.lookUs)
    }
  }

  private mutating func take(_ head: rm_event_head) throws -> Record {
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { text.deallocate() }
    let id = EventID(peer: Self.peer, position: consumer.position)
    try consumer.copyContinuation(slots: Int(head.slots), into: text)
    consumer.advance(by: Int(head.slots))
    return Record(id: id, head: head, body: try EventDecoder.decode(head, text: UnsafeRawBufferPointer(text)))
  }

  /// Says that an event was handled.
  mutating func answer(_ record: Record, _ outcome: Outcome = .applied, subject: Subject? = nil) throws {
    transactions += 1
    let event = Event(id: record.id, timestampMs: 1, body: record.body)
    let transaction = Transaction(
      number: transactions, timestampMs: 1, event: event, outcome: outcome, subject: subject, actions: [],
      tasksToKill: [])
    try publish(DispatchResult(event: event, disposition: .handled(transaction), observations: []))
  }

  mutating func answer(_ record: Record, _ disposition: DispatchResult.Disposition) throws {
    let event = Event(id: record.id, timestampMs: 1, body: record.body)
    try publish(DispatchResult(event: event, disposition: disposition, observations: []))
  }

  /// Says that results are lost, and with them those of the peer's own events before a position.
  mutating func lose(_ transactions: ClosedRange<UInt64>, settledBefore position: UInt64) throws {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_OVERRUN)
    head.slots = 1
    head.subject = transactions.lowerBound
    head.object = transactions.upperBound
    head.number = position
    try withUnsafeBytes(of: head) { try publish($0) }
    self.transactions = max(self.transactions, transactions.upperBound)
  }

  /// Says that a record was no event.
  mutating func refuse(_ record: Record, detail: String) throws {
    try publish(try refusals.encodeRefusal(of: record.id, reason: .malformed, detail: detail))
  }

  mutating func refuseHeartbeat(_ worker: WorkerHandle) throws {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_HEARTBEAT_REFUSED)
    head.slots = 1
    head.subject = worker.rawValue
    try withUnsafeBytes(of: head) { try publish($0) }
  }

  private mutating func publish(_ result: DispatchResult) throws {
    try publish(try encoder.encode(result, record: 0))
  }

  private mutating func publish(_ record: UnsafeRawBufferPointer) throws {
    guard try producer.tryPublish(record) != nil else { throw SystemError("publish a result", code: ENOSPC) }
    if producer.consumerIsParked() { peerBell.ring() }
  }

  /// What the peer says it gave up.
  var shed: UInt64 {
    consumer.producerCounters().shed
  }

  /// Puts the peer out.
  func close(reason: String) throws {
    var reply = rm_attach_reply()
    reply.type = RM_CONTROL_CLOSED
    withUnsafeMutableBytes(of: &reply.text) { $0.copyBytes(from: reason.utf8) }
    try connection.send(reply)
  }
}
