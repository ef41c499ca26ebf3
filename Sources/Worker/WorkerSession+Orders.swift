import EventCodec
import EventModel

/// What follows from the book, done: written down, given to the driver, published.
extension WorkerSession {
  func obeyOrders() throws {
    var orders = book.takeOrders()
    while !orders.isEmpty {
      let areKept = keep(orders)
      for order in orders {
        if case .report = order, !areKept { continue }
        try obey(order)
      }
      orders = book.takeOrders()
    }
    guard unkeptSinceNs != .max, nowNs &- unkeptSinceNs > Self.longestNapNs else { return }
    unkeptSinceNs = .max
    book.keepEnds()
  }

  /// Writes ends down, all before any of them is reported.
  ///
  /// - Returns: false when the disk does not take them: they are tried again, and reported then.
  private func keep(_ orders: [AttemptBook.Order]) -> Bool {
    do {
      try store.append(
        orders.compactMap { if case .keep(let id, let outcome) = $0 { (id, outcome) } else { nil } })
      return true
    } catch {
      log.error("how tasks ended cannot be written down: trying again", metadata: ["cause": "\(error)"])
      unkeptSinceNs = nowNs
      return false
    }
  }

  private func obey(_ order: AttemptBook.Order) throws {
    switch order {
    case .keep: break
    case .fetch(let job): try fetch(job)
    case .stop(let id, let way):
      // A stopped unit is gone, and with it how it ended.
      do {
        if let entry = book.entries[id] { try store.write(AttemptNote(entry), of: id) }
      } catch {
        log.error("a stop cannot be noted", metadata: ["cause": "\(error)"])
      }
      driver.stop(id, signal: way.signal, timeoutMs: min(way.timeoutMs, lease.stopMs(nowNs: nowNs)))
    case .release(let id):
      driver.release(id)
      do {
        try store.removeNote(of: id)
        try store.removeOutcome(of: id)
      } catch {
        // Then it is reported once more by the next process.
        log.error("an end that was answered cannot be struck out", metadata: ["cause": "\(error)"])
      }
    case .report(let id, let body): unsent.append((body, id))
    case .tell(let body): unsent.append((body, nil))
    }
  }

  /// Publishes what waits, as far as there is room.
  func sendWaiting() {
    guard case .registered = phase else { return sendEndsOfBefore() }
    send { _ in true }
  }

  /// Before it is registered, only ends: what the controller still has of this worker's former life it may end with them.
  private func sendEndsOfBefore() {
    send { $0.id != nil }
  }

  private func send(_ isWanted: ((body: Event.Body, id: AttemptID?)) -> Bool) {
    var kept: [(body: Event.Body, id: AttemptID?)] = []
    var isFull = false
    for report in unsent {
      guard !isFull, isWanted(report) else {
        kept.append(report)
        continue
      }
      do {
        guard let id = try link.publish(Event(body: report.body), wantsResult: report.id != nil) else {
          isFull = true
          kept.append(report)
          continue
        }
        if let attempt = report.id {
          reports[id.position] = attempt
          book.reporting(attempt)
        }
      } catch {
        log.error("a report is no record", metadata: ["error": "\(error)"])
        if let attempt = report.id { book.answered(attempt) }
      }
    }
    unsent = kept
  }
}
