import EventModel

/// Events of sources that are not durable yet, oldest first: whoever says one of them again waits for its record.
struct RecentOfSources {
  private var entries = Queue<(source: EventSource, record: UInt64)>()

  mutating func note(_ source: EventSource, record: UInt64, durable: UInt64) {
    while let first = entries.first, first.record <= durable { entries.removeFirst() }
    if record > durable { entries.append((source, record)) }
  }

  /// - Returns: 0 when it is durable.
  func record(of source: EventSource, durable: UInt64) -> UInt64 {
    for index in 0..<entries.count where entries[index].source == source && entries[index].record > durable {
      return entries[index].record
    }
    return 0
  }
}
