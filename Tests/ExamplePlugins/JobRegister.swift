import EventBus
import EventModel
import Logging

/// Notes every new job with the one who answers for it, says under which entry, and fails where nobody ever will.
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

  public var interests: EventKindSet { EventKindSet(.jobSubmitted) }

  public var reportsErrors: Bool { true }

  public func observe(_ event: Event, _ transaction: Transaction) throws -> String? {
    guard case .jobSubmitted(let job, let request) = event.body, transaction.outcome == .applied else { return nil }
    let owner = request.owner ?? "nobody"
    if owner == "nemo" { throw UnknownOwner(owner: owner) }
    log.info("job entered", metadata: ["job": "\(job)", "owner": "\(owner)"])
    return "entry \(transaction.number)"
  }
}
