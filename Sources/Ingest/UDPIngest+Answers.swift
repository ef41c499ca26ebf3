import EventCodec
import EventModel
import Platform
import RingmasterClient

/// From the result ring back to the workers.
extension UDPIngest {
  /// Answers what results are there.
  ///
  /// - Returns: whether there were any.
  mutating func readResults() throws -> Bool {
    var found = false
    while let message = try attachment.results.next() {
      found = true
      switch message {
      case .result(let result):
        answer(result.event.id, name: result.event.registeredName) {
          Datagram.Acknowledgement(request: $0, result: result)
        }
      case .refused(let id, let reason, _):
        answer(id, name: nil) {
          Datagram.Acknowledgement(request: $0, refused: reason == .forbidden ? .forbidden : .malformed)
        }
      case .heartbeatRefused(let worker):
        counters[.heartbeatsRefused].increment()
        answers.sendUnknown(worker, to: workerAddresses.address(of: worker), on: socket)
        workerAddresses.forget(worker)
      // Those whose results are lost repeat their registrations.
      case .overrun: counters[.resultOverruns].increment()
      case .row, .queryDone: break
      }
    }
    if found { answers.flush(on: socket) }
    return found
  }

  /// - Parameter make: the answer to the request of that number.
  private mutating func answer(_ id: EventID, name: String?, _ make: (UInt64) -> Datagram.Acknowledgement) {
    guard id.peer == attachment.peer, let pending = pendingAnswers.take(position: id.position) else { return }
    var answer = make(pending.request)
    if answer.reason != nil {
      counters[.registrationsRefused].increment()
    } else if workerAddresses.note(
      answer.worker, named: name, at: WorkerAddressTable.Source(pending.address, atNs: Clock.bootNs()))
    {
      counters[.registrationsAcknowledged].increment()
    } else {
      counters[.registrationsForeign].increment()
      answer = Datagram.Acknowledgement(request: pending.request, refused: .forbidden)
    }
    answers.send(answer, to: pending.address, on: socket)
  }
}

extension Datagram.Acknowledgement {
  /// What to tell a worker about the event that its registration became.
  init(request: UInt64, result: DispatchResult) {
    switch result.disposition {
    case .handled(let transaction):
      if let reason = transaction.outcome.reason {
        self.init(request: request, refused: reason)
      } else if case .worker(let handle, _) = transaction.subject {
        self.init(request: request, worker: handle)
      } else {
        self.init(request: request, refused: .unknownWorker)
      }
    case .dropped, .deadLettered(.forbidden): self.init(request: request, refused: .forbidden)
    case .deadLettered: self.init(request: request, refused: .malformed)
    }
  }
}

extension Event {
  /// Of the worker that registers with it.
  fileprivate var registeredName: String? {
    if case .workerRegistered(let registration) = body { registration.name } else { nil }
  }
}
