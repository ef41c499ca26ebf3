import EventCodec
import EventModel
import SeededRandom
import Worker

/// A machine whose worker runs programs: the worker's real session, between a simulated driver and the real ends of its rings.
final class SimulatedMachine {
  let name: String
  let driver: SimulatedDriver
  let store = SimulatedStore()
  var peer: SimulatedPeer?
  /// Nil while the worker's process is not there, or looks for the dispatcher.
  var session: WorkerSession?
  /// The process has been killed, and not been begun again.
  var isDown = false
  /// SIGSTOP.
  var isStopped = false
  /// It is suspended, with all that runs on it.
  private(set) var isAsleep = false
  private var wokeNs: UInt64 = 0
  /// Boots of it, from 0.
  private(set) var boot = 0
  /// The lease that the fence has acted on.
  private var fencedNs: UInt64 = 0

  init(name: String, seed: UInt64) {
    self.name = name
    driver = SimulatedDriver(seed: seed)
  }

  /// The programs and the fence go on to a moment, whatever becomes of the worker.
  func advance(toNs ns: UInt64) {
    if isAsleep { return }
    let lease = store.lease
    let dueNs = lease.deadlineNs &+ lease.terms.fenceDelayNs
    if lease.deadlineNs != 0, dueNs <= ns, fencedNs != lease.deadlineNs {
      fencedNs = lease.deadlineNs
      for (id, program) in driver.programs where program.isAlive && !program.launch.runsOnWhenCutOff {
        if var note = store.notes()[id], note.stopReason == nil {
          note.stopReason = .fenced
          try? store.write(note, of: id)
        }
        let actsNs = max(dueNs, wokeNs)
        driver.stop(id, timeoutMs: lease.fenceStopMs(nowNs: actsNs), fromNs: actsNs)
      }
    }
    driver.advance(toNs: ns)
  }

  func sleep(atNs ns: UInt64) {
    advance(toNs: ns)
    isAsleep = true
  }

  func wake(atNs ns: UInt64) {
    guard isAsleep else { return }
    (isAsleep, wokeNs) = (false, ns)
    advance(toNs: ns)
  }

  func workerEnded() {
    session = nil
    driver.workerEnded()
  }

  func losePower(_ random: inout SeededGenerator) {
    session = nil
    isAsleep = false
    boot += 1
    fencedNs = 0
    driver.machineEnded()
    store.losePower(&random)
  }
}

/// A worker's rings, as those of any peer here.
final class SimulatedLink: WorkerLink {
  private let simulated: SimulatedPeer
  let cluster: String
  /// Of what it publishes.
  private let whenPublished: (Event) -> Void

  init(_ peer: SimulatedPeer, cluster: String, whenPublished: @escaping (Event) -> Void) {
    simulated = peer
    self.cluster = cluster
    self.whenPublished = whenPublished
  }

  var peer: UInt32 { simulated.id }
  var isAway: Bool { simulated.stage != .attached }

  func publish(_ event: Event, wantsResult: Bool) throws -> EventID? {
    let id = try simulated.place(event, wantsResult: wantsResult)
    if id != nil { whenPublished(event) }
    return id
  }

  func publishHeartbeat(_ worker: WorkerHandle) -> Bool {
    simulated.submission?.publishHeartbeat(worker, timestampNs: 0) ?? false
  }

  func query(_ entity: QueryEntity, about: EntityReference, cursor: UInt64, limit: Int) throws -> UInt64? {
    guard let request = try simulated.submission?.query(entity, about: about, cursor: cursor, limit: limit) else {
      return nil
    }
    simulated.queries.insert(request)
    return request
  }

  func next() -> ResultMessage? {
    simulated.inbox.isEmpty ? nil : simulated.inbox.removeFirst()
  }

  func flush() { simulated.submission?.flush() }
}
