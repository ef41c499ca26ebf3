import CRingmaster
import Dispatcher
import Platform

/// A mapping of a dispatcher's counter page that outlives the dispatcher.
final class CounterReading {
  private let memory: SharedMemory

  init(_ dispatcher: RunningDispatcher) throws {
    memory = try SharedMemory.open(
      name: "/ringmaster.\(dispatcher.instance).ringmasterd.counters", writable: false, guarded: true)
  }

  func eventsReceived() -> UInt64 {
    let index = DispatcherCounter.allCases.firstIndex(of: .eventsReceived)!
    let offset = MemoryLayout<rm_counters_header>.size + index * MemoryLayout<rm_counter>.size
    return rm_load_relaxed_u64(memory.base + offset)
  }
}
