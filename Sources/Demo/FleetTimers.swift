import EventModel

/// What is to be reported later, by time: a binary heap.
struct FleetTimers {
  struct Timer: Sendable {
    let dueNs: UInt64
    let task: TaskHandle
    let attempt: UInt32
    /// To report then.
    let state: TaskState
  }

  /// No entry is due before the one at (its index - 1) / 2.
  private var heap: [Timer] = []

  mutating func add(_ timer: Timer) {
    heap.append(timer)
    var index = heap.count - 1
    while index > 0, heap[index].dueNs < heap[(index - 1) / 2].dueNs {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// Takes the earliest out if its time has come.
  mutating func takeDue(nowNs: UInt64) -> Timer? {
    guard let first = heap.first, first.dueNs <= nowNs else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var index = 0
    while let child = earlierChild(of: index), heap[child].dueNs < heap[index].dueNs {
      heap.swapAt(child, index)
      index = child
    }
    return first
  }

  private func earlierChild(of index: Int) -> Int? {
    let left = 2 * index + 1
    guard left < heap.count else { return nil }
    return left + 1 < heap.count && heap[left + 1].dueNs < heap[left].dueNs ? left + 1 : left
  }
}
