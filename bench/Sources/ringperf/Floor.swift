import ArgumentParser
import CRingmaster
import CRingperf
import Glibc
import Platform

struct FloorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "floor",
    abstract: "What this machine's parts cost: no figure can be better than these.",
    discussion: """
      The cache line is exchanged in two ways, with a line for each side and with one for both; the faster is the floor.

      JSON: cache_line_rtt_ns_p50 and the others of the table, each with its unit in the name.
      """)

  @Option(help: "Round trips of a round.")
  var records = 200_000

  @Flag(help: "Two threads of one process instead of two processes.")
  var threads = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--records", records, in: 100...100_000_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let floor = try FloorBenchmark(rounds: records, cpus: rounds.cpus, threads: threads, clock: .calibrated())
    var (own, shared) = (LatencyRounds(), LatencyRounds())
    var parts: [[(label: String, key: String, value: Double)]] = []
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let measured = (
        try floor.cacheLineRound(sharedLine: false), try floor.cacheLineRound(sharedLine: true), floor.parts()
      )
      guard counts else { return }
      own.add(measured.0)
      shared.add(measured.1)
      parts.append(measured.2)
    }
    let fastest = Summary(own.all.p50).median <= Summary(shared.all.p50).median ? own : shared
    var report = Report(
      "floor", rounds,
      [.init("records", .integer(records)), .init("sides", .string(threads ? "threads" : "processes"))])
    report.latencies = [LatencyRow("cache line, there and back", "cache_line_rtt_ns", fastest)]
    report.rows =
      [
        Row("a line for each side, p50", "cache_line_rtt_two_lines_ns_p50", own.all.p50),
        Row("one line for both, p50", "cache_line_rtt_one_line_ns_p50", shared.all.p50),
      ]
      + parts[0].enumerated().map { index, part in
        Row(
          part.label, part.key, parts.map { $0[index].value }, part.key.hasSuffix("_per_s") ? .perSecond : .nanoseconds)
      }
    try report.publish(output)
  }
}

/// What this machine's parts cost, so that every figure stands beside its physical limit.
final class FloorBenchmark {
  private let partner: Partner
  private let stamps: UnsafeMutableBufferPointer<UInt64>
  private let clock: TickClock

  private static let instructionLoops = 200_000
  private static let systemCallLoops = 20_000
  private static let largeCopyBytes = 16 << 20
  private static let lineCopyBytes = 64
  private static let interruptionWatchNs: Double = 50_000_000

  init(rounds: Int, cpus: CPUList, threads: Bool, clock: TickClock) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    stamps = .allocate(capacity: rounds + 1)
    stamps.initialize(repeating: 0)
    self.clock = clock
  }

  deinit {
    stamps.deallocate()
  }

  /// - Parameter sharedLine: both sides write the same line; otherwise each has its own.
  func cacheLineRound(sharedLine: Bool) throws -> LatencyRecorder {
    partner.gate.clearBounceWords()
    try partner.prepare(
      PartnerTask(
        work: .bounce, records: UInt64(stamps.count - 1), batch: sharedLine ? 1 : 2,
        interruptionTicks: clock.interruption))
    partner.begin()
    let own = FloorWork.bounce(partner.gate, stamps: stamps, threshold: clock.interruption, sharedLine: sharedLine)
    partner.waitUntilDone()
    return LatencyRecorder(
      stamps: UnsafeBufferPointer(stamps), interruptions: own + partner.interruptions, clock: clock)
  }

  private func ns(_ loops: Int, _ body: () -> Void) -> Double {
    let start = rp_ticks()
    for _ in 0..<loops { body() }
    return Double(rp_ticks() &- start) / clock.ticksPerNs / Double(loops)
  }

  /// One measurement of each part.
  func parts() -> [(label: String, key: String, value: Double)] {
    let loops = Self.instructionLoops
    // Memory that others might see, or the compiler would drop the store and the fence.
    let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    defer { word.deallocate() }
    var time = timespec()
    var result: [(label: String, key: String, value: Double)] = []
    func add(_ key: String, _ label: String, _ value: Double) { result.append((label, key, value)) }
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
    let threshold = clock.interruption
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

/// The bare exchange of one cache line between two processors: no ring can be faster.
enum FloorWork {
  /// - Parameter stamps: get the moment of each return, the first that of the start.
  /// - Returns: this side's interruptions.
  static func bounce(
    _ gate: borrowing Gate, stamps: UnsafeMutableBufferPointer<UInt64>, threshold: UInt64, sharedLine: Bool
  ) -> [Interruption] {
    let own = gate.bounceWord(0, shared: sharedLine)
    let other = gate.bounceWord(1, shared: sharedLine)
    return Interruption.noted { found in
      let start = rp_ticks()
      var watch = InterruptionWatch(found, threshold: threshold, now: start)
      stamps[0] = start
      for index in 1..<stamps.count {
        let number = UInt64(truncatingIfNeeded: index)
        rm_store_release_u64(own, number)
        while rm_load_acquire_u64(other) != number {
          rm_pause()
          watch.look(rp_ticks())
        }
        let now = rp_ticks()
        watch.look(now)
        stamps[index] = now
      }
      return watch.count
    }
  }

  static func bounceBack(_ gate: borrowing Gate, rounds: UInt64, threshold: UInt64, sharedLine: Bool) {
    let own = gate.bounceWord(1, shared: sharedLine)
    let other = gate.bounceWord(0, shared: sharedLine)
    var watch = InterruptionWatch(gate.interruptions, threshold: threshold, now: rp_ticks())
    var number: UInt64 = 1
    while number <= rounds {
      while rm_load_acquire_u64(other) != number {
        rm_pause()
        watch.look(rp_ticks())
      }
      rm_store_release_u64(own, number)
      watch.look(rp_ticks())
      number &+= 1
    }
    gate.setInterruptions(watch.count)
  }
}
