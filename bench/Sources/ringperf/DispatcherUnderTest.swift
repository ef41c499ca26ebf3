import CRingmaster
import EventModel
import Foundation
import Platform
import RingmasterClient
import Telemetry

/// A real `ringmasterd` process with a socket and shared memory of its own.
final class DispatcherUnderTest {
  let instance: String
  let socketPath: String
  private let folder: URL
  private let process: ChildProcess
  private let journal: String?

  /// A worker that a benchmark leaves silent must not be lost in its middle.
  private static let workerTimeoutMs = 86_400_000
  private static let startLimitNs: UInt64 = 10_000_000_000
  private static let pollUs: Int64 = 2000
  nonisolated(unsafe) private static var count = 0

  /// A benchmark may say of a worker as often as it likes that its heartbeat failed, and have more results under way than
  /// the standard log of results holds.
  private static let settings = """
    [dispatcher]
    result_log_capacity = 262144
    [controller]
    heartbeat_failure_threshold = 30000

    """

  /// Starts it and waits until it listens.
  ///
  /// - Parameter journalParent: where the folder of its journal is to be; nil for no journal.
  init(cpus: [Int], journalParent: String? = nil) throws {
    Self.count += 1
    instance = "perf-\(Machine.processID())-\(Self.count)"
    folder = FileManager.default.temporaryDirectory.appending(path: "\(ObjectNames.folderPrefix)\(instance)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    socketPath = folder.appending(path: "control.sock").path
    let settings = folder.appending(path: "ringmaster.toml")
    try Data(Self.settings.utf8).write(to: settings)
    let name = "\(ObjectNames.folderPrefix)journal-\(instance)"
    journal = journalParent.map { "\($0)/\(name)" }
    process = try ChildProcess.start(
      [
        try Executable.sibling("ringmasterd"), "--socket", socketPath, "--instance", instance,
        "--worker-timeout", "\(Self.workerTimeoutMs)", "--log-level", "warning",
        "--config", settings.path, "--journal", journal ?? "none",
      ], cpus: cpus)
    let deadlineNs = Clock.monotonicNs() + Self.startLimitNs
    let never = try Doorbell()
    while true {
      do {
        // Connecting is the question; the connection itself is not used.
        _ = try PacketSocket.connect(path: socketPath)
        return
      } catch {
        guard Clock.monotonicNs() < deadlineNs else { throw error }
        _ = Poll.readable(never.descriptor.raw, timeoutUs: Self.pollUs)
      }
    }
  }

  deinit {
    process.terminate()
    // One with a journal keeps the rings of its peers for the next one.
    for name in SharedMemory.names(prefix: "/ringmaster.\(instance).") { SharedMemory.unlink(name: name) }
    try? FileManager.default.removeItem(at: folder)
    if let journal { try? FileManager.default.removeItem(atPath: journal) }
  }

  func attach(role: Role, name: String, submissionCapacity: Int = 4096, resultCapacity: Int = 8192) throws -> Attachment
  {
    try Attachment.attach(
      path: socketPath,
      options: AttachOptions(
        role: role, name: name, submissionCapacity: submissionCapacity, resultCapacity: resultCapacity))
  }

  func counter(_ label: String) throws -> UInt64 {
    guard let value = try CounterPageReader.read(instance: instance, process: "ringmasterd")[label] else {
      throw BenchmarkError("ringmasterd has no counter \(label)")
    }
    return value
  }

  /// Registers workers through the client library, in order.
  ///
  /// - Returns: their handles.
  func registerWorkers(_ count: Int) throws -> [WorkerHandle] {
    var peer = try attach(role: .ingest, name: "ringperf-registrar", submissionCapacity: 16_384, resultCapacity: 65_536)
    var handles: [WorkerHandle] = []
    handles.reserveCapacity(count)
    var published = 0
    // Fewer under way than the result ring holds, so that none is lost.
    let window = 4096
    while handles.count < count {
      while published < count, published - handles.count < window {
        let event = Event.workerRegistered(
          "w\(published)", address: "10.0.0.1:1", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)))
        guard try peer.submission.publish(event, wantsResult: true) != nil else { break }
        published += 1
      }
      peer.submission.flush()
      while let message = try peer.results.next() {
        guard case .result(let result) = message, case .worker(let handle, _)? = result.transaction?.subject else {
          throw BenchmarkError("a registration was answered by \(message)")
        }
        handles.append(handle)
      }
    }
    return handles
  }
}
