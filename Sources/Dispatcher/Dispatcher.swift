import CRingmaster
import ControlPlane
import DispatcherSettings
import EventRing
import Logging
import Platform
import ServiceManager
import Telemetry

/// A dispatcher: its control socket, its threads, its counters.
public enum Dispatcher {
  private static let mailboxCapacity = 8192

  /// Runs a dispatcher until it is asked to stop, on the calling thread (control) and one more (dispatch).
  ///
  /// Uses the listening socket that the service manager passed, if it passed one, else binds `configuration.socketPath`.
  ///
  /// - Parameters:
  ///   - reread: reads the configuration anew when that is requested; on the calling thread. What a running dispatcher
  ///     cannot change must be as it was: where it listens, its instance, its journal, the sizes of its logs. An error
  ///     leaves all settings as they are, and is logged. Without it, a request to reload is one to stop.
  ///   - isReady: called once, when clients can attach.
  /// - Throws: `SystemError` when another dispatcher holds the instance or the socket, or a resource cannot be had;
  ///   `JournalError` when the journal cannot be gone on with, `JournalFailure` when it could no longer be written;
  ///   `CounterPageError` when the instance's name cannot be used.
  public static func run(
    configuration: DispatcherConfiguration, parts: DispatcherParts = DispatcherParts(), requests: ControlRequests,
    reread: (() throws -> DispatcherConfiguration)? = nil, log: Logger, isReady: () -> Void = {}
  ) throws {
    precondition(
      (1...AttentionBoard.lanes).contains(configuration.maximumPeers), "1 to \(AttentionBoard.lanes) peers are possible"
    )
    try CounterPage.checkInstance(configuration.instance)
    try SharedMemory.installTruncationGuard()
    // Before there is another thread, the log's too: from then on the kernel takes milliseconds for it.
    let barrier: ParkingBarrier = MemoryBarrier.register() && MemoryBarrier.issue() ? .byConsumer : .fence
    // Holds the instance until this function returns, or the process ends in any other way.
    let lock = try InstanceLock.take(configuration.instance, log)
    let listener = try ControlListener.open(configuration, log)
    // Without it, a start that takes longer than a lease makes workers stop their tasks.
    var start: StartLock? = try? StartLock.take(socketPath: configuration.socketPath)
    DescriptorBudget(configuration).check(for: configuration.maximumPeers, log)
    var takeover = try Takeover(configuration, parts, names: lock.names, log)
    let (epoch, peers, registry) = (takeover.recovery.epoch, takeover.peers, takeover.registry)

    let page = try CounterPage.create(
      instance: configuration.instance, process: CounterAccess.dispatchPage, labels: DispatcherCounter.self)
    let controlPage = try CounterPage.create(
      instance: configuration.instance, process: CounterAccess.controlPage, labels: ControlCounter.self)
    let counters = page.counters(DispatcherCounter.self)

    let board = try AttentionBoard.create()
    let boardDescriptors = try board.duplicateDescriptors()
    let commands = try Mailbox<DispatchCommand>(capacity: mailboxCapacity)
    let notices = try Mailbox<ControlNotice>(capacity: mailboxCapacity)
    let dispatchBells = try DoorbellSet()
    let noticeBell = try Doorbell()

    let journalPage = try configuration.journal.map { _ in
      try CounterPage.create(
        instance: configuration.instance, process: CounterAccess.journalPage, labels: JournalCounter.self)
    }
    if !configuration.access.counterReaders.isEmpty { CounterAccess.grant(configuration, log) }
    let committer = try JournalThread(
      takeover.recovery.takeCommitter(), bell: try dispatchBells.bell(),
      counters: journalPage?.counters(JournalCounter.self))
    var loop = DispatchLoop(
      configuration: configuration, parts: parts, recovery: takeover.recovery, counters: counters, board: board,
      barrier: barrier,
      commands: commands.receiver(), notices: notices.sender())
    start.take()?.release()
    loop.goOn(with: peers)
    let journaling = try committer.start()
    let snapshots = try configuration.journal.map {
      try SnapshotThread($0, configuration, calls: parts.journalCalls, log).start()
    }
    let dispatch = DispatchThreadBox(
      DispatchThread(loop: loop, bells: try dispatchBells.duplicate(), noticeBell: try noticeBell.duplicate()))
    let thread = try NamedThread("rm-dispatch") { dispatch.run() }
    var control = ControlLoop(
      configuration: configuration, listener: listener, requests: requests, reread: reread, peers: registry,
      epoch: epoch,
      board: boardDescriptors,
      barrier: barrier, noticeBell: noticeBell, dispatchBells: dispatchBells,
      counters: controlPage.counters(ControlCounter.self),
      progress: DispatchProgress(
        turns: counters[.turns], heartbeats: counters[.heartbeatsApplied], transactions: counters[.transactions],
        journalWaitMs: counters[.journalWaitMs]), log: log,
      commands: commands.sender(), notices: notices.receiver())
    isReady()
    control.run()
    thread.join()
    journaling.stop()
    snapshots?.stop(isClean: control.journalFailure == nil)
    if let failure = control.journalFailure { throw failure }
    withExtendedLifetime(lock) {}
  }
}
