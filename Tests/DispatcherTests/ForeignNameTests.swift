import CRingmaster
import Dispatcher
import DispatcherSettings
import EventModel
import EventRing
import Foundation
import Platform
import RawPeers
import Telemetry
import Testing

/// A user without a role puts files under the dispatcher's names in shared memory. They cost it nothing, and the log names
/// them.
@Suite("Foreign files under the dispatcher's names", .enabled(if: Machine.effectiveUserID() == 0))
struct ForeignNameTests {
  private static let stranger: UInt32 = 65534
  private static let message = "something of another user has a name of ours"

  private func plant(_ name: String, bytes: Int = 0) {
    let path = "/dev/shm\(name)"
    _ = FileManager.default.createFile(atPath: path, contents: Data(count: bytes))
    chmod(path, 0o666)
    chown(path, Self.stranger, Self.stranger)
  }

  @Test func aForeignLockAndForeignCountersDoNotKeepItFromStarting() throws {
    let recorder = LogRecorder()
    var planted: [String] = []
    let dispatcher = try RunningDispatcher(log: recorder.log) { configuration in
      planted = ["lock", "ringmasterd.counters", "ringmasterd-control.counters", "1.in", "1.abc.in"].map {
        "/ringmaster.\(configuration.instance).\($0)"
      }
      for name in planted { plant(name, bytes: 4096) }
    }
    defer {
      dispatcher.stop()
      for name in planted { unlink("/dev/shm\(name)") }
    }
    let client = try dispatcher.attachment()
    #expect(try dispatcher.counter(.peersAttached) == 1, "its own counters are found, and not the foreign ones")
    let named = Set(recorder.lines(Self.message).compactMap { $0.metadata["file"] })
    #expect(named == Set(planted.map { "/dev/shm\($0)" }))
    #expect(recorder.lines(Self.message).allSatisfy { $0.metadata["uid"] == "65534" })
    #expect(planted.allSatisfy { SharedMemory.names(prefix: $0).contains($0) }, "what is foreign stays")
    _ = consume client
  }

  @Test func theInstanceIsLockedUnderAnotherNameToo() throws {
    let first = try RunningDispatcher { plant("/ringmaster.\($0.instance).lock") }
    let path = "/dev/shm/ringmaster.\(first.instance).lock"
    defer {
      first.stop()
      unlink(path)
    }
    let instance = first.instance
    for isGone in [false, true] {
      if isGone { unlink(path) }
      #expect(throws: RunningDispatcher.StartFailure.self) { _ = try RunningDispatcher { $0.instance = instance } }
    }
  }

  /// After the machine restarted, the rings' names are free, and who saw them can take them.
  @Test func aPlantedRingIsNotReadInThePlaceOfAJournaledPeers() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "foreign-\(Machine.processID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recorder = LogRecorder()
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let peer = try RawPeer(path: first.socketPath)
    first.stop()
    let ring = try #require(first.rings.first { $0.hasSuffix(".in") })
    peer.publish(RawPeer.head(kind: EventKind.prune.rawValue))
    chown("/dev/shm\(ring)", Self.stranger, Self.stranger)
    let second = try RunningDispatcher(after: first, log: recorder.log) { $0.journal = JournalSettings(folder: folder) }
    defer {
      second.stop()
      unlink("/dev/shm\(ring)")
    }
    #expect(recorder.lines(Self.message).contains { $0.metadata["file"] == "/dev/shm\(ring)" })
    #expect(try second.counter(.eventsReceived) == 0)
  }

  @Test func ringsHaveNamesThatNobodyCanTakeBefore() throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let peers = try (0..<2).map { _ in try RawPeer(path: dispatcher.socketPath) }
    let keys = dispatcher.rings.map { $0.split(separator: ".").dropLast().last! }
    #expect(keys.count == 4 && Set(keys).count == 4, "\(dispatcher.rings)")
    withExtendedLifetime(peers) {}
  }
}
