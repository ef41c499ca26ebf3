import CAllocationCounter
import EventModel
import Glibc
import Ingest
import Logging
import Platform
import Synchronization
import Telemetry

/// A UDP ingest on a thread of its own, and a worker's socket to talk to it.
final class RunningUDPIngest: Sendable {
  struct Ended: Sendable {
    let end: UDPIngest.End
    let counters: [String: UInt64]
    /// On the heap, by `run`.
    let allocations: UInt64
  }

  private struct State: Sendable {
    var address: SocketAddress?
    var thread: pthread_t?
    var result: Result<Ended, any Error>?
  }

  private let state = Mutex(State())
  private let changed: Doorbell
  let worker: DatagramSocket

  /// - Parameter name: of the instance; each test has its own.
  init(socketPath: String, name: String, ringCapacity: Int = 1024) throws {
    changed = try Doorbell()
    worker = try DatagramSocket.bound(to: SocketAddress("127.0.0.1:0"), receiveBufferBytes: 1 << 20)
    var options = try UDPIngestOptions(listenAddress: SocketAddress("127.0.0.1:0"))
    options.socketPath = socketPath
    options.instance = "ingest-tests-\(getpid())-\(name)"
    options.ringCapacity = ringCapacity
    let thread = try NamedThread("ingest-under-test") { [self, options] in
      let result = Result { try Self.run(options, self) }
      note { $0.result = result }
    }
    thread.detach()
  }

  private static func run(_ options: UDPIngestOptions, _ owner: RunningUDPIngest) throws -> Ended {
    var ingest = try UDPIngest(options, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let address = ingest.listenAddress
    owner.note {
      $0.address = address
      $0.thread = pthread_self()
    }
    let before = allocation_count_of_this_thread()
    let end = try ingest.run()
    let allocations = allocation_count_of_this_thread() - before
    let page = try CounterPageReader.read(instance: options.instance, process: options.name)
    // Its end would have removed the page.
    precondition(ingest.listenAddress == address)
    let counters = Dictionary(uniqueKeysWithValues: page.counters.map { ($0.label, $0.value) })
    return Ended(end: end, counters: counters, allocations: allocations)
  }

  private func note(_ change: (inout sending State) -> Void) {
    state.withLock { change(&$0) }
    changed.ring()
  }

  private func wait<Value>(for look: (State) throws -> Value?) throws -> Value {
    let deadlineNs = Clock.monotonicNs() + UInt64(FakeDispatcher.waitUs) * 1000
    while Clock.monotonicNs() < deadlineNs {
      if let value = try look(state.withLock { $0 }) { return value }
      _ = Poll.readable(changed.descriptor.raw, timeoutUs: FakeDispatcher.waitUs)
      changed.answer()
    }
    throw SystemError("wait for the ingest", code: ETIMEDOUT)
  }

  /// Where it listens.
  func address() throws -> SocketAddress {
    try wait { state in
      if case .failure(let error) = state.result { throw error }
      return state.address
    }
  }

  /// What became of it.
  func ended() throws -> Ended {
    try wait { try $0.result?.get() }
  }

  /// SIGTERM, as the service manager sends it; to its thread alone, because this process runs other tests.
  func terminate() throws {
    let thread = try wait { $0.thread }
    pthread_kill(thread, SIGTERM)
  }

  func send(_ datagram: [UInt8]) throws {
    let address = try address()
    guard datagram.withUnsafeBytes({ worker.send($0, to: address) }) else {
      throw SystemError("send a datagram", code: EAGAIN)
    }
  }

  /// The next datagram that the ingest sent to the worker.
  func answer() throws -> DatagramBytes.Decoded? {
    guard Poll.readable(worker.descriptor.raw, timeoutUs: FakeDispatcher.waitUs) else { return nil }
    var batch = DatagramBatch()
    guard try batch.receive(from: worker) == 1 else { return nil }
    return DatagramBytes.decode(Array(batch.bytes(0)))
  }
}
