import EventModel

/// Takes the worker that a task fills best, so that what is left lies together: of those with room the one on which the
/// fewest devices stay free, then the least cpu, then the least memory; the first of them in table order.
///
/// A task without devices goes where none are free, so that it does not take the cpu that a task with devices needs beside
/// them. At most `workersPerTask` workers with room are looked at, in table order.
public struct BestFit: SchedulingPolicy {
  /// So that a large fleet does not hold up the dispatcher.
  public static let workersPerTask = 2048

  public init() {}

  public var name: String { "best-fit" }

  public var asksByShape: Bool { true }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    var best: (slot: Int, left: Leftover)?
    var start = 0
    for _ in 0..<Self.workersPerTask {
      guard let slot = cluster.first(withFree: task.ask, task.rule, from: start) else { break }
      start = slot + 1
      let left = Leftover(cluster, slot, task.ask)
      guard best.map({ left < $0.left }) ?? true else { continue }
      best = (slot, left)
      if left.isNothing { break }
    }
    return best.map { cluster.handle($0.slot) }
  }

  /// What stays free on a worker beside a task.
  private struct Leftover: Comparable {
    var devices: Int64 = 0
    let milliCPU: Int64
    let memoryBytes: Int64

    init(_ cluster: borrowing ClusterView, _ slot: Int, _ ask: Amounts) {
      func left(_ resource: Int) -> Int64 { cluster.capacity.free(resource, at: slot) &- ask[resource] }
      let end = max(cluster.capacity.width, Amounts.firstDevice)
      for resource in Amounts.firstDevice..<end { devices &+= left(resource) }
      milliCPU = left(Amounts.cpu)
      memoryBytes = left(Amounts.memory)
    }

    var isNothing: Bool { devices == 0 && milliCPU == 0 && memoryBytes == 0 }

    static func < (some: Leftover, other: Leftover) -> Bool {
      (some.devices, some.milliCPU, some.memoryBytes) < (other.devices, other.milliCPU, other.memoryBytes)
    }
  }
}
