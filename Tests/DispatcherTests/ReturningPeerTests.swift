import Controller
import Dispatcher
import DispatcherSettings
import EventBus
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import Synchronization
import Testing

/// What a peer says while its dispatcher is gone, and is read before it has attached again.
@Suite("A peer that comes back", .serialized)
struct ReturningPeerTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  @Test func itsQueriesWhileItWasAwayAreNoBreachOfTheProtocol() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    var peer = try first.attachment()
    first.stop()
    #expect(peer.submission.query(.workers, cursor: 0, limit: 1) != nil)
    let id = try #require(try peer.submission.publish(.jobSubmitted("j1", request: JobRequest()), wantsResult: true))
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
    defer { second.stop() }
    // It is read before the peer looks after its connection.
    #expect(try eventually { try second.counter(.transactions) >= 1 })
    var answered: DispatchResult?
    let came = try eventually {
      _ = Poll.readable(peer.link.descriptor, timeoutUs: 1000)
      if case .lost(let reason) = peer.tend() { throw Lost(description: reason) }
      while case .result(let result)? = try peer.results.next() { answered = result }
      return answered != nil
    }
    #expect(came)
    #expect(answered?.event.id == id)
  }

  @Test func comesBackAlsoWhenTheJournalHadNoRoomAsItAttached() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var settings = JournalSettings(folder: folder)
    settings.writer.queueBytes = JournalConfiguration.minimumQueueBytes
    let journaled = settings
    let gate = DispatchSemaphore(value: 0)
    let isHeld = Atomic<Bool>(false)
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      if isHeld.load(ordering: .acquiring) { gate.wait() }
      try JournalFileCalls.system.syncData(descriptor)
    }
    let first = try RunningDispatcher(parts: parts) { $0.journal = journaled }
    var talker = try first.attachment()
    isHeld.store(true, ordering: .releasing)
    for number in 0..<300 { _ = try talker.submission.publish(.jobSubmitted("j\(number)", request: JobRequest())) }
    talker.submission.flush()
    #expect(try eventually { try first.counter(.transactions) > 0 })
    let path = first.socketPath
    let attaching = Task.detached { try RingmasterClient(path: path) }
    #expect(try eventually { try first.counter(.peersAttached) == 2 })
    isHeld.store(false, ordering: .releasing)
    gate.signal()
    let client = try await attaching.value
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = journaled }
    defer { second.stop() }
    #expect(try await client.dispatch(.jobSubmitted("late", request: JobRequest())).promise == .durable)
    client.close()
  }

  @Test func waitsForADispatcherThatRecoversForLongerThanOneTakesToAttach() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let first = try RunningDispatcher { $0.journal = settings }
    var options = AttachOptions(role: .control, name: "impatient")
    options.timeoutMs = 50
    var attached: RingmasterClient?
    #expect(
      eventually {
        attached = try? RingmasterClient(path: first.socketPath, options: options)
        return attached != nil
      })
    let client = try #require(attached)
    first.stop()
    var parts = DispatcherParts()
    // A slow disk, which the recovery syncs what it found on.
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      _ = Poll.readable(-1, timeoutUs: 300_000)
      try JournalFileCalls.system.syncData(descriptor)
    }
    let second = try RunningDispatcher(parts: parts, after: first) { $0.journal = settings }
    defer { second.stop() }
    #expect(try await client.dispatch(.jobSubmitted("j1", request: JobRequest())).promise == .durable)
    client.close()
  }

  /// Whoever writes snapshots leaves enough transactions behind each; where that was not so, nothing is silently lost.
  @Test func isToldOfTheResultsThatASnapshotHasTakenAway() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let first = try RunningDispatcher { $0.journal = settings }
    var peer = try first.attachment()
    _ = try peer.submission.publish(.jobSubmitted("j1", request: JobRequest()), wantsResult: true)
    peer.submission.flush()
    // It does not read the result.
    #expect(try eventually { try first.counter(.resultsPublished) == 1 })
    first.stop()
    var configuration = ControllerConfiguration()
    configuration.workerTimeoutMs = 3_600_000
    configuration.stallThresholdMs = 3_600_000
    let recovery = try JournalRecovery.run(folder: folder, configuration: configuration)
    let snapshot = recovery.replica.snapshot(journal: recovery.end.journal, createdMs: Clock.wallMs())
    _ = try SnapshotStore.write(snapshot, folder: folder)
    let second = try RunningDispatcher(after: first) { $0.journal = settings }
    defer { second.stop() }
    var lost: ClosedRange<UInt64>?
    let isTold = try eventually {
      _ = Poll.readable(peer.link.descriptor, timeoutUs: 1000)
      let state = peer.tend()
      if case .lost(let reason) = state { throw Lost(description: reason) }
      guard state == .renewed || !peer.link.isAway, lost == nil else { return lost != nil }
      if case .overrun(let from, let to, _)? = try peer.results.next() { lost = from...to }
      return lost != nil
    }
    #expect(isTold)
    #expect(lost == 1...1)
  }

  private struct Dropping: Middleware {
    let name = "dropping"

    func process(_ event: Event) -> Event? {
      if case .jobSubmitted("dropped", _) = event.body { nil } else { event }
    }
  }

  /// Its event became no transaction, a snapshot was made behind it, and another event of its own came behind that.
  @Test func isToldThatAnAnswerWithoutATransactionMayBeLost() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    var parts = DispatcherParts()
    parts.bus.add(Dropping())
    let first = try RunningDispatcher(parts: parts) { $0.journal = settings }
    var peer = try first.attachment()
    func publish(_ job: String, _ count: UInt64) throws {
      _ = try peer.submission.publish(.jobSubmitted(job, request: JobRequest()), wantsResult: true)
      peer.submission.flush()
      #expect(try eventually { try first.counter(.resultsPublished) == count })
    }
    try publish("j1", 1)
    guard case .result(let result)? = try peer.results.next() else { throw Lost(description: "no answer") }
    #expect(result.transaction?.number == 1)
    // It reads no more.
    try publish("dropped", 2)
    var configuration = ControllerConfiguration()
    configuration.workerTimeoutMs = 3_600_000
    configuration.stallThresholdMs = 3_600_000
    let recovery = try JournalRecovery.run(folder: folder, configuration: configuration)
    _ = try SnapshotStore.write(
      recovery.replica.snapshot(journal: recovery.end.journal, createdMs: Clock.wallMs()), folder: folder)
    try publish("j2", 3)
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = settings }
    defer { second.stop() }
    var lost: ClosedRange<UInt64>?
    let isAnswered = try eventually {
      _ = Poll.readable(peer.link.descriptor, timeoutUs: 1000)
      let state = peer.tend()
      if case .lost(let reason) = state { throw Lost(description: reason) }
      guard state == .renewed || !peer.link.isAway else { return false }
      switch try peer.results.next() {
      case .overrun(let from, let to, _)?: lost = from...to
      case .result(let result)? where result.transaction?.number == 2: return true
      default: break
      }
      return false
    }
    #expect(isAnswered)
    #expect(lost == 1...1)
  }

  /// Others have made more transactions than any log of results holds; none of them was for this peer.
  @Test func isToldOfNoLossWhenNothingWasForIt() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let first = try RunningDispatcher {
      $0.journal = settings
      $0.resultLogCapacity = 8
    }
    let idle = try first.client(name: "idle")
    #expect(try await idle.dispatch(.jobSubmitted("mine", request: JobRequest())).promise == .durable)
    let busy = try first.client(name: "busy")
    for number in 0..<40 { _ = try await busy.dispatch(.jobSubmitted("j\(number)", request: JobRequest())) }
    first.stop()
    let second = try RunningDispatcher(after: first) {
      $0.journal = settings
      $0.resultLogCapacity = 8
    }
    defer { second.stop() }
    #expect(try await idle.dispatch(.jobSubmitted("again", request: JobRequest())).promise == .durable)
    #expect(try second.counter(.resultOverruns) == 0)
    idle.close()
    busy.close()
  }

  /// What others did has pushed the answer out of the log, and the dispatcher ended before the peer had read it.
  @Test func itsAnswerIsKeptOverARestart() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let adjust = { (configuration: inout DispatcherConfiguration) in
      configuration.journal = settings
      configuration.resultLogCapacity = 8
    }
    let first = try RunningDispatcher(adjust)
    var slow = try first.attachment()
    let wanted = try #require(try slow.submission.publish(.jobSubmitted("j", request: JobRequest()), wantsResult: true))
    slow.submission.flush()
    #expect(try eventually { try first.counter(.resultsPublished) == 1 })
    let busy = try first.client(name: "busy")
    for number in 0..<40 { _ = try await busy.dispatch(.jobSubmitted("j\(number)", request: JobRequest())) }
    busy.close()
    first.stop()
    let second = try RunningDispatcher(after: first, adjust)
    defer { second.stop() }
    var came: [String] = []
    let isOver = try eventually {
      _ = Poll.readable(slow.link.descriptor, timeoutUs: 1000)
      if case .lost(let reason) = slow.tend() { throw Lost(description: reason) }
      while let message = try slow.results.next() {
        switch message {
        case .result(let result): came.append(result.event.id == wanted ? "answer" : "other")
        case .overrun(let from, let to, _): came.append("lost \(from) to \(to)")
        default: break
        }
      }
      return !came.isEmpty
    }
    #expect(isOver && came == ["answer"], "\(came)")
  }

  private struct Lost: Error, CustomStringConvertible {
    let description: String
  }
}
