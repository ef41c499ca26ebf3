import CRingmaster
import Dispatcher
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import RawPeers
import RingmasterClient
import Synchronization
import Testing

@Suite("Dead letters of a dispatcher", .serialized)
struct DeadLetterKeepingTests {
  private func letters(_ client: RingmasterClient) async throws -> [DeadLetterView] {
    try await client.query(.deadLetters).compactMap { if case .deadLetter(let row) = $0 { row } else { nil } }
  }

  private func waitForLetters(_ count: UInt64, _ dispatcher: RunningDispatcher) throws {
    let came = try eventually { try dispatcher.counter(.deadLetters) == count }
    let counted = try dispatcher.counter(.deadLetters)
    #expect(came, "\(counted) letters instead of \(count)")
  }

  /// A record that names a job in bytes that are no UTF-8.
  private func publishMalformed(_ peer: RawPeer) {
    peer.writeContinuation(1, bytes: [UInt8(RM_TAG_SUBJECT_NAME), 0, 3, 0, 0xff, 0xfe, 0xfd])
    var head = RawPeer.head(kind: EventKind.jobCancelled.rawValue, slots: 2)
    head.text_bytes = 7
    peer.publish(head)
  }

  @Test func aMalformedRecordIsKeptWithItsBytes() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let peer = try RawPeer(dispatcher)
    publishMalformed(peer)
    try waitForLetters(1, dispatcher)
    let letter = try #require(try await letters(dispatcher.client()).first)
    #expect(letter.reason == .malformed && letter.event == nil && letter.number == 1)
    #expect(letter.origin == EventID(peer: peer.peer, position: 0) && letter.role == Role.control.rawValue)
    #expect(letter.detail.contains("job_id: expected UTF-8"))
    #expect(letter.recordBytes == 112 && letter.record.count == 112)
    #expect(letter.record[0] == EventKind.jobCancelled.rawValue && letter.record[60...62] == [0xff, 0xfe, 0xfd])
    await #expect(throws: ClientError.self) {
      _ = try await dispatcher.client().retryDeadLetter(1, reason: "no event in it")
    }
    #expect(try await letters(dispatcher.client()).count == 1)
  }

  @Test func aRecordOfAKindThatNobodyHandlesIsKeptAndItsPeerPutOut() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let peer = try RawPeer(dispatcher)
    peer.publish(RawPeer.head(kind: 99))
    #expect(try peer.closedReason()?.contains("kind 99") == true)
    let letter = try #require(try await letters(dispatcher.client()).first)
    #expect(letter.reason == .noHandler && letter.record.first == 99 && letter.origin.peer == peer.peer)
  }

  @Test func onlyAControlPeerMayRetryOrDrop() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let ingest = try dispatcher.client(role: .ingest, name: "early")
    _ = try await ingest.dispatch(.taskStateChanged("j/task-0", attempt: 0, state: .running))
    let control = try dispatcher.client()
    let letter = try #require(try await letters(control).first)
    #expect(letter.reason == .unknownEntity && letter.peerName == "early" && letter.role == Role.ingest.rawValue)
    for client in [ingest, try dispatcher.client(role: .observe)] {
      await #expect(throws: ClientError.self) { _ = try await client.retryDeadLetter(1, reason: "me") }
      await #expect(throws: ClientError.self) { try await client.dropDeadLetter(1, reason: "me") }
    }
    #expect(try await letters(control).count == 1)
    try await control.dropDeadLetter(1, reason: "it is fine")
    #expect(try await letters(control).isEmpty)
    await #expect(throws: ClientError.self) { _ = try await control.retryDeadLetter(1, reason: "again") }
  }

  /// What an observer sends that is no request is counted, and takes no letter's place.
  @Test func noLetterIsKeptOfAnObserver() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    var observer = try dispatcher.attachment(role: .observe)
    observer.submission.countShed(7)
    _ = try observer.submission.publish(.jobCancelled("j", reason: ""))
    observer.submission.flush()
    let client = try dispatcher.client()
    let isCounted = try await eventuallyCounted("dead_letters_forbidden", client)
    #expect(isCounted)
    _ = try await client.dispatch(.jobCancelled("nobody", reason: ""))
    #expect(try await letters(client).map(\.reason) == [.unknownEntity])
  }

  private func eventuallyCounted(_ name: String, _ client: RingmasterClient) async throws -> Bool {
    for _ in 0..<10_000 {
      let rows = try await client.query(.counters)
      if rows.contains(.counter(name: name, value: 1)) { return true }
    }
    return false
  }

  @Test func aReportAboutTheUnknownIsKeptUntilItIsKnown() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client(name: "early")
    _ = try await client.dispatch(.jobCancelled("late", reason: "not wanted"))
    let letter = try #require(try await letters(client).first)
    #expect(letter.reason == .unknownEntity && letter.detail == "JOB_CANCELLED rejected: unknown_job")
    let again = try await client.retryDeadLetter(letter.number, reason: "is it there?")
    #expect(again.transaction?.outcome == .rejected(.unknownJob))
    let kept = try #require(try await client.deadLetter(letter.number))
    #expect(kept.retries == 1 && kept.origin == letter.origin && kept.timestampMs == letter.timestampMs)
    _ = try await client.dispatch(.jobSubmitted("late", request: JobRequest()))
    let applied = try await client.retryDeadLetter(letter.number, reason: "it is")
    #expect(applied.transaction?.outcome == .applied)
    #expect(applied.transaction?.actions.last?.kind == .jobCancelled)
    #expect(try await client.deadLetter(letter.number) == nil)
    #expect(try dispatcher.counter(.deadLetters) == 2 && dispatcher.counter(.deadLettersRetried) == 2)
  }

  /// A middleware whose helper is away for a while.
  private struct Gate: Middleware {
    final class Switch: Sendable {
      let isBroken = Mutex(true)
    }
    struct Broken: Error, CustomStringConvertible {
      let description = "no database"
    }
    let name = "gate"
    let fuse: Switch

    func process(_ event: Event) throws -> Event? {
      if case .jobSubmitted = event.body, fuse.isBroken.withLock({ $0 }) { throw Broken() }
      return event
    }
  }

  @Test func anEventThatAMiddlewareFailedOnIsRetriedWhenTheFaultIsGone() async throws {
    var parts = DispatcherParts()
    let fuse = Gate.Switch()
    parts.bus.add(Gate(fuse: fuse))
    let dispatcher = try RunningDispatcher(parts: parts)
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let failed = try await client.dispatch(.jobSubmitted("j", request: JobRequest()))
    #expect(failed.disposition == .deadLettered(.handlerError))
    #expect(failed.observations == [Observation(observer: "gate", outcome: .threw(error: "no database"))])
    let letter = try #require(try await letters(client).first)
    #expect(letter.reason == .handlerError && letter.detail == "gate threw: no database")
    #expect(try await client.query(.counters).contains(.counter(name: "failures_of_gate", value: 1)))
    fuse.isBroken.withLock { $0 = false }
    let retried = try await client.retryDeadLetter(letter.number, reason: "the database is back")
    #expect(retried.transaction?.outcome == .applied)
    #expect(try await letters(client).isEmpty)
  }

  @Test func recordsThatAPeerGaveUpAreTold() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let ingest = try dispatcher.attachment(role: .ingest)
    ingest.submission.countShed(7)
    try waitForLetters(1, dispatcher)
    let client = try dispatcher.client()
    let letter = try #require(try await letters(client).first)
    #expect(letter.reason == .overflow && letter.origin.peer == ingest.peer && letter.event == nil)
    #expect(letter.detail.hasPrefix("7 records given up"))
    let dropped = try await client.dropDeadLetter(letter.number, reason: "noted")
    #expect(dropped == letter)
    #expect(try await letters(client).isEmpty)
    await #expect(throws: ClientError.self) { try await client.dropDeadLetter(letter.number, reason: "twice") }
  }

  /// What a peer floods the dispatcher with costs others no letter and no memory.
  @Test func aFloodOfRubbishIsBounded() async throws {
    let dispatcher = try RunningDispatcher {
      $0.deadLetters.letters = 40
      $0.deadLetters.lettersPerPeer = 10
    }
    defer { dispatcher.stop() }
    let client = try dispatcher.client(name: "honest")
    _ = try await client.dispatch(.jobCancelled("mine", reason: ""))
    let flood = try dispatcher.client(name: "flood")
    let reason = String(repeating: "x", count: Limits.errorBytes)
    for index in 0..<2000 {
      _ = try await flood.dispatch(.jobCancelled(.name("nobody\(index)"), reason: reason))
    }
    let kept = try await letters(client)
    #expect(kept.count == 11 && kept.first?.peerName == "honest")
    #expect(kept.dropFirst().map(\.number) == Array(1992...2001))
    let counters = try await client.query(.counters)
    #expect(counters.contains(.counter(name: "dead_letters_kept", value: 11)))
    #expect(counters.contains(.counter(name: "dead_letters_pushed_out", value: 1990)))
    #expect(counters.contains(.counter(name: "dead_letters_unknownEntity", value: 2001)))
  }

  @Test(arguments: [RM_KIND_RETRY_LETTER, RM_KIND_DROP_LETTER, RM_KIND_QUERY])
  func aRequestWithoutItsFieldsIsRefusedAndThePeerStays(_ kind: UInt32) async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let peer = try RawPeer(dispatcher)
    var head = RawPeer.head(kind: UInt8(kind))
    head.subject = UInt64(RM_ENTITY_EXPLANATION)
    peer.publish(head)
    head.text_bytes = .max
    peer.publish(head)
    #expect(try eventually { try dispatcher.counter(.requestsReceived) == 2 })
    _ = try await dispatcher.client().query(.peers)
    #expect(try dispatcher.counter(.peersQuarantined) == 0)
  }
}
