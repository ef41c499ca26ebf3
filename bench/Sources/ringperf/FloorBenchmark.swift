import CRingmaster
import CRingperf
import Glibc
import Platform

/// What this machine's parts cost, so that every figure stands beside its physical limit.
final class FloorBenchmark {
  private let partner: Partner
  private let ticks: UnsafeMutableBufferPointer<UInt64>
  private let clock: TickClock

  private static let instructionLoops = 200_000
  private static let systemCallLoops = 20_000
  private static let largeCopyBytes = 16 << 20
  private static let lineCopyBytes = 64
  private static let interruptionNs: Double = 2000
  private static let interruptionWatchNs: Double = 50_000_000

  init(rounds: Int, cpus: CPUList, threads: Bool, clock: TickClock) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    ticks = .allocate(capacity: rounds)
    ticks.initialize(repeating: 0)
    self.clock = clock
  }

  deinit {
    ticks.deallocate()
  }

  /// - Parameter sharedLine: both sides write the same line; otherwise each has its own.
  func cacheLineRound(sharedLine: Bool) throws -> LatencyRecorder {
    partner.gate.clearBounceWords()
    try partner.prepare(
      PartnerTask(work: .bounce, records: UInt64(ticks.count), batch: sharedLine ? 1 : 2))
    partner.begin()
    FloorWork.bounce(partner.gate, ticks: ticks, sharedLine: sharedLine)
    partner.waitUntilDone()
    return LatencyRecorder(ticks: UnsafeBufferPointer(ticks), clock: clock)
  }

  private func ns(_ loops: Int, _ body: () -> Void) -> Double {
    let start = rp_ticks()
    for _ in 0..<loops { body() }
    return Double(rp_ticks() &- start) / clock.ticksPerNs / Double(loops)
  }

  /// One measurement of each part, by the key of its figure.
  func parts() -> [(key: String, label: String, value: Double)] {
    let loops = Self.instructionLoops
    // Memory that others might see, or the compiler would drop the store and the fence.
    let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    defer { word.deallocate() }
    var time = timespec()
    var result: [(key: String, label: String, value: Double)] = []
    func add(_ key: String, _ label: String, _ value: Double) { result.append((key, label, value)) }
    add("tick_counter_ns", "tick counter", ns(loops) { _ = rp_ticks() })
    add("clock_monotonic_ns", "clock_gettime(MONOTONIC)", ns(loops) { _ = Clock.monotonicNs() })
    add("clock_boottime_ns", "clock_gettime(BOOTTIME)", ns(loops) { _ = Clock.bootNs() })
    add(
      "clock_coarse_ns", "clock_gettime(MONOTONIC_COARSE)", ns(loops) { clock_gettime(CLOCK_MONOTONIC_COARSE, &time) })
    add("store_load_fence_ns", "store, then a full fence", ns(loops) { rp_store_then_fence(word, 1) })
    add("pause_ns", "pause", ns(loops) { rm_pause() })
    add("empty_syscall_ns", "empty system call", ns(Self.systemCallLoops) { _ = rp_empty_syscall() })
    add("yield_ns", "sched_yield, nobody else there", ns(Self.systemCallLoops) { Machine.yield() })
    add("memcpy_line_ns", "memcpy of one cache line", copyNs(bytes: Self.lineCopyBytes, loops: loops))
    let largeNs = copyNs(bytes: Self.largeCopyBytes, loops: 4)
    add("memcpy_bytes_per_s", "memcpy of 16 MiB, bytes/s", Double(Self.largeCopyBytes) / largeNs * 1e9)
    let interruptions = interruptions()
    add("interruptions_per_s", "interruptions over 2 µs, a second", interruptions.perSecond)
    add("interruption_ns", "one interruption", interruptions.meanNs)
    return result
  }

  /// How often and for how long this processor does something else, for the timer's tick and the host: whatever is due
  /// then waits that long, in any program.
  private func interruptions() -> (perSecond: Double, meanNs: Double) {
    let start = rp_ticks()
    let end = start &+ UInt64(Self.interruptionWatchNs * clock.ticksPerNs)
    let threshold = UInt64(Self.interruptionNs * clock.ticksPerNs)
    var (count, ticks, last): (UInt64, UInt64, UInt64) = (0, 0, start)
    while last < end {
      let now = rp_ticks()
      if now &- last > threshold {
        count += 1
        ticks &+= now &- last
      }
      last = now
    }
    let seconds = Double(last &- start) / clock.ticksPerNs / 1e9
    return (Double(count) / seconds, count == 0 ? 0 : Double(ticks) / Double(count) / clock.ticksPerNs)
  }

  private func copyNs(bytes: Int, loops: Int) -> Double {
    let from = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let to = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer {
      from.deallocate()
      to.deallocate()
    }
    memset(from, 1, bytes)
    memset(to, 2, bytes)
    return ns(loops) {
      memcpy(to, from, bytes)
      rp_use(to)
    }
  }
}

extension FloorBenchmark {
  /// The faster of the two exchanges.
  func fastestCacheLineRound() throws -> LatencyRecorder {
    let own = try cacheLineRound(sharedLine: false)
    let shared = try cacheLineRound(sharedLine: true)
    return own.percentile(50) <= shared.percentile(50) ? own : shared
  }
}
