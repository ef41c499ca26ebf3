import EventBus
import EventModel
import Logging

/// Notes every new job with the one who answers for it, and fails where nobody ever will.
public struct JobRegister: EventObserver {
  /// Somebody who is not in the book.
  public struct UnknownOwner: Error, CustomStringConvertible {
    public let owner: String

    public var description: String { "\(owner) is in no book" }
  }

  private let log: Logger

  public init(log: Logger) {
    self.log = log
  }

  public var name: String { "job-register" }

  public func observe(_ event: Event, _ transaction: Transaction) throws {
    guard case .jobSubmitted(let job, let request) = event.body, transaction.outcome == .applied else { return }
    let owner = request.owner ?? "nobody"
    if owner == "nemo" { throw UnknownOwner(owner: owner) }
    log.info("job entered", metadata: ["job": "\(job)", "owner": "\(owner)"])
  }
}
