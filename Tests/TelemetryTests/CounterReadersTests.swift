import CTestSystem
import Foundation
import Platform
import Telemetry
import Testing

/// Who else may read counters. The tests become other users, thread by thread, which only root can.
@Suite("Readers of counters", .serialized, .enabled(if: Machine.effectiveUserID() == 0))
struct CounterReadersTests {
  private static let reader: UInt32 = 64_001
  private static let stranger: UInt32 = 64_002

  /// What `uid` can do with a page, on a thread of its own.
  private func attempt<T: Sendable>(as uid: UInt32, _ body: @escaping @Sendable () throws -> T) async -> T? {
    await withCheckedContinuation { continuation in
      Thread {
        precondition(test_become_user(uid) == 0, "root can be anybody")
        defer { _ = test_become_user(0) }
        continuation.resume(returning: try? body())
      }.start()
    }
  }

  @Test func whoIsNamedMayReadAndNobodyElse() async throws {
    let instance = "readers-\(Machine.processID())"
    let page = try CounterPage.create(instance: instance, process: "test", labels: ["one"])
    page.counter(at: 0).add(7)
    let read: @Sendable () throws -> UInt64? = {
      try CounterPageReader.read(instance: instance, process: "test")["one"]
    }
    #expect(await attempt(as: Self.reader, read) == nil)
    try page.letRead(CounterReaders(users: [Self.reader, 64_003, 5]))
    #expect(await attempt(as: Self.reader, read) == 7)
    #expect(await attempt(as: Self.stranger, read) == nil)
    let name = page.name
    #expect(
      await attempt(as: Self.reader) { _ = try SharedMemory.open(name: name, writable: true, guarded: false) } == nil,
      "to read is not to write")
    try page.letRead(CounterReaders(users: [Self.stranger], groups: [64_004, 1]))
    #expect(await attempt(as: Self.reader, read) == nil)
    #expect(await attempt(as: Self.stranger, read) == 7)
  }
}
