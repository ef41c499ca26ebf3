import EventModel
import Ingest
import Platform
import Testing

@Suite struct UDPIngestTests {
  private static let worker = WorkerHandle(index: 5, generation: 2)

  @Test func aRegistrationBecomesAnEventAndIsAnswered() throws {
    let listener = try FakeDispatcher.Listener("registration")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "registration")
    var dispatcher = try listener.accept()
    #expect(dispatcher.request.role == 1)
    try ingest.send(
      DatagramBytes.registration(
        request: 11, name: "w1", address: "host:1", incarnation: "boot", capacity: Resources(milliCPU: 2500)))
    let record = try #require(try dispatcher.next())
    let expected = WorkerRegistration(
      name: "w1", address: "host:1", metadata: WorkerMetadata(capacity: Resources(milliCPU: 2500)), incarnation: "boot")
    #expect(record.body == .workerRegistered(expected))
    #expect(record.wantsResult)
    #expect(record.head.timestamp_ns > 0)
    try dispatcher.answer(record, subject: .worker(Self.worker, name: "w1"))
    #expect(try ingest.answer() == .registered(.init(request: 11, worker: Self.worker)))
    try dispatcher.close(reason: "enough")
    let ended = try ingest.ended()
    #expect(ended.end == .dispatcherGone(reason: "enough"))
    #expect(ended.counters["registrations_received"] == 1)
    #expect(ended.counters["registrations_acknowledged"] == 1)
    #expect(ended.counters["registrations_refused"] == 0)
  }

  @Test func anEmptyAddressIsWhereTheDatagramCameFrom() throws {
    let listener = try FakeDispatcher.Listener("address")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "address")
    var dispatcher = try listener.accept()
    try ingest.send(DatagramBytes.registration(address: ""))
    let record = try #require(try dispatcher.next())
    guard case .workerRegistered(let registration) = record.body else {
      Issue.record("expected a registration, got \(record.body)")
      return
    }
    #expect(registration.address == ingest.worker.localAddress.description)
    try dispatcher.close(reason: "")
    _ = try ingest.ended()
  }

  @Test func refusalsAreAnsweredWithTheirReason() throws {
    let listener = try FakeDispatcher.Listener("refusals")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "refusals")
    var dispatcher = try listener.accept()
    var records: [FakeDispatcher.Record] = []
    for request in 0..<4 as Range<UInt64> {
      try ingest.send(DatagramBytes.registration(request: request))
      records.append(try #require(try dispatcher.next()))
    }
    // Out of order, as refusals may come.
    try dispatcher.refuse(records[3], detail: "no")
    #expect(try ingest.answer() == .registered(.init(request: 3, refused: .malformed)))
    try dispatcher.answer(records[0], .rejected(.insufficientCapacity))
    #expect(try ingest.answer() == .registered(.init(request: 0, refused: .insufficientCapacity)))
    try dispatcher.answer(records[2], .dropped(by: "filter"))
    #expect(try ingest.answer() == .registered(.init(request: 2, refused: .forbidden)))
    try dispatcher.answer(records[1], .ignored, subject: .worker(Self.worker, name: "w1"))
    #expect(try ingest.answer() == .registered(.init(request: 1, worker: Self.worker)))
    // A result that comes twice is answered once: the next answer is that of the next request.
    try dispatcher.answer(records[1], .ignored, subject: .worker(Self.worker, name: "w1"))
    try ingest.send(DatagramBytes.registration(request: 9))
    try dispatcher.answer(try #require(try dispatcher.next()), subject: .worker(Self.worker, name: "w1"))
    #expect(try ingest.answer() == .registered(.init(request: 9, worker: Self.worker)))
    try dispatcher.close(reason: "")
    let counters = try ingest.ended().counters
    #expect(counters["registrations_refused"] == 3)
    #expect(counters["registrations_acknowledged"] == 2)
  }

  @Test func heartbeatsBecomeRecordsInOrder() throws {
    let listener = try FakeDispatcher.Listener("heartbeats")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "heartbeats")
    var dispatcher = try listener.accept()
    let workers = (0..<100).map { WorkerHandle(index: $0, generation: 1) }
    let impossible = WorkerHandle(index: 1, generation: 0)
    let before = Clock.bootNs()
    try ingest.send(DatagramBytes.heartbeats([impossible] + workers + [.none]))
    for worker in workers {
      let record = try #require(try dispatcher.next())
      #expect(record.body == .workerHeartbeat(.handle(worker)))
      #expect(!record.wantsResult)
      #expect((before...Clock.bootNs()).contains(record.head.timestamp_ns))
    }
    try dispatcher.close(reason: "")
    let counters = try ingest.ended().counters
    #expect(counters["heartbeats_received"] == 102)
    #expect(counters["heartbeats_published"] == 100)
    #expect(counters["heartbeats_invalid"] == 2)
    #expect(counters["heartbeats_shed"] == 0)
  }

  @Test func workersThatAreNotKnownAreTold() throws {
    let listener = try FakeDispatcher.Listener("unknown")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "unknown")
    var dispatcher = try listener.accept()
    try ingest.send(DatagramBytes.heartbeats([Self.worker]))
    _ = try #require(try dispatcher.next())
    // Nobody spoke for the first one here, so nobody is told.
    try dispatcher.refuseHeartbeat(WorkerHandle(index: 77, generation: 1))
    try dispatcher.refuseHeartbeat(Self.worker)
    #expect(try ingest.answer() == .unknown([Self.worker]))
    try dispatcher.close(reason: "")
    #expect(try ingest.ended().counters["heartbeats_refused"] == 2)
  }

  /// From another address of this machine than the worker's own.
  @Test func nobodySpeaksForAWorkerElsewhere() throws {
    let listener = try FakeDispatcher.Listener("foreign")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "foreign")
    var dispatcher = try listener.accept()
    try ingest.send(DatagramBytes.registration(request: 1, name: "w1"))
    let record = try #require(try dispatcher.next())
    try dispatcher.answer(record, subject: .worker(Self.worker, name: "w1"))
    #expect(try ingest.answer() == .registered(.init(request: 1, worker: Self.worker)))
    let stranger = try DatagramSocket.bound(to: SocketAddress("127.0.0.2:0"), receiveBufferBytes: 1 << 16)
    for bytes in [DatagramBytes.heartbeats([Self.worker]), DatagramBytes.registration(request: 2, name: "w1")] {
      let address = try ingest.address()
      try #require(bytes.withUnsafeBytes { stranger.send($0, to: address) })
    }
    // Its own heartbeat is heard, and is the only one.
    try ingest.send(DatagramBytes.heartbeats([Self.worker]))
    #expect(try dispatcher.next()?.body == .workerHeartbeat(.handle(Self.worker)))
    #expect(try dispatcher.next(timeoutUs: 0) == nil)
    #expect(Poll.readable(stranger.descriptor.raw, timeoutUs: FakeDispatcher.waitUs), "it is told")
    try dispatcher.close(reason: "")
    let counters = try ingest.ended().counters
    #expect(counters["heartbeats_foreign"] == 1 && counters["registrations_foreign"] == 1)
    #expect(counters["heartbeats_published"] == 1)
  }

  /// The worker registered before this ingest started, which does not know its name, but hears of it.
  @Test func nobodyTakesAWorkerThatIsHeardOf() throws {
    let listener = try FakeDispatcher.Listener("taken")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "taken")
    var dispatcher = try listener.accept()
    try ingest.send(DatagramBytes.heartbeats([Self.worker]))
    #expect(try dispatcher.next()?.body == .workerHeartbeat(.handle(Self.worker)))
    let stranger = try DatagramSocket.bound(to: SocketAddress("127.0.0.2:0"), receiveBufferBytes: 1 << 16)
    let address = try ingest.address()
    func strangerSends(_ bytes: [UInt8]) throws {
      try #require(bytes.withUnsafeBytes { stranger.send($0, to: address) })
    }
    try strangerSends(DatagramBytes.registration(request: 2, name: "w1"))
    let record = try #require(try dispatcher.next())
    try dispatcher.answer(record, subject: .worker(Self.worker, name: "w1"))
    #expect(Poll.readable(stranger.descriptor.raw, timeoutUs: FakeDispatcher.waitUs), "it is told")
    // The name is known from here on, and whose it is.
    try strangerSends(DatagramBytes.registration(request: 3, name: "w1"))
    try strangerSends(DatagramBytes.heartbeats([Self.worker]))
    try ingest.send(DatagramBytes.heartbeats([Self.worker]))
    #expect(try dispatcher.next()?.body == .workerHeartbeat(.handle(Self.worker)))
    #expect(try dispatcher.next(timeoutUs: 0) == nil)
    try dispatcher.close(reason: "")
    let counters = try ingest.ended().counters
    #expect(counters["heartbeats_foreign"] == 1 && counters["registrations_foreign"] == 2)
    #expect(counters["heartbeats_published"] == 2 && counters["registrations_acknowledged"] == 0)
  }

  @Test func badDatagramsAreCountedAndStopNothing() throws {
    let listener = try FakeDispatcher.Listener("bad")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "bad")
    var dispatcher = try listener.accept()
    for (number, bad) in DatagramBytes.faulty.enumerated() {
      for _ in 0...number { try ingest.send(bad.bytes) }
    }
    // What only an ingest says.
    try ingest.send(DatagramBytes.make { Datagram.encodeUnknown([Self.worker], into: $0) })
    try ingest.send(DatagramBytes.heartbeats([Self.worker]))
    #expect(try dispatcher.next()?.body == .workerHeartbeat(.handle(Self.worker)))
    try dispatcher.close(reason: "")
    let counters = try ingest.ended().counters
    for (number, bad) in DatagramBytes.faulty.enumerated() {
      #expect(counters[bad.label] == UInt64(number + 1 + (bad.fault == .badKind ? 1 : 0)), "\(bad.label)")
    }
    #expect(counters["heartbeats_published"] == 1)
    #expect(counters["kernel_dropped"] == 0)
  }

  @Test func aFullRingShedsAndCounts() throws {
    let listener = try FakeDispatcher.Listener("full")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "full", ringCapacity: 64)
    var dispatcher = try listener.accept()
    let workers = (0..<100).map { WorkerHandle(index: $0, generation: 1) }
    try ingest.send(DatagramBytes.heartbeats(workers))
    try ingest.send(DatagramBytes.registration())
    try ingest.terminate()
    let ended = try ingest.ended()
    #expect(ended.end == .stopped)
    #expect(ended.counters["heartbeats_received"] == 100)
    #expect(ended.counters["heartbeats_published"] == 64)
    #expect(ended.counters["heartbeats_shed"] == 36)
    #expect(ended.counters["registrations_shed"] == 1)
    #expect(dispatcher.shed == 37)
    for worker in workers.prefix(64) { #expect(try dispatcher.next()?.body == .workerHeartbeat(.handle(worker))) }
    #expect(try dispatcher.next(timeoutUs: 0) == nil)
  }

  @Test func whatArrivedBeforeTheStopIsPublished() throws {
    let listener = try FakeDispatcher.Listener("stop")
    let ingest = try RunningUDPIngest(socketPath: listener.path, name: "stop", ringCapacity: 4096)
    var dispatcher = try listener.accept()
    let workers = (0..<10).map { WorkerHandle(index: $0, generation: 1) }
    for _ in 0..<200 { try ingest.send(DatagramBytes.heartbeats(workers)) }
    try ingest.terminate()
    let ended = try ingest.ended()
    #expect(ended.end == .stopped)
    #expect(ended.counters["datagrams_received"] == 200)
    #expect(ended.counters["heartbeats_published"] == 2000)
    for number in 0..<2000 {
      #expect(try dispatcher.next(timeoutUs: 0)?.body == .workerHeartbeat(.handle(workers[number % 10])))
    }
  }

  @Test(arguments: [10, 200])
  func heartbeatsAllocateNothing(datagrams: Int) throws {
    let listener = try FakeDispatcher.Listener("allocations-\(datagrams)")
    let ingest = try RunningUDPIngest(
      socketPath: listener.path, name: "allocations-\(datagrams)", ringCapacity: 1 << 16)
    let dispatcher = try listener.accept()
    let workers = (0..<UInt32(Datagram.maxHandles)).map { WorkerHandle(index: $0, generation: 1) }
    for _ in 0..<datagrams { try ingest.send(DatagramBytes.heartbeats(workers)) }
    try ingest.terminate()
    let ended = try ingest.ended()
    #expect(ended.counters["heartbeats_published"] == UInt64(datagrams * Datagram.maxHandles))
    #expect(dispatcher.shed == 0)
    // What it allocates is to begin and to end.
    #expect(ended.allocations < 100)
  }
}
