import Dispatcher
import DispatcherSettings
import Journal
import Logging
import Platform

/// How dispatchers start and end.
extension DispatcherSimulation {
  /// An older state of the journal.
  struct Backup {
    let contents: [String: [UInt8]]
    /// Of the dispatcher that was writing it.
    let life: Int
    let peers: [UInt32: SimulatedPeer]
  }

  private static let backupsKept = 3
  private static let backupFolder = "/backup"
  /// Starts in a row that a fault may spoil before it is taken away.
  private static let spoiltStarts = 3

  func start() throws {
    var salvages = false
    var tries = 0
    while true {
      tries += 1
      life += 1
      if tries > Self.spoiltStarts { disk.faults = SimulatedDisk.Faults() }
      let diskLife = disk.life
      let faultsBefore = disk.faults
      var settings = configuration
      settings.journal?.salvages = salvages
      do {
        let started = try SteppedDispatcher(
          settings, parts: parts(), counters: counters,
          log: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        dispatcher = started
        try afterStart(started)
      } catch let violation as Violation {
        throw violation
      } catch {
        dispatcher = nil
        let wasSpoilt =
          disk.life != diskLife || faultsBefore.isFull || faultsBefore.callsUntilError != disk.faults.callsUntilError
        if disk.life != diskLife, random.chance(50) { losePower() }
        // Somebody edits the file before it is started again.
        if random.chance(20) { reconfigure() }
        disk.endLife()
        time.advance(ns: 100_000_000)
        if wasSpoilt, tries <= 2 * Self.spoiltStarts { continue }
        if isDamaged, !salvages {
          salvages = true
          continue
        }
        throw Violation(
          check: salvages ? "salvage fails" : wasSalvaged ? "salvage needed again" : "recovery fails",
          message: "the dispatcher does not start\(salvages ? " with --salvage" : ""): \(error)")
      }
      guard salvages else {
        if isDamaged { account.forgetTold() }
        (isDamaged, isBitFlipped) = (false, false)
        return
      }
      // It is never needed twice.
      (isDamaged, isBitFlipped, wasSalvaged, salvages) = (false, false, true, false)
      account.forgetTold()
      // It has said what is lost.
      for peer in order { peer.knowsMoreThan = nil }
      try checkSnapshotOfSalvage()
      if random.chance(50) { return }
      dispatcher = nil
      disk.endLife()
    }
  }

  /// A salvage begins a segment; recoveries begin with a snapshot of its beginning, and not before what was lost.
  private func checkSnapshotOfSalvage() throws {
    guard disk.faults.isHarmless else { return }
    let calls = disk.journalCalls(isImmortal: true)
    let snapshot = try SnapshotStore.commits(folder: SimulatedDisk.folder, calls: calls).max() ?? 0
    guard let first = disk.segments.last else { return }
    if snapshot + 1 < first {
      fail("no snapshot", "a salvage began a segment with commit \(first); the newest snapshot is of \(snapshot)")
    }
  }

  private func parts() -> DispatcherParts {
    var parts = DispatcherParts()
    parts.journalCalls = disk.journalCalls()
    parts.peerNumbersAtOnce = scenario.peerNumbersAtOnce
    let passages = passages
    parts.passing = { _ in passages.pass() }
    if scenario.hasMiddleware { parts.bus.add(MeddlingMiddleware(dropsMost: scenario.dropsMostJobs)) }
    if scenario.hasObservers { for observer in TalkativeObserver.all { parts.bus.add(observer) } }
    return parts
  }

  private func afterStart(_ started: SteppedDispatcher) throws {
    let recovered = started.recoveredTransaction
    let isSync = scenario.configuration.journal?.durability == .sync
    if isSync, !isDamaged || isBitFlipped, recovered < account.lastTold {
      throw Violation(
        check: "told durable and lost",
        message:
          "a peer was promised that transaction \(account.lastTold) is durable, but the journal ends at \(recovered)")
    }
    if isSync { noteLostTail(behind: recovered) }
    account.goBack(to: recovered, isSync: isSync)
    for peer in order { account.goBack(peer, to: recovered, life: life) }
    resetRules(to: recovered, started)
    observe(started)
    checkRules(started)
  }

  /// Whoever has had results of the last dispatcher that are not in the journal any more will show it.
  private func noteLostTail(behind recovered: UInt64) {
    for peer in order where peer.stage == .away && peer.knowsMoreThan == nil {
      guard let progress = peer.results?.progress, progress.lastTransaction > recovered else { continue }
      peer.knowsMoreThan = recovered
    }
  }

  /// The dispatcher's process ends at once, and another one starts.
  func restart(after death: Death) throws {
    restarts += 1
    dispatcher = nil
    isCommitting = false
    replies = [:]
    switch death {
    case .kill: disk.endLife()
    case .powerCut:
      losePower()
      archive?.die()
    }
    for peer in order where peer.stage != .gone {
      // One that was never told that it can begin has published nothing.
      if !peer.isRecoverable, peer.wasAttached { peer.isComplete = false }
      if death == .powerCut || !peer.wasAttached || !peer.isRecoverable {
        end(peer)
      } else if peer.stage != .away {
        (peer.stage, peer.awaySinceNs) = (.away, time.bootNs)
      }
      peer.forgetRequests()
      if !peer.isComplete { peer.forgetEvents() }
    }
    disk.putFolderBack()
    time.advance(ns: UInt64(random.below(2000)) * 1_000_000)
    try machinesMissDispatcher()
    if random.chance(10) { time.wallMs = max(1, time.wallMs + Int64(random.below(200_000_000_000)) - 100_000_000_000) }
    try start()
  }

  private func losePower() {
    if death == nil { disk.losePower(&random) }
    SteppedDispatcher.removeRings(instance: scenario.configuration.instance)
    for peer in order where !peer.isRemoved { peer.isComplete = false }
    machinesLosePower()
    // The machine starts anew, and CLOCK_BOOTTIME with it.
    time.bootNs = UInt64(10 + random.below(100)) * 1_000_000_000
  }

  /// SIGTERM.
  func shutDown() throws {
    guard let dispatcher else { return }
    dispatcher.shutDown()
    for _ in 0..<2000 {
      time.advance(ns: 2_000_000)
      _ = dispatcher.turn()
      observe(dispatcher)
      for peer in order where peer.stage == .attached && !peer.isSlow { try read(peer, limit: 600) }
      if dispatcher.hasDrained { break }
      if dispatcher.journalStatus == .running { try commit() }
      if violation != nil || self.dispatcher !== dispatcher { return }
    }
    while dispatcher.commit() == .committed {}
    _ = dispatcher.turn()
    observe(dispatcher)
    let isClean = dispatcher.hasDrained && dispatcher.journalStatus == .running
    self.dispatcher = nil
    guard isClean else { return try restart(after: .kill) }
    // Nothing depends on the snapshot of a stop, and somebody may lose patience with it.
    if rules.chance(30) { disk.faults.callsUntilDeath = rules.below(12) }
    try? SnapshotKeeper.writeStop(
      folder: SimulatedDisk.folder, configuration: configuration.controller, calls: disk.journalCalls())
    // The machine is to be switched off, perhaps.
    try restart(after: rules.chance(30) ? .powerCut : .kill)
  }

  func damage() throws {
    guard dispatcher != nil else { return }
    dispatcher = nil
    disk.endLife()
    archive?.die()
    guard let damage = disk.spoil(&random) else { return try restart(after: .kill) }
    (isDamaged, wasDamaged, isBitFlipped) = (true, true, damage == .flippedBit)
    for peer in order { peer.isComplete = false }
    try restart(after: .kill)
  }

  /// The newest snapshot is damaged. Nobody counts on a single one.
  func spoilSnapshot() throws {
    guard dispatcher != nil, !disk.hasSpoiltSnapshot else { return }
    dispatcher = nil
    disk.endLife()
    archive?.die()
    disk.spoilSnapshot(&random)
    isDamaged = wasDamaged
    try restart(after: .kill)
  }

  /// Of the folder as it is, or made beside the dispatcher.
  func keepBackup() {
    if backups.count == Self.backupsKept { backups.remove(at: random.below(backups.count)) }
    var contents = disk.contents
    if random.chance(50) {
      let calls = disk.journalCalls(isImmortal: true)
      do {
        let copy = try JournalCopy.make(of: SimulatedDisk.folder, in: Self.backupFolder, calls: calls)
        contents = disk.takeContents(of: Self.backupFolder)
        if !wasDamaged, scenario.configuration.journal?.durability == .sync,
          copy.position.lastTransaction < account.lastTold
        {
          fail(
            "backup behind",
            "transaction \(account.lastTold) is durable, but a backup ends at \(copy.position.lastTransaction)")
        }
      } catch {
        _ = disk.takeContents(of: Self.backupFolder)
        if !wasDamaged, disk.isLocked { fail("backup fails", "no backup can be made: \(error)") }
      }
    }
    backups.append(Backup(contents: contents, life: life, peers: peers))
  }

  /// As often as somebody interrupts it.
  private func restore(_ contents: [String: [UInt8]]) throws {
    disk.replace(with: Dictionary(uniqueKeysWithValues: contents.map { ("\(Self.backupFolder)/\($0.key)", $0.value) }))
    for interruptions in 0...2 {
      disk.faults.callsUntilDeath = interruptions < 2 && random.chance(60) ? random.below(60) : nil
      do {
        try JournalCopy.restore(from: Self.backupFolder, in: SimulatedDisk.folder, calls: disk.journalCalls())
        break
      } catch {
        guard interruptions < 2 else { throw Violation(check: "restore fails", message: "\(error)") }
        disk.endLife()
        guard try isRestoredInPart() else { break }
      }
    }
    disk.endLife()
    _ = disk.takeContents(of: Self.backupFolder)
    let restored = disk.contents.filter { contents[$0.key] != nil }
    if restored.count < contents.filter({ $0.key.hasSuffix(".rmj") || $0.key.hasSuffix(".rms") }).count {
      fail("half a journal", "a restore has put back \(restored.count) files of \(contents.count)")
    }
  }

  /// Is it to be done again? Then no dispatcher starts.
  private func isRestoredInPart() throws -> Bool {
    let calls = disk.journalCalls(isImmortal: true)
    guard try JournalCopy.isThere(SimulatedDisk.folder, calls: calls) else { return true }
    guard calls.exists(JournalCopy.restoring(in: SimulatedDisk.folder)) else { return false }
    do {
      let started = try SteppedDispatcher(
        configuration, parts: parts(), counters: counters,
        log: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
      withExtendedLifetime(started) {}
      fail("half a journal", "a dispatcher starts on a journal that is restored in part")
    } catch JournalError.halfRestored {
      disk.endLife()
    }
    return true
  }

  /// Somebody puts an older state of the journal in the place of the newest, and the rings are still there.
  func restoreBackup() throws {
    guard let backup = random.element(of: backups) else { return }
    dispatcher = nil
    disk.endLife()
    archive?.die()
    try restore(backup.contents)
    for peer in order { peer.isComplete = false }
    if backup.life != life {
      // Whoever was attached is of another history. In the same epoch it is as with a tail that was lost.
      for peer in order where peer.stage != .gone { end(peer) }
      peers = backup.peers
    }
    (isDamaged, wasDamaged) = (true, true)
    account.isRestored = true
    account.forgetTold()
    try restart(after: .kill)
  }
}
