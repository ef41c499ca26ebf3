import ControlPlane
import Controller
import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Logging
import Platform
import RingmasterClient
import Synchronization
import Telemetry

/// A real dispatcher on threads of the test process, with a socket and shared memory of its own.
final class RunningDispatcher {
  let socketPath: String
  private let names: SharedNames
  private let folder: URL
  private let bell: ControlDoorbell
  private let finished: DispatchSemaphore
  private let outcome: Outcome
  private var isStopped = false

  /// Swift Testing has an Attachment too.
  typealias Peer = Attachment

  /// The shared memory of a dispatcher and of those that go on with it: a journal keeps the rings of peers that have not left.
  private final class SharedNames {
    let instance: String

    init(instance: String) {
      self.instance = instance
    }

    deinit {
      for name in SharedMemory.names(prefix: "/ringmaster.\(instance).") { SharedMemory.unlink(name: name) }
    }
  }

  var instance: String { names.instance }

  private final class Outcome: Sendable {
    let error = Mutex<String?>(nil)
  }

  private static let count = Atomic<Int>(0)

  /// - Parameters:
  ///   - before: has stopped; this one goes on under its names.
  ///   - reread: what a reload makes of the configuration that it began with.
  init(
    parts: DispatcherParts = DispatcherParts(), after before: RunningDispatcher? = nil,
    log: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ adjust: (inout DispatcherConfiguration) -> Void = { _ in },
    reread: (@Sendable (DispatcherConfiguration) throws -> DispatcherConfiguration)? = nil
  ) throws {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    names = before?.names ?? SharedNames(instance: "test-\(Machine.processID())-\(number)")
    let instance = names.instance
    folder = FileManager.default.temporaryDirectory.appending(path: instance)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    socketPath = folder.appending(path: "control.sock").path
    var configuration = DispatcherConfiguration()
    configuration.socketPath = socketPath
    configuration.instance = instance
    // A test that waits for its turn on a busy machine must not lose its workers, nor see a stall.
    configuration.controller.workerTimeoutMs = 3_600_000
    configuration.controller.stallThresholdMs = 3_600_000
    adjust(&configuration)
    bell = try ControlDoorbell()
    let ready = DispatchSemaphore(value: 0)
    let finished = DispatchSemaphore(value: 0)
    let outcome = Outcome()
    let bell = bell
    let settled = configuration
    let thread = Thread {
      do {
        try Dispatcher.run(
          configuration: settled, parts: parts, requests: .doorbell(bell),
          reread: reread.map { reread in { try reread(settled) } }, log: log, isReady: { ready.signal() })
      } catch {
        outcome.error.withLock { $0 = "\(error)" }
        ready.signal()
      }
      finished.signal()
    }
    thread.start()
    self.finished = finished
    self.outcome = outcome
    ready.wait()
    if let error = outcome.error.withLock({ $0 }) { throw StartFailure(description: error) }
  }

  struct StartFailure: Error, CustomStringConvertible {
    let description: String
  }

  func client(
    role: Role = .control, name: String = "test", resultCapacity: Int = 8192
  ) throws -> RingmasterClient {
    try RingmasterClient(
      path: socketPath, options: AttachOptions(role: role, name: name, resultCapacity: resultCapacity))
  }

  func attachment(
    role: Role = .control, submissionCapacity: Int = 4096, resultCapacity: Int = 8192
  ) throws -> Attachment {
    try Attachment.attach(
      path: socketPath,
      options: AttachOptions(
        role: role, name: "test", submissionCapacity: submissionCapacity, resultCapacity: resultCapacity))
  }

  func counter(_ label: DispatcherCounter) throws -> UInt64 {
    try CounterPageReader.read(instance: instance, process: "ringmasterd")[label.rawValue] ?? 0
  }

  func controlCounter(_ label: ControlCounter) throws -> UInt64 {
    try CounterPageReader.read(instance: instance, process: "ringmasterd-control")[label.rawValue] ?? 0
  }

  /// Shared-memory objects of this dispatcher's peers.
  var rings: [String] {
    SharedMemory.names(prefix: "/ringmaster.\(instance).").filter { $0.hasSuffix(".in") || $0.hasSuffix(".out") }
  }

  func journalCounter(_ label: JournalCounter) throws -> UInt64 {
    try CounterPageReader.read(instance: instance, process: "ringmasterd-journal")[label.rawValue] ?? 0
  }

  /// Waits for it to end though nobody asked it to.
  ///
  /// - Returns: the error that it ended with; nil when it still runs.
  func waitForEnd(seconds: Double = 120) -> String? {
    guard finished.wait(timeout: .now() + seconds) == .success else { return nil }
    isStopped = true
    try? FileManager.default.removeItem(at: folder)
    return outcome.error.withLock { $0 } ?? "it stopped without an error"
  }

  /// Asks it to read its configuration anew, and waits until it has, or has refused it.
  func reload() throws {
    let before = try controlCounter(.reloads) + controlCounter(.reloadsRefused)
    requestReload()
    guard try eventually({ try controlCounter(.reloads) + controlCounter(.reloadsRefused) > before }) else {
      throw StartFailure(description: "it was not reloaded")
    }
  }

  func requestReload() {
    bell.reload()
  }

  /// Asks it to stop and waits until it has. Does nothing when it has stopped.
  func stop() {
    guard !isStopped else { return }
    isStopped = true
    bell.stop()
    finished.wait()
    try? FileManager.default.removeItem(at: folder)
  }
}

/// Waits for a condition by looking again and again, giving the processor up in between.
func eventually(within seconds: Double = 120, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadlineNs = Clock.monotonicNs() + UInt64(seconds * 1e9)
  while Clock.monotonicNs() < deadlineNs {
    if try condition() { return true }
    Machine.yield()
  }
  return false
}
