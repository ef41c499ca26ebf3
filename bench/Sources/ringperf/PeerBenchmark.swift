#if Compare
  import CPeerQueues
  import CRingperf
  import Foundation
  import Platform

  /// The same work as the ring's benchmarks do, over another design.
  final class PeerBenchmark {
    let design: Int32
    let name: String
    /// Designs with pointers in them work between threads only.
    let isBetweenProcesses: Bool
    let takesBursts: Bool
    private let partner: Partner
    private let capacity: Int
    private let folder: URL
    private let memoryNames: [String]
    private let memory: [SharedMemoryBox]
    private let clock: TickClock

    /// Messages of a round over rings and over queues of the kernel, which are slower by orders of magnitude.
    private static let streamMessages: (ring: UInt64, kernel: UInt64) = (2_000_000, 50_000)
    private static let roundTrips: (ring: Int, kernel: Int) = (20_000, 1000)

    static var designs: [Int32] {
      Array(0..<pq_design_count())
    }

    static func name(of design: Int32) -> String {
      String(cString: pq_design_name(design))
    }

    init(design: Int32, capacity: Int, cpus: CPUList, threads: Bool, clock: TickClock) throws {
      self.design = design
      self.capacity = capacity
      self.clock = clock
      name = Self.name(of: design)
      isBetweenProcesses = pq_works_between_processes(design) != 0 && !threads
      takesBursts = pq_takes_bursts(design) != 0
      partner = try Partner.start(cpus: cpus.other, asThread: !isBetweenProcesses)
      folder = FileManager.default.temporaryDirectory.appending(path: "\(ObjectNames.folderPrefix)\(design)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let bytes = max(pq_memory_bytes(design, UInt32(capacity)), 1)
      memoryNames = [ObjectNames.next("peer"), ObjectNames.next("peer")]
      memory = try memoryNames.map {
        SharedMemoryBox(try SharedMemory.create(name: $0, size: Int(bytes), guarded: false))
      }
    }

    deinit {
      for name in memoryNames { SharedMemory.unlink(name: name) }
      try? FileManager.default.removeItem(at: folder)
    }

    private func isKernelQueue() -> Bool {
      pq_is_kernel_queue(design) != 0
    }

    private func task(_ work: PartnerTask.Work, records: UInt64, batch: Int = 1) -> PartnerTask {
      PartnerTask(
        work: work, rings: memoryNames, records: records, batch: batch, design: design, capacity: capacity,
        path: folder.path)
    }

    private func open(_ index: Int, _ side: Int32) throws -> OpaquePointer {
      try PeerEnd.open(
        design: design, side: side, memory: memory[index].memory.base, capacity: capacity,
        path: "\(folder.path)/\(index)")
    }

    /// - Returns: messages a second.
    func stream(burst: Int) throws -> Double {
      let messages = isKernelQueue() ? Self.streamMessages.kernel : Self.streamMessages.ring
      let receiver = try open(0, Int32(PQ_RECEIVER))
      defer { pq_close(receiver) }
      try partner.prepare(task(.peerSend, records: messages, batch: burst))
      var sum: UInt64 = 0
      let start = rp_ticks()
      partner.begin()
      let code = pq_receive(receiver, messages, UInt32(burst), &sum)
      let end = rp_ticks()
      guard code == 0 else { throw SystemError("receive over \(name)", code: code) }
      partner.waitUntilDone()
      guard sum == messages * (messages - 1) / 2 else { throw BenchmarkError("\(name) lost or changed messages") }
      return Double(messages) / (Double(end &- start) / clock.ticksPerNs / 1e9)
    }

    func pingPong() throws -> LatencyRecorder {
      let rounds = isKernelQueue() ? Self.roundTrips.kernel : Self.roundTrips.ring
      let back = try open(1, Int32(PQ_RECEIVER))
      defer { pq_close(back) }
      try partner.prepare(task(.peerAnswer, records: UInt64(rounds)))
      let there = try open(0, Int32(PQ_SENDER))
      defer { pq_close(there) }
      partner.begin()
      var ticks = [UInt64](repeating: 0, count: rounds)
      let code = pq_ask(there, back, UInt64(rounds), &ticks)
      guard code == 0 else { throw SystemError("ask over \(name)", code: code) }
      partner.waitUntilDone()
      var recorder = LatencyRecorder()
      // The first holds the start of the other side.
      for value in ticks.dropFirst() { recorder.record(ns: clock.ns(value)) }
      return recorder
    }
  }
#endif
