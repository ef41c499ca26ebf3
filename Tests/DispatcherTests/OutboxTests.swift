import EventCodec
import EventModel
import Testing

@testable import Dispatcher

/// What a client that is behind still gets, and what it is told that it lost.
@Suite struct OutboxTests {
  private static func result(_ transaction: UInt64, record: UInt64 = 0) -> StoredResult {
    let event = Event(id: EventID(peer: 1, position: transaction), timestampMs: nil, body: .prune)
    return StoredResult(
      LoggedResult(DispatchResult(event: event, disposition: .dropped(by: "test"), observations: [])), record: record,
      transaction: transaction, isForOrigin: true)
  }

  private static let bytes = result(1).bytes

  private enum Read: Equatable {
    case result(UInt64)
    case lost(ClosedRange<UInt64>)
  }

  private static func read(_ outbox: inout Outbox, _ limit: Int = .max) -> [Read] {
    var read: [Read] = []
    while read.count < limit, let front = outbox.front {
      switch front {
      case .result(let result): read.append(.result(result.transaction))
      case .lost(let transactions, record: _): read.append(.lost(transactions))
      }
      outbox.removeFront()
    }
    return read
  }

  @Test func everythingComesInOrder() {
    var outbox = Outbox(limitBytes: Self.bytes * 100)
    for number in 1...20 as ClosedRange<UInt64> {
      if number % 3 == 0 {
        outbox.append(answer: Self.result(number), givesUpOldest: false)
      } else {
        outbox.append(other: Self.result(number))
      }
    }
    #expect(Self.read(&outbox) == (1...20).map { .result($0) })
    #expect(outbox.isEmpty && outbox.answerBytes == 0 && outbox.otherBytes == 0)
  }

  /// A client that knows of a transaction shows that it is durable: its loss is told no sooner than it would have been.
  @Test func aLossWaitsForTheNewestRecordOfWhatIsLost() {
    var outbox = Outbox(limitBytes: Self.bytes)
    outbox.lose(transactions: 1...2, record: 3)
    for number in 3...5 as ClosedRange<UInt64> { outbox.append(other: Self.result(number, record: number * 10)) }
    guard case .lost(let transactions, let record) = outbox.front else { return #expect(Bool(false), "no loss") }
    #expect(transactions == 1...4 && record == 40)
    outbox.append(answer: Self.result(6, record: 60), givesUpOldest: false)
    outbox.append(answer: Self.result(7, record: 70), givesUpOldest: true)
    guard case .lost(let more, let later) = outbox.front else { return #expect(Bool(false), "no loss") }
    #expect(more == 1...6 && later == 60)
  }

  @Test func aLossStandsWhereItsResultsWouldHave() {
    var outbox = Outbox(limitBytes: Self.bytes * 2)
    outbox.append(other: Self.result(1))
    outbox.append(other: Self.result(2))
    outbox.lose(transactions: 3...9, record: 0)
    outbox.append(other: Self.result(10))
    outbox.lose(transactions: 11...12, record: 0)
    #expect(Self.read(&outbox) == [.lost(1...1), .result(2), .lost(3...9), .result(10), .lost(11...12)])
  }

  /// A submission's answer waits in front of thousands of placements that the submission caused.
  @Test func othersNeverPushAnAnswerOut() {
    var outbox = Outbox(limitBytes: Self.bytes * 4)
    outbox.append(other: Self.result(1))
    outbox.append(answer: Self.result(2), givesUpOldest: false)
    for number in 3...5000 as ClosedRange<UInt64> { outbox.append(other: Self.result(number)) }
    outbox.append(answer: Self.result(5001), givesUpOldest: false)
    #expect(
      Self.read(&outbox) == [
        .lost(1...1), .result(2), .lost(3...4996), .result(4997), .result(4998), .result(4999), .result(5000),
        .result(5001),
      ])
  }

  @Test func lossesOnBothSidesOfAnAnswerStayApart() {
    var outbox = Outbox(limitBytes: Self.bytes)
    for number in 1...9 as ClosedRange<UInt64> {
      if number == 5 {
        outbox.append(answer: Self.result(number), givesUpOldest: false)
      } else {
        outbox.append(other: Self.result(number))
      }
    }
    #expect(Self.read(&outbox, 2) == [.lost(1...4), .result(5)])
    outbox.append(other: Self.result(10))
    #expect(Self.read(&outbox) == [.lost(6...9), .result(10)])
  }

  @Test func whoStoppedReadingLosesTheOldestWithAllBeforeIt() {
    var outbox = Outbox(limitBytes: Self.bytes * 2)
    outbox.append(other: Self.result(1))
    for number in 2...9 as ClosedRange<UInt64> { outbox.append(answer: Self.result(number), givesUpOldest: true) }
    outbox.append(other: Self.result(10))
    #expect(Self.read(&outbox) == [.lost(1...7), .result(8), .result(9), .result(10)])
    #expect(outbox.answerBytes == 0 && outbox.otherBytes == 0)
  }

  @Test func aResultThatIsHalfSentIsBegunAnewOrGivenUpWhole() {
    var outbox = Outbox(limitBytes: Self.bytes)
    outbox.append(other: Self.result(1))
    outbox.nextRecord = 7
    outbox.append(other: Self.result(2))
    #expect(outbox.nextRecord == 0)
    #expect(Self.read(&outbox) == [.lost(1...1), .result(2)])
  }

  @Test func memoryOfWhatWasReadIsGivenBack() {
    var outbox = Outbox(limitBytes: Self.bytes * 2)
    weak var first: StoredResult?
    do {
      let result = Self.result(1)
      first = result
      outbox.append(answer: result, givesUpOldest: false)
    }
    outbox.append(answer: Self.result(2), givesUpOldest: false)
    outbox.removeFront()
    #expect(first == nil)
  }

  /// A queue of an older life: random appends and removals agree with a plain array.
  @Test func aQueueKeepsItsOrder() {
    var queue = Queue<Int>()
    var plain: [Int] = []
    var next = 0
    for step in 0..<20_000 {
      if step % 7 < 4 {
        queue.append(next)
        plain.append(next)
        next += 1
      } else if !plain.isEmpty {
        #expect(queue.removeFirst() == plain.removeFirst())
      }
      guard queue.count == plain.count, queue.first == plain.first,
        queue.isEmpty || queue[queue.count - 1] == plain.last
      else {
        Issue.record("after step \(step)")
        return
      }
    }
  }

  /// What cannot be told yet stays, however much there is; of what could, so many are kept.
  @Test func theLogKeepsWhatCannotBeTold() {
    var log = ResultLog(capacity: 4)
    for number in 1...100 as ClosedRange<UInt64> {
      let result = StoredResult(Self.result(number).content, record: number, transaction: number, isForOrigin: true)
      log.append(result, tellable: 0)
    }
    #expect(log.firstNumber == 1 && log.untoldBytes == 100 * Self.bytes)
    log.settle(tellable: 50)
    #expect(log.firstNumber == 51 && log.untoldBytes == 50 * Self.bytes)
    log.settle(tellable: .max)
    #expect(log.firstNumber == 97 && log.untoldBytes == 0)
    #expect(log[97]?.transaction == 97 && log[96] == nil && log[101] == nil)
  }
}

extension LoggedResult {
  /// With a record made of its event.
  init(_ result: DispatchResult) {
    var writer = RecordWriter()
    guard let record = try? writer.record(of: result.event) else { preconditionFailure("an event fits a record") }
    self = .result(result, KeptEventRecord(record))
  }
}
