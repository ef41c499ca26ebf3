import EventModel
import Ingest

/// The workers of a fleet: who is registered under which handle, who is due to register or to send a heartbeat.
struct FleetRoster {
  enum Registration: Sendable, BitwiseCopyable {
    case due
    case sent(atNs: UInt64)
    case done
  }

  struct Worker {
    let name: String
    var handle = WorkerHandle.none
    var registration = Registration.due
    /// Says nothing any more.
    var isSilent = false
  }

  private(set) var workers: [Worker] = []
  private(set) var registered = 0
  private var byHandle: [WorkerHandle: Int] = [:]
  private var byName: [String: Int] = [:]
  /// Workers to be registered, and those that wait for the answer, both in the order of their turn.
  private var due: [Int]
  private var nextDue = 0
  private var sent: [(worker: Int, atNs: UInt64)] = []
  private var nextSent = 0
  private var inFlight = 0
  /// Heartbeats that have had their turn since the beginning: which worker is next follows from it.
  private var turns: UInt64 = 0
  private let startNs: UInt64
  private let intervalNs: UInt64

  init(count: Int, prefix: String, intervalMs: Int, startNs: UInt64) {
    let digits = String(count - 1).utf8.count
    for number in 0..<count {
      let text = String(number)
      let name = prefix + String(repeating: "0", count: digits - text.utf8.count) + text
      byName[name] = number
      workers.append(Worker(name: name))
    }
    due = Array(0..<count)
    self.startNs = startNs
    intervalNs = UInt64(intervalMs) * 1_000_000
  }

  func index(of handle: WorkerHandle) -> Int? {
    byHandle[handle]
  }

  func index(named name: String) -> Int? {
    byName[name]
  }

  mutating func silence(_ index: Int) {
    workers[index].isSilent = true
  }

  /// The workers to send a registration of now: as many as one step may send and the way there can hold.
  mutating func takeDueRegistrations(nowNs: UInt64) -> [Int] {
    repeatUnanswered(nowNs: nowNs)
    var taken: [Int] = []
    while nextDue < due.count, taken.count < FleetLimits.registrationsPerStep,
      inFlight < FleetLimits.registrationsInFlight
    {
      let index = due[nextDue]
      nextDue += 1
      guard case .due = workers[index].registration, !workers[index].isSilent else { continue }
      workers[index].registration = .sent(atNs: nowNs)
      sent.append((index, nowNs))
      inFlight += 1
      taken.append(index)
    }
    if nextDue == due.count {
      due.removeAll(keepingCapacity: true)
      nextDue = 0
    }
    return taken
  }

  private mutating func repeatUnanswered(nowNs: UInt64) {
    while nextSent < sent.count, sent[nextSent].atNs + FleetLimits.registrationRetryNs <= nowNs {
      let (index, atNs) = sent[nextSent]
      nextSent += 1
      guard case .sent(atNs) = workers[index].registration else { continue }
      inFlight -= 1
      makeDue(index)
    }
    if nextSent == sent.count {
      sent.removeAll(keepingCapacity: true)
      nextSent = 0
    }
  }

  private mutating func makeDue(_ index: Int) {
    workers[index].registration = .due
    due.append(index)
  }

  /// Notes the handle that a worker was given; an answer to a repetition changes nothing.
  mutating func acknowledge(_ index: Int, handle: WorkerHandle) {
    switch workers[index].registration {
    case .done: return
    case .sent: inFlight -= 1
    case .due: break
    }
    byHandle[workers[index].handle] = nil
    byHandle[handle] = index
    workers[index].handle = handle
    workers[index].registration = .done
    registered += 1
  }

  /// The handle names no worker any more: its worker, unless silent, is to register again.
  ///
  /// - Returns: the worker; nil when it has another handle meanwhile, or none of ours had this one.
  mutating func forget(_ handle: WorkerHandle) -> Int? {
    guard let index = byHandle[handle], case .done = workers[index].registration else { return nil }
    byHandle[handle] = nil
    registered -= 1
    makeDue(index)
    return index
  }

  /// Visits the workers whose heartbeat became due since the last call. Their turns are spread evenly over the interval;
  /// after a stall each gets one turn and not all it missed.
  mutating func takeDueHeartbeats(nowNs: UInt64, _ visit: (WorkerHandle) -> Void) {
    let count = UInt64(workers.count)
    let turnsByNow = intervalNs.dividingFullWidth((nowNs - startNs).multipliedFullWidth(by: count)).quotient
    if turnsByNow - turns > count { turns = turnsByNow - count }
    while turns < turnsByNow {
      let worker = workers[Int(turns % count)]
      turns += 1
      if case .done = worker.registration, !worker.isSilent { visit(worker.handle) }
    }
  }
}
