import ArgumentParser
import CRingmaster
import CRingperf
import EventJSON
import EventModel
import RingmasterClient

struct DispatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatch",
    abstract: "From an event to its result, through a real dispatcher process, at a fixed rate.",
    discussion: """
      Starts ringmasterd with a socket and shared memory of its own. Events (heartbeats that ask for their result, so \
      that each is a transaction) are due at a fixed rate, and the latency of each counts from the moment it was due to \
      the last record of its result on the result ring: an event that had to wait because the ones before it were slow \
      is charged for the wait. Round trips over bare rings run in turn with it.

      An interruption of this side of over 2 µs is noticed in its loop, one of the dispatcher of over 5 µs by its counter \
      "interruptions": while it spins without work, not while it handles something.

      JSON: rtt_ns_p50, rtt_ns_p99, rtt_ns_p999, rtt_ns_interrupted (the share of events that an interruption fell into), \
      rtt_ns_uninterrupted_p99 and _p999; the same of pingpong_rtt_ns; ratio_to_pingpong.
      """)

  @Option(help: "Events due in a second.")
  var rate = 100_000.0

  @Option(help: "Events of a round.")
  var records = 100_000

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--records", records, in: 100...100_000_000)
    guard rate >= 1, rate <= 1e8 else { throw ValidationError("--rate: expected 1 to 100000000, got \(rate)") }
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let dispatch = try DispatchBenchmark(rate: rate, events: records, cpus: rounds.cpus, clock: clock)
    let pingPong = try PingPongBenchmark(
      capacity: 4096, rounds: min(records, 100_000), cpus: rounds.cpus, threads: false, clock: clock)
    let latencies = try Rounds.latencies(rounds, arms: [dispatch.round, pingPong.round])
    let (results, trips) = (latencies[0], latencies[1])
    var report = Report("dispatch", rounds, [.init("rate", .decimal(rate)), .init("records", .integer(records))])
    report.latencies = [
      LatencyRow("event to result", "rtt_ns", results),
      LatencyRow("bare rings, there and back", "pingpong_rtt_ns", trips),
    ]
    report.rows = [
      Row("p50 to bare rings", "ratio_to_pingpong", Summary.ratios(results.all.p50, trips.all.p50), .ratio)
    ]
    try report.publish(output)
  }
}

/// From an event's intended moment of sending to the last record of its result, through a real dispatcher process.
///
/// Events are due at a fixed rate whether or not earlier ones have been answered, and each counts from the moment it was
/// due: a dispatcher that stalls is charged for everything that waited meanwhile.
final class DispatchBenchmark {
  private let dispatcher: DispatcherUnderTest
  private var peer: Attachment
  private let workers: [WorkerHandle]
  private let rate: Double
  private let events: Int
  private let clock: TickClock
  private let interruptions: LiveCounter
  /// Of each event.
  private let ticks: UnsafeMutableBufferPointer<UInt64>
  /// The dispatcher's interruptions when it was published; then, whether it met one.
  private let marks: UnsafeMutableBufferPointer<UInt64>

  private static let workerCount = 1000
  private static let ringCapacity = 16_384

  /// - Parameters:
  ///   - rate: events a second.
  ///   - events: in a round.
  init(rate: Double, events: Int, cpus: CPUList, clock: TickClock) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    workers = try dispatcher.registerWorkers(Self.workerCount)
    peer = try dispatcher.attach(
      role: .control, name: "ringperf-dispatch", submissionCapacity: Self.ringCapacity,
      resultCapacity: Self.ringCapacity)
    self.rate = rate
    self.events = events
    self.clock = clock
    interruptions = try LiveCounter(instance: dispatcher.instance, process: "ringmasterd", label: "interruptions")
    ticks = .allocate(capacity: events)
    ticks.initialize(repeating: 0)
    marks = .allocate(capacity: events)
    marks.initialize(repeating: 0)
  }

  deinit {
    ticks.deallocate()
    marks.deallocate()
  }

  func round() throws -> LatencyRecorder {
    let noted = UnsafeMutableBufferPointer<Interruption>.allocate(capacity: Interruption.capacity)
    defer { noted.deallocate() }
    var watch = InterruptionWatch(noted, threshold: clock.interruption, now: rp_ticks())
    let interval = clock.ticksPerNs * 1e9 / rate
    var firstPosition: UInt64 = 0
    var sent = 0
    var answered = 0
    var recordsLeft: UInt32 = 0
    var current = 0
    let start = rp_ticks() &+ clock.ticks(ns: 1_000_000)
    func due(_ index: Int) -> UInt64 { start &+ UInt64(Double(index) * interval) }
    var nextDue = start
    // The dispatcher's interruptions when the next event became due.
    var mark: UInt64?
    while answered < events {
      let now = rp_ticks()
      watch.look(now)
      if sent < events, now >= nextDue {
        if mark == nil { mark = interruptions.value }
        // A full ring is tried again; the moment it was due stays.
        if let id = peer.submission.publishHeartbeatWantingResult(workers[sent % workers.count]) {
          peer.submission.flush()
          // It may have rung the dispatcher's bell.
          watch.skip(to: rp_ticks())
          if sent == 0 { firstPosition = id.position }
          marks[sent] = mark ?? 0
          mark = nil
          sent += 1
          nextDue = due(sent)
        }
      }
      guard let payload = try peer.results.nextHead() else {
        rm_pause()
        continue
      }
      let kind = UInt32(truncatingIfNeeded: payload.words.0 & 0xFF)
      if kind == RM_KIND_TRANSACTION {
        let transaction = unsafeBitCast(payload, to: rm_transaction_head.self)
        guard transaction.outcome == 0 else { throw BenchmarkError("the dispatcher did not apply an event") }
        current = Int(truncatingIfNeeded: transaction.origin_position &- firstPosition)
        recordsLeft = transaction.action_count &+ transaction.kill_count
      } else if kind == RM_KIND_ACTION || kind == RM_KIND_KILL {
        recordsLeft &-= 1
      } else {
        throw BenchmarkError("a record of kind \(kind) on the result ring: results were lost")
      }
      guard recordsLeft == 0 else { continue }
      guard current >= 0, current < sent else { throw BenchmarkError("a result for no event of this round") }
      let done = rp_ticks()
      watch.look(done)
      ticks[current] = done &- due(current)
      marks[current] = interruptions.value != marks[current] || watch.hasSeen(after: due(current)) ? 1 : 0
      answered += 1
    }
    var recorder = LatencyRecorder()
    for (value, mark) in zip(ticks, marks) { recorder.record(ns: clock.ns(value), isInterrupted: mark != 0) }
    return recorder
  }
}
