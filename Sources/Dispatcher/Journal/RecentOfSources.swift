import EventModel

/// Events of sources that are not durable yet, oldest first: whoever says one of them again waits for its record.
struct RecentOfSources {
  private var entries = Queue<(source: EventSource, record: UInt64)>()

  mutating func note(_ source: EventSource, record: UInt64, durable: UInt64) {
    settle(durable)
    if record > durable { entries.append((source, record)) }
  }

  /// - Parameter anyOfItsName: of its source's newest event.
  /// - Returns: 0 when it is durable.
  mutating func record(of source: EventSource, anyOfItsName: Bool, durable: UInt64) -> UInt64 {
    settle(durable)
    for index in stride(from: entries.count - 1, through: 0, by: -1) {
      let entry = entries[index]
      if anyOfItsName ? entry.source.name == source.name : entry.source == source { return entry.record }
    }
    return 0
  }

  private mutating func settle(_ durable: UInt64) {
    while let first = entries.first, first.record <= durable { entries.removeFirst() }
  }
}
