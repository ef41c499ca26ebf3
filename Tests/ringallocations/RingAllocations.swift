import CAllocationCounter
import CRingmaster
import Dispatcher
import DispatcherSettings
import EventCodec
import EventModel
import EventRing
import Logging
import Platform

/// Counts what the dispatch thread allocates for a million heartbeats and the liveness sweeps between them, in whatever build
/// this is: `HotPathTests` do it in the unoptimised one. Fails unless it is nothing.
@main
struct RingAllocations {
  private static let workers = 1000
  private static let (rounds, batch) = (500, 2000)

  static func main() throws {
    var configuration = DispatcherConfiguration()
    configuration.instance = "allocations-\(Machine.processID())"
    defer { SteppedDispatcher.removeRings(instance: configuration.instance) }
    let counters = try SteppedDispatcher.Counters(instance: configuration.instance)
    let dispatcher = try SteppedDispatcher(
      configuration, parts: DispatcherParts(), counters: counters,
      log: Logger(label: "allocations") { _ in SwiftLogNoOpLogHandler() })
    let request = SteppedDispatcher.Request(
      name: "allocations", role: .ingest, submissionCapacity: 4096, resultCapacity: 4096, subscription: 0,
      token: [UInt8](repeating: 7, count: Int(RM_TOKEN_BYTES)))
    guard let reply = try dispatcher.attach(request) else { preconditionFailure("there is no place for a peer") }
    let ring = try SharedRing.attach(FileDescriptor.duplicate(of: reply.descriptors.raw[0]))
    var producer = ring.producer()
    var writer = RecordWriter()
    for number in 0..<workers {
      let event = Event.workerRegistered(
        "w\(number)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)))
      guard try producer.tryPublish(writer.encode(event, wantsResult: false, timestampNs: 0)) != nil else {
        preconditionFailure("the ring holds all registrations")
      }
    }
    while dispatcher.turn() {}
    let handles = dispatcher.read { state in
      (0..<workers).compactMap { state.nextWorker(from: $0, listsTasks: false)?.handle }
    }
    var head = rm_event_head()
    head.kind = EventKind.workerHeartbeat.rawValue
    head.slots = 1
    var allocations: UInt64 = 0
    // One round to warm up.
    for round in 0...rounds {
      for index in 0..<batch {
        head.subject = handles[index % workers].rawValue
        precondition(producer.tryPublish(head) != nil, "the ring holds a round")
      }
      let before = allocation_count_of_this_thread()
      while dispatcher.turn() {}
      if round > 0 { allocations += allocation_count_of_this_thread() - before }
    }
    let before = allocation_count_of_this_thread()
    withExtendedLifetime([UInt8](repeating: 0, count: Int.random(in: 100...200))) {}
    precondition(allocation_count_of_this_thread() > before, "the counter sees an allocation")
    precondition(counters.records == UInt64(workers + (rounds + 1) * batch), "all were handled")
    print("\(allocations) allocations for \(rounds * batch) heartbeats")
    precondition(allocations == 0, "a heartbeat allocates nothing")
  }
}
