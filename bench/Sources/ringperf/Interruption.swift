import CRingmaster
import Platform
import Telemetry

/// A stretch of time, in ticks, in which a thread that never waits did nothing: the machine's timer or its host had its
/// processor.
struct Interruption: BitwiseCopyable {
  var start: UInt64
  var end: UInt64

  /// More than a round usually has.
  static let capacity = 4096

  /// - Parameter body: notes them in the room it is given, and returns how many there were.
  static func noted(_ body: (UnsafeMutableBufferPointer<Interruption>) -> Int) -> [Interruption] {
    [Interruption](unsafeUninitializedCapacity: capacity) { room, count in
      room.initialize(repeating: Interruption(start: 0, end: 0))
      count = body(room)
    }
  }
}

/// Notes the interruptions of the thread that calls `look` in every turn of its loop.
struct InterruptionWatch: ~Copyable {
  private let found: UnsafeMutableBufferPointer<Interruption>
  private(set) var count = 0
  private var last: UInt64
  private let threshold: UInt64

  /// Any turn of a benchmark's loop takes less, but for what it skips.
  static let thresholdNs: Double = 2000

  /// - Parameter found: room for them, not empty.
  init(_ found: UnsafeMutableBufferPointer<Interruption>, threshold: UInt64, now: UInt64) {
    self.found = found
    self.threshold = threshold
    last = now
  }

  @inline(__always)
  mutating func look(_ now: UInt64) {
    if now &- last > threshold { note(now) }
    last = now
  }

  @inline(never)
  private mutating func note(_ now: UInt64) {
    // The last stands for all that follow: rather too many samples are interrupted than too few.
    guard count < found.count else { return found[found.count - 1].end = now }
    found[count] = Interruption(start: last, end: now)
    count += 1
  }

  /// Goes on after something that takes long and is no interruption, as a system call.
  @inline(__always)
  mutating func skip(to now: UInt64) { last = now }

  /// Did one end after that?
  @inline(__always)
  func hasSeen(after start: UInt64) -> Bool { count > 0 && found[count - 1].end > start }
}

extension LatencyRecorder {
  /// Samples that follow each other: each lasted from one stamp to the next. The first holds the start of the other side
  /// and is left out.
  ///
  /// - Parameter interruptions: of either side, in any order.
  init(stamps: UnsafeBufferPointer<UInt64>, interruptions: [Interruption], clock: TickClock) {
    self.init()
    let interruptions = interruptions.sorted { $0.start < $1.start }
    var next = 0
    // The longest reach of those that began before: one inside another must not hide it.
    var reach: UInt64 = 0
    for index in 1..<max(stamps.count, 1) {
      let (start, end) = (stamps[index - 1], stamps[index])
      while next < interruptions.count, interruptions[next].start < end {
        reach = max(reach, interruptions[next].end)
        next += 1
      }
      if index > 1 { record(ns: clock.ns(end &- start), isInterrupted: reach > start) }
    }
  }
}

/// One counter of another process's page, read where it is.
struct LiveCounter: ~Copyable {
  private let memory: SharedMemory
  private let address: UnsafeMutableRawPointer

  /// - Throws: when there is no such page, or no such counter in it.
  init(instance: String, process: String, label: String) throws {
    let labels = try CounterPageReader.read(instance: instance, process: process).counters.map(\.label)
    guard let index = labels.firstIndex(of: label) else { throw BenchmarkError("\(process) has no counter \(label)") }
    memory = try SharedMemory.open(name: "/ringmaster.\(instance).\(process).counters", writable: false, guarded: false)
    address = memory.base + MemoryLayout<rm_counters_header>.size + index * MemoryLayout<rm_counter>.size
  }

  var value: UInt64 { rm_load_relaxed_u64(address) }
}
