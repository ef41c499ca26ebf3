import ArgumentParser
import CRingmaster
import CRingperf
import EventRing
import Platform

struct StreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Throughput from one process to another.",
    discussion: """
      The other process publishes records of one slot as fast as it can; this one takes them out, adds up their numbers \
      and fails if the sum is wrong. With --producers N there are N rings into the one consumer; the other process \
      serves them in turn, --batch records to each.

      JSON: msgs_per_s, ns_per_msg, and cache_line_rtt_ns_p50, the bare exchange measured before each round.
      """)

  @Option(help: "Records to or from one ring before the next.")
  var batch = 1

  @Option(help: ArgumentHelp("Size of a ring: a power of two from 64 to 1048576.", valueName: "slots"))
  var capacity = RingCapacity(4096)

  @Option(help: "Records of a round, over all rings.")
  var records = 20_000_000

  @Option(help: "Rings into the one consumer.")
  var producers = 1

  @Flag(help: "Two threads of one process instead of two processes.")
  var threads = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  static let producerLimits = 1...1024

  func validate() throws {
    try expect("--batch", batch, in: 1...65_536)
    try expect("--records", records, in: 1000...100_000_000_000)
    try expect("--producers", producers, in: Self.producerLimits)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let benchmark = try StreamBenchmark(
      capacity: capacity.slots, records: max(records / producers, 1), batch: batch, producers: producers,
      cpus: rounds.cpus, threads: threads, clock: clock)
    let floor = try FloorBenchmark(rounds: 10_000, cpus: rounds.cpus, threads: threads, clock: clock)
    var rates: [Double] = []
    var lines: [Double] = []
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let line = try floor.fastestCacheLineRound().percentile(50)
      let rate = try benchmark.round()
      if counts {
        lines.append(line)
        rates.append(rate)
      }
    }
    var report = Report(
      "stream", rounds,
      [
        .init("batch", .integer(batch)), .init("capacity", .integer(capacity.slots)),
        .init("records", .integer(records)), .init("producers", .integer(producers)),
        .init("sides", .string(threads ? "threads" : "processes")),
      ])
    report.rows = [
      Row(producers == 1 ? "stream" : "stream, \(producers) rings", "msgs_per_s", rates, .perSecond),
      Row("a record", "ns_per_msg", rates.map { 1e9 / $0 }),
      Row("beside it, a bare cache line, there and back", "cache_line_rtt_ns_p50", lines),
    ]
    try report.publish(output)
  }
}

/// Throughput: another process publishes to one or many rings, this one takes everything out and checks it.
final class StreamBenchmark {
  private let partner: Partner
  private let names: [String]
  private let rings: UnsafeMutablePointer<SharedRing>
  private let consumers: UnsafeMutablePointer<RingConsumer>
  private let records: UInt64
  private let batch: Int
  private let clock: TickClock

  /// - Parameters:
  ///   - records: in each ring, a round.
  ///   - batch: records to or from one ring before the next.
  ///   - producers: rings; the partner serves all of them in turn.
  init(
    capacity: Int, records: Int, batch: Int, producers: Int, cpus: CPUList, threads: Bool, clock: TickClock
  ) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    names = (0..<producers).map { _ in ObjectNames.next("ring") }
    self.records = UInt64(records)
    self.batch = batch
    self.clock = clock
    rings = .allocate(capacity: producers)
    consumers = .allocate(capacity: producers)
    for (index, name) in names.enumerated() {
      let ring = try SharedRing.create(
        name: name, capacity: capacity, owner: RingOwner(peer: UInt32(index)), direction: RM_SUBMISSION)
      (consumers + index).initialize(to: ring.consumer())
      (rings + index).initialize(to: ring)
    }
  }

  deinit {
    consumers.deinitialize(count: names.count)
    rings.deinitialize(count: names.count)
    consumers.deallocate()
    rings.deallocate()
    for name in names { SharedMemory.unlink(name: name) }
  }

  /// - Returns: messages a second.
  func round() throws -> Double {
    try partner.prepare(PartnerTask(work: .produce, rings: names, records: records, batch: batch))
    let start = rp_ticks()
    partner.begin()
    let sum = StreamWork.consume(consumers, count: names.count, records: records, batch: batch)
    let end = rp_ticks()
    partner.waitUntilDone()
    let expected = UInt64(names.count) &* (records &* (records &- 1) / 2)
    guard sum == expected else {
      throw BenchmarkError("records were lost or changed: their numbers add up to \(sum), not \(expected)")
    }
    return Double(records) * Double(names.count) / (Double(end &- start) / clock.ticksPerNs / 1e9)
  }
}
