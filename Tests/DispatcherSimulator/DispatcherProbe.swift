import CRingmaster
import Controller
import Dispatcher
import DispatcherSettings
import EventCodec
import EventModel
import Journal
import Logging
import Platform
import RingmasterClient

/// One whole dispatcher with a small cluster, on a disk and a clock of its own, for whoever has input that nobody expects.
///
/// Whatever comes, the dispatcher stays up and comes to rest, what it sends decodes, no peer is disconnected but the one that
/// publishes, and another dispatcher starts on the journal and comes to the same state: all else is a failed precondition.
/// Driven by one thread; one at a time in a thread.
package final class DispatcherProbe {
  private let time = SimulatedTime(bootNs: 1_000_000_000_000, wallMs: 1_700_000_000_000)
  private let disk = SimulatedDisk()
  private let counters: SteppedDispatcher.Counters
  private var configuration = DispatcherConfiguration()
  private var dispatcher: SteppedDispatcher
  private var peers: [Peer] = []
  /// nil once it is disconnected.
  private var publisher: Peer?

  private final class Peer {
    let id: UInt32
    /// nil of one that was greeted.
    let request: SteppedDispatcher.Request?
    var submission: SubmissionPort?
    var results: ResultPort?
    /// It comes back.
    var reply: SteppedDispatcher.Reply?

    init(_ reply: SteppedDispatcher.Reply, _ request: SteppedDispatcher.Request? = nil) throws {
      id = reply.peer
      self.request = request
      guard reply.descriptors.raw.count == 6 else { return }
      var ports = try SimulatedPeer.Ends(reply).ports(peer: reply.peer, epoch: reply.epoch)
      submission = ports.takeSubmission()
      results = ports.takeResults()
    }

    func renew(lastTransaction: UInt64) {
      guard let reply = reply.take() else { return }
      do {
        try SimulatedPeer.Ends(reply).renew(
          &submission, &results, lastTransaction: lastTransaction, epoch: reply.epoch)
      } catch {
        preconditionFailure("the rings of a peer that is back cannot be mapped: \(error)")
      }
    }
  }

  /// Do the peers read what they are sent?
  package var peersRead = true

  private var callsBefore = 0

  // No larger than they need be: what a fuzzer has no time for is not fuzzed.
  private static let submissionCapacity = 1024
  private static let resultCapacity = Int(RM_RESULT_MIN_CAPACITY)

  /// Starts the dispatcher, with two workers, a job that runs on them, one that no worker has room for, and two dead
  /// letters: an event and a record that is none.
  ///
  /// - Parameters:
  ///   - instance: names the rings in shared memory.
  ///   - counters: of all probes of a process.
  package init(instance: String, counters: SteppedDispatcher.Counters) throws {
    self.counters = counters
    configuration.instance = instance
    configuration.journal = JournalSettings(folder: SimulatedDisk.folder)
    configuration.journal?.writer.queueBytes = JournalConfiguration.minimumQueueBytes
    configuration.journal?.writer.segmentBytes = 40 << 10
    configuration.controller.workerTimeoutMs = 2000
    // One worker more than there are.
    configuration.controller.brakeMinimumWorkers = 3
    configuration.userLimits.ringBytes = 1 << 20
    configuration.resultBacklogBytes = 16 << 10
    (configuration.deadLetters.letters, configuration.deadLetters.lettersPerPeer) = (16, 8)
    dispatcher = try Self.start(configuration, disk, counters)
    try attach(.control)
    for name in ["w1", "w2"] {
      publish(.workerRegistered(name, address: "a", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000))))
    }
    var request = JobRequest()
    request.replicas = 3
    publish(.jobSubmitted("j1", request: request))
    request.resources.milliCPU = 8000
    publish(.jobSubmitted("big", request: request))
    publish(.jobCancelled(.name("none"), reason: "dead letter 1"))
    var malformed = rm_event_head()
    (malformed.kind, malformed.slots) = (EventKind.jobSubmitted.rawValue, 1)
    publish(slots: [malformed])
    noteJournal()
  }

  deinit {
    SteppedDispatcher.removeRings(instance: configuration.instance)
  }

  private static func start(
    _ configuration: DispatcherConfiguration, _ disk: SimulatedDisk, _ counters: SteppedDispatcher.Counters
  ) throws -> SteppedDispatcher {
    var parts = DispatcherParts()
    parts.journalCalls = disk.journalCalls()
    return try SteppedDispatcher(
      configuration, parts: parts, counters: counters,
      log: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Attaches a peer, which is the one that publishes from then on.
  package func attach(_ role: Role) throws {
    let request = SteppedDispatcher.Request(
      name: "probe", role: role, submissionCapacity: Self.submissionCapacity, resultCapacity: Self.resultCapacity,
      subscription: RM_SUBSCRIBE_TRANSACTIONS, token: [UInt8](repeating: 7, count: Int(RM_TOKEN_BYTES)))
    guard let reply = try dispatcher.attach(request) else { preconditionFailure("no place for a peer") }
    let peer = try Peer(reply, request)
    peers.append(peer)
    publisher = peer
    settle()
    noteJournal()
  }

  /// A first message on the control socket.
  package func greet(_ message: [UInt8]) throws {
    guard let reply = try dispatcher.attach(message) else { return }
    peers.append(try Peer(reply))
    settle()
  }

  /// Puts slots into the ring of the publisher, as they are.
  ///
  /// - Parameter areRead: the dispatcher has time to read them.
  package func publish(slots: some Sequence<rm_event_head>, areRead: Bool = true) {
    for slot in slots {
      if publisher?.submission?.publish(raw: slot) == nil { settle() }
    }
    if areRead { settle() }
  }

  /// Publishes an event, if a record of its ring holds it.
  package func publish(_ event: Event) {
    _ = try? publisher?.submission?.publish(event, wantsResult: true)
    settle()
  }

  /// Lets time pass in which nothing comes: all workers are lost.
  package func beSilent() {
    for _ in 0..<100 {
      time.advance(ns: 50_000_000)
      settle()
    }
  }

  /// Lets the dispatcher do all that it can, and reads what it sent.
  package func settle() {
    var turns = 0
    var hasWorked = true
    while hasWorked {
      hasWorked = dispatcher.turn()
      while case .committed = dispatcher.commit() { hasWorked = true }
      for peer in peers where peersRead { hasWorked = read(peer) || hasWorked }
      time.advance(ns: 100_000)
      turns += 1
      precondition(turns < 100_000, "the dispatcher does not come to rest")
    }
    while let notice = dispatcher.nextNotice() {
      switch notice {
      case .admitted(let id, _, let last): peers.first { $0.id == id }?.renew(lastTransaction: last)
      case .quarantined(let id, let reason):
        precondition(id == publisher?.id, "peer \(id) was detached, but published nothing: \(reason)")
        forget(id)
      case .removed(let id): forget(id)
      default: break
      }
    }
    dispatcher.tend()
  }

  private func forget(_ id: UInt32) {
    peers.removeAll { $0.id == id }
    if publisher?.id == id { publisher = nil }
  }

  private func read(_ peer: Peer) -> Bool {
    var hasRead = false
    do {
      while let message = try peer.results?.next() {
        withExtendedLifetime(message) {}
        hasRead = true
      }
    } catch {
      preconditionFailure("the dispatcher sent what does not decode: \(error)")
    }
    return hasRead
  }

  package var lastTransaction: UInt64 { dispatcher.read { $0.transactionLog.lastNumber } }

  /// Was anything written to the journal since the last call of `attach`?
  package var hasJournaled: Bool { disk.calls != callsBefore }

  private func noteJournal() {
    callsBefore = disk.calls
  }

  /// Makes a snapshot, with which the next dispatcher begins.
  package func makeSnapshot() throws {
    var policy = SnapshotKeeper.Policy()
    (policy.minimumBytes, policy.sizeFactor, policy.minimumAgeMs, policy.intervalMs) = (0, 0, 0, 0)
    var keeper = SnapshotKeeper(
      folder: SimulatedDisk.folder, configuration: configuration.controller, policy: policy,
      calls: disk.journalCalls(isImmortal: true))
    while try keeper.turn() == .working {}
  }

  /// Kills the dispatcher and starts another one.
  ///
  /// - Parameter keepingRings: the memory is there still, and its peers come back.
  package func restart(keepingRings: Bool = false) throws {
    while case .committed = dispatcher.commit() {}
    let broken = dispatcher.read { $0.checkInvariants() }
    precondition(broken.isEmpty, broken.joined(separator: ", "))
    let hash = dispatcher.read { $0.stateHash }
    disk.endLife()
    if !keepingRings {
      peers = []
      SteppedDispatcher.removeRings(instance: configuration.instance)
    }
    dispatcher = try Self.start(configuration, disk, counters)
    precondition(dispatcher.read { $0.stateHash } == hash, "the journal tells another state")
    // What they wrote before is read while they are away.
    settle()
    let returning = peers.filter { $0.request != nil }
    peers = []
    for peer in returning {
      peer.reply = try dispatcher.attach(
        peer.request!, returning: peer.id, lastTransaction: peer.results?.progress.lastTransaction ?? 0,
        epoch: peer.results?.epoch ?? 0)
      if peer.reply != nil { peers.append(peer) }
    }
    if !peers.contains(where: { $0 === publisher }) { publisher = nil }
    settle()
  }
}
