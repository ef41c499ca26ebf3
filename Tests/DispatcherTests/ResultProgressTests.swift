import EventCodec
import EventModel
import Testing

@testable import RingmasterClient

@Suite struct ResultProgressTests {
  private static func result(_ transaction: UInt64) -> ResultMessage {
    let event = Event(id: EventID(peer: 1, position: transaction), timestampMs: 1, body: .tick)
    let made = Transaction(
      number: transaction, timestampMs: 1, event: event, outcome: .applied, subject: nil, actions: [], tasksToKill: [])
    return .result(DispatchResult(event: event, disposition: .handled(made), observations: []))
  }

  private static func refusal(_ position: UInt64) -> ResultMessage {
    .refused(EventID(peer: 1, position: position), reason: .malformed, detail: "")
  }

  @Test func whatCameIsNotDeliveredAgain() {
    var progress = ResultProgress(3)
    let news = [Self.result(3), Self.result(4), Self.refusal(9), Self.refusal(9), Self.result(4)].map {
      progress.note($0)
    }
    #expect(news == [false, true, true, false, false])
    #expect(progress.lastTransaction == 4)
  }

  /// An answer without a transaction belongs behind the newest transaction of then, which its reader may not know of.
  @Test func whatCameBeforeAnOverrunIsNotDeliveredAgain() {
    var progress = ResultProgress(5)
    let news = [Self.refusal(9), .overrun(from: 6, to: 7, settledBefore: 0), Self.refusal(9), Self.result(8)].map {
      progress.note($0)
    }
    #expect(news == [true, true, false, true])
    #expect(progress.lastTransaction == 8)
  }

  /// A relaxed dispatcher may have lost transactions that it told of: other ones have their numbers now.
  @Test func behindTheDispatchersWordItBeginsAgain() {
    var progress = ResultProgress(0)
    for number in 1...6 { _ = progress.note(Self.result(UInt64(number))) }
    progress.goBack(to: 9)
    #expect(progress.lastTransaction == 6)
    progress.goBack(to: 4)
    let news = [Self.result(4), Self.result(5), Self.result(6)].map { progress.note($0) }
    #expect(news == [false, true, true])
  }
}
