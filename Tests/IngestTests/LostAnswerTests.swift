import EventCodec
import EventModel
import Foundation
import RingmasterClient
import Synchronization
import Testing

private final class Attached: Sendable {
  let client = Mutex<Result<RingmasterClient, any Error>?>(nil)
}

/// A client whose results are lost: whoever awaits one of those learns of it at once, and nobody else.
@Suite struct LostAnswerTests {
  @Test func whoAwaitsALostResultIsToldAtOnce() async throws {
    let listener = try FakeDispatcher.Listener("lost-answers")
    let path = listener.path
    let attached = Attached()
    // Attaching blocks, and the tasks of all tests share few threads.
    Thread.detachNewThread {
      let client = Result { try RingmasterClient(path: path, options: AttachOptions(role: .control, name: "test")) }
      attached.client.withLock { $0 = client }
    }
    var dispatcher = try listener.accept()
    while attached.client.withLock({ $0 == nil }) { await Task.yield() }
    let client = try #require(attached.client.withLock { $0 }).get()
    var waiting: [Task<DispatchResult, any Error>] = []
    var records: [FakeDispatcher.Record] = []
    for number in 0..<3 {
      waiting.append(
        Task { try await client.dispatch(.jobCancelled(.name("j\(number)"), reason: ""), timeout: .seconds(120)) })
      while records.count == number {
        if let record = try dispatcher.next(timeoutUs: 0) { records.append(record) } else { await Task.yield() }
      }
    }
    try dispatcher.lose(1...5, settledBefore: records[2].id.position)
    for number in 0..<2 {
      do {
        _ = try await waiting[number].value
        Issue.record("event \(number) has a result")
      } catch ClientError.overrun(let id) {
        #expect(id == records[number].id)
      }
    }
    try dispatcher.answer(records[2], .ignored)
    #expect(try await waiting[2].value.event.id == records[2].id)
    client.close()
    var losses: [ClosedRange<UInt64>] = []
    for await message in client.results {
      if case .overrun(let from, let to, _) = message { losses.append(from...to) }
    }
    #expect(losses == [1...5])
  }
}
