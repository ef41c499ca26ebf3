import EventBus
import EventModel
import Logging

/// Puts up a notice for each dead letter.
public struct DeadLetterNotice: DeadLetterSink {
  private let log: Logger

  public init(log: Logger) {
    self.log = log
  }

  public func receive(_ letter: DeadLetter) {
    log.info("undeliverable", metadata: ["reason": "\(letter.reason.name)", "detail": "\(letter.detail)"])
  }
}
