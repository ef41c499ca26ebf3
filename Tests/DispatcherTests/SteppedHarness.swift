import CRingmaster
import DispatcherSettings
import EventCodec
import EventModel
import EventRing
import Foundation
import Journal
import Logging
import Platform
import Testing

@testable import Dispatcher

/// Dispatchers one after the other, with one journal, whose threads are steps that the test takes.
final class SteppedHarness {
  private let instance = "steps-\(UUID().uuidString)"
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  let disk = Disk()

  /// Lets something happen while a sync takes its time, and lets it fail.
  final class Disk: @unchecked Sendable {
    var whileSyncing: (() -> Void)?
    var fault: SystemError?
  }

  final class Peer {
    let id: UInt32
    private let ring: SharedRing
    private var producer: RingProducer
    private let resultRing: SharedRing
    private let results: RingConsumer
    private var writer = RecordWriter()

    fileprivate init(_ reply: SteppedDispatcher.Reply) throws {
      id = reply.peer
      ring = try SharedRing.attach(try FileDescriptor.duplicate(of: reply.descriptors.raw[0]))
      producer = ring.producer()
      resultRing = try SharedRing.attach(try FileDescriptor.duplicate(of: reply.descriptors.raw[1]))
      results = resultRing.consumer()
    }

    /// Slots that it may write again.
    var released: UInt64 { ring.claimedRelease }

    var hasAnswer: Bool { results.isPublished() }

    /// Publishes a record of one slot whose fate is journaled.
    func publish(_ kind: EventKind = .workerHeartbeat) {
      var head = rm_event_head()
      head.kind = kind.rawValue
      head.slots = 1
      head.flags = UInt8(RM_FLAG_WANTS_RESULT)
      // Nobody has this handle.
      head.subject = 1 << 32 | 7
      _ = producer.tryPublish(head)
    }

    func publish(_ event: Event, timestampNs: UInt64 = 0) throws {
      _ = try producer.tryPublish(try writer.encode(event, wantsResult: false, timestampNs: timestampNs))
    }

    func dropLetter(_ number: UInt64) throws {
      _ = try producer.tryPublish(writer.encode(.dropLetter(letter: number, reason: "no use")))
    }
  }

  deinit {
    SteppedDispatcher.removeRings(instance: instance)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Starts the next one.
  func begin(_ adjust: (inout DispatcherConfiguration) -> Void = { _ in }) throws -> SteppedDispatcher {
    var configuration = DispatcherConfiguration()
    configuration.instance = instance
    configuration.journal = JournalSettings(folder: folder)
    adjust(&configuration)
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { [disk] (descriptor) throws(SystemError) in
      disk.whileSyncing?()
      if let fault = disk.fault { throw fault }
      try JournalFileCalls.system.syncData(descriptor)
    }
    return try SteppedDispatcher(
      configuration, parts: parts, counters: try SteppedDispatcher.Counters(instance: instance),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func attach(to dispatcher: SteppedDispatcher, role: Role = .control) throws -> Peer {
    let request = SteppedDispatcher.Request(
      name: "test", role: role, submissionCapacity: 256, resultCapacity: 1024, subscription: 0,
      token: Array(repeating: 1, count: Int(RM_TOKEN_BYTES)))
    let peer = try Peer(try #require(try dispatcher.attach(request)))
    _ = dispatcher.turn()
    return peer
  }

  /// Makes durable what was handled.
  func settle(_ dispatcher: SteppedDispatcher) {
    while case .committed = dispatcher.commit() {}
    _ = dispatcher.turn()
  }

  /// The peers that may begin, and those that are gone, since the last look.
  func notices(of dispatcher: SteppedDispatcher) -> (admitted: [UInt32], removed: [UInt32]) {
    var notices: (admitted: [UInt32], removed: [UInt32]) = ([], [])
    while let notice = dispatcher.nextNotice() {
      switch notice {
      case .admitted(let peer, _, _): notices.admitted.append(peer)
      case .removed(let peer): notices.removed.append(peer)
      default: break
      }
    }
    return notices
  }
}
