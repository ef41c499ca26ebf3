import EventModel
import Foundation
import Platform
import RingmasterClient

/// How long a dispatcher that starts on a journal takes until a client has its first durable result: from the moment in
/// which the process is made, with all that a start has, to the result on the client's ring.
///
/// Each round ends with SIGKILL, so that the next one begins as after a crash. The journal's files are in the page cache.
final class RestartBenchmark {
  private let fixture: JournalFixture
  private let instance = "perf-\(Machine.processID())-restart"
  private let socketFolder: TemporaryFolder
  private var rounds = 0

  private static let limitNs: UInt64 = 60_000_000_000
  private static let pollUs: Int64 = 100

  init(_ fixture: JournalFixture) throws {
    self.fixture = fixture
    socketFolder = try TemporaryFolder(prefix: "\(ObjectNames.folderPrefix)restart")
  }

  deinit {
    socketFolder.remove()
    for name in SharedMemory.names(prefix: "/ringmaster.\(instance).") { SharedMemory.unlink(name: name) }
    unlink("/dev/shm/ringmaster.\(instance).lock")
  }

  /// - Returns: milliseconds.
  func round() throws -> Double {
    rounds += 1
    let socketPath = "\(socketFolder.path)/control.sock"
    unlink(socketPath)
    let never = try Doorbell()
    let startNs = Clock.monotonicNs()
    let process = try ChildProcess.startUnpinned([
      try Executable.sibling("ringmasterd"), "--socket", socketPath, "--instance", instance, "--journal",
      fixture.folder, "--worker-timeout", "86400000", "--reattach-timeout", "1", "--log-level", "error",
    ])
    defer { process.kill() }
    var options = AttachOptions(role: .control, name: "ringperf-restart")
    options.timeoutMs = Int(Self.limitNs / 1_000_000)
    // It listens before it reads its journal, and answers when it is ready.
    while (try? PacketSocket.connect(path: socketPath)) == nil {
      guard Clock.monotonicNs() - startNs < Self.limitNs else { throw BenchmarkError("ringmasterd does not listen") }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Self.pollUs)
    }
    var peer = try Attachment.attach(path: socketPath, options: options)
    let event = Event.workerRegistered(
      "probe-\(rounds)", address: "10.0.0.1:1", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)))
    guard let id = try peer.submission.publish(event, wantsResult: true) else { throw ClientError.ringFull }
    peer.submission.flush()
    while true {
      if case .result(let result)? = try peer.results.next(), result.event.id == id {
        guard result.promise == .durable, result.transaction?.outcome == .applied else {
          throw BenchmarkError("the first event came to \(result)")
        }
        break
      }
      guard Clock.monotonicNs() - startNs < Self.limitNs else { throw BenchmarkError("the first event has no result") }
      guard peer.results.park() else { continue }
      _ = Poll.readable(peer.results.descriptor, timeoutUs: 10_000)
      peer.results.unpark()
    }
    return Double(Clock.monotonicNs() - startNs) / 1e6
  }
}
