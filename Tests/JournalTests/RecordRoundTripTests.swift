import CRingmaster
import Controller
import EventBus
import EventModel
import Journal
import Testing

@Suite struct RecordRoundTripTests {
  private static let samples: [JournalRecord] = {
    var settings = ControllerConfiguration()
    settings.heartbeatFailureThreshold = 3
    settings.brakeExpiriesPerMinute = 0
    let id = EventID(peer: 7, position: 1 << 40)
    let own = EventID(peer: 0, position: 3)
    let secret: [UInt8] = Array("secret".utf8)
    let hash = secret.withUnsafeBytes { ChainHash(hashing: $0) }
    let cancellation = Event.jobCancelled("jöb", reason: "why").stamped(id: id, timestampMs: 8)
    let letter = DeadLetter(event: cancellation, origin: id, reason: .unknownEntity, detail: "nöbody")
    let record = DeadLetter(
      event: nil, origin: id, reason: .malformed, detail: "", record: [0, 255, 7], recordBytes: 28_000)
    return [
      .letter(
        .kept(
          KeptDeadLetter(
            number: 1 << 40, timestampMs: -3, sender: DeadLetterSender(name: "ünter", role: 2), letter: letter,
            recordBytes: 112, retries: 3))),
      .letter(
        .kept(
          KeptDeadLetter(
            number: 2, timestampMs: 9, sender: DeadLetterSender(name: "", role: 0), letter: record, recordBytes: 1024))),
      .letter(.retriedInVain(9, .handlerError, detail: "again")), .letter(.removed(.max)),
      .configured(settings),
      .peerAttached(
        JournaledPeer(
          id: 7, epoch: 1, lane: 3, name: "täst", role: 2, uid: 1000, pid: 42, submissionCapacity: 4096,
          resultCapacity: 0,
          tokenHash: hash)),
      .event(
        JournaledEvent(
          Event.jobSubmitted("j", request: JobRequest(), timestampMs: 5).stamped(id: id, timestampMs: 5), slots: 3,
          wantsResult: true)),
      .event(
        JournaledEvent(
          Event(
            id: own, timestampMs: nil,
            body: .workerFailed(.name("w"), cause: .timedOut(lastHeartbeatMs: 1, timeoutMs: 2))),
          slots: 0, wantsResult: false)),
      .unhandled(
        JournaledEvent(
          Event.jobSubmitted("täsk", request: JobRequest(), timestampMs: 5).stamped(id: id, timestampMs: 5), slots: 2,
          wantsResult: true),
        .dropped(by: "filtér")),
      .unhandled(
        JournaledEvent(Event(id: id, timestampMs: nil, body: .tick), slots: 1, wantsResult: false),
        .deadLettered(.handlerError, detail: "it threw")),
      .skipped(SkippedRecord(id: id, slots: 1, wantsResult: false, fault: "cpu: expected less")),
      .peerRemoved(peer: 7), .started(JournaledStart(epoch: 1 << 50, peerNumbersUpTo: 1024)),
      .peerNumbers(upTo: 2048), .salvaged(JournaledSalvage(lastCommit: 17, lastTransaction: 99)),
    ]
  }()

  @Test func whatIsAppendedIsRead() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn(Self.samples, stateHash: 77, lastTransaction: 3)
    expect(committer.turn() == .committed)
    expect(appender.durable == appender.lastRecord)
    expect(appender.lastRecord == UInt64(Self.samples.count) + 1)
    let (commits, end) = try journal.recover()
    let commit = try #require(commits.first)
    expect(commits.count == 1)
    expect(commit.content == Self.samples)
    let turn = JournaledTurn(record: appender.lastRecord, stateHash: 77, lastTransaction: 3, timeMs: 0)
    expect(commit.records().last == .turn(turn))
    expect(commit.stateHash == 77 && commit.lastTransaction == 3 && commit.firstRecord == 1)
    expect(end.position == commit.end && end.tornBytes == 0)
  }

  /// As a dispatcher has it: the head and the text as they came out of a ring.
  @Test func anEventInTheFormOfARingIsTheSame() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    let event = Event.jobCancelled(.name("some-job"), reason: "no reason").stamped(
      id: EventID(peer: 2, position: 9), timestampMs: 1234)
    let number = try withRingForm(of: event) {
      appender.append($0, id: event.id, slots: 2, timestampMs: 1234, wantsResult: true)
    }
    expect(number == 1)
    appender.seal(stateHash: 0, lastTransaction: 0, timeMs: 0)
    expect(committer.turn() == .committed)
    let record = try #require(try journal.recover().commits.first?.content.first)
    expect(record == .event(JournaledEvent(event, slots: 2, wantsResult: true)))
  }

  @Test func aTextThatIsTooLongIsCutBetweenCharacters() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    let long = "x" + String(repeating: "é", count: 2000)
    let id = EventID(peer: 1, position: 0)
    try appender.turn([.skipped(SkippedRecord(id: id, slots: 1, wantsResult: false, fault: long))])
    expect(committer.turn() == .committed)
    guard case .skipped(let skipped) = try journal.recover().commits.first?.content.first else {
      Issue.record("the record is not there")
      return
    }
    expect(long.hasPrefix(skipped.fault) && skipped.fault.utf8.count == 1023)
  }

  @Test func theHashIsSHA256() {
    let text: [UInt8] = Array("abc".utf8)
    let hash = text.withUnsafeBytes { bytes in
      ChainHash(hashing: UnsafeRawBufferPointer(rebasing: bytes[..<1]), UnsafeRawBufferPointer(rebasing: bytes[1...]))
    }
    expect(hash.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
