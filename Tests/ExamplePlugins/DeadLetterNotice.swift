import EventBus
import EventModel
import Logging

/// Puts up a notice for each dead letter, and for what observers report.
public struct DeadLetterNotice: DeadLetterSink {
  private let log: Logger

  public init(log: Logger) {
    self.log = log
  }

  public func receive(_ letter: DeadLetter, _ result: DispatchResult?) {
    let number = result?.transaction.map { "\($0.number)" } ?? "none"
    log.info(
      "undeliverable",
      metadata: ["reason": "\(letter.reason.name)", "detail": "\(letter.detail)", "txn": "\(number)"])
  }
}
