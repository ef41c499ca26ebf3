/// What a counter page showed at one moment. Each counter is read whole, but not all of them at the same instant.
public struct CounterSnapshot: Sendable {
  public let process: String
  public let pid: Int32
  /// Whether a process of that pid existed when the page was read, seen from the reader's pid namespace. One that has
  /// ended and that its parent has not waited for still counts.
  public let isAlive: Bool
  /// In the order of the page.
  public let counters: [(label: String, value: UInt64)]

  init(process: String, pid: Int32, isAlive: Bool, counters: [(label: String, value: UInt64)]) {
    self.process = process
    self.pid = pid
    self.isAlive = isAlive
    self.counters = counters
  }

  public subscript(label: String) -> UInt64? {
    counters.first { $0.label == label }?.value
  }
}
