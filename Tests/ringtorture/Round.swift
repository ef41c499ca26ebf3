import CRingmaster
import EventModel
import Glibc
import Journal
import Platform

/// One round: processes that work at full speed, deaths, and then the question whether anything is missing or there twice.
final class Round {
  let folder: String
  let plan: RoundPlan
  let instance: String
  private let sabotage: Sabotage?
  private let listener: FileDescriptor
  let dispatcher: DispatcherSeat
  let clients: [ClientSeat]
  let ingest: IngestSeat
  let archive: ArchiveSeat
  let udp: UDPSeat?
  var findings = Findings()
  private(set) var kills: [KillPlace: Int] = [:]
  /// In the journal, at the end.
  var transactions: UInt64 = 0
  private var deathsLeft: ArraySlice<RoundPlan.Death>
  private var lastSum = 0
  private var lastProgressNs = Clock.monotonicNs()
  private var hasSabotaged = false
  /// Nothing went on any more although everybody ran: what is not answered is lost.
  private var stoodStill = false

  private static let lookUs: Int64 = 100
  /// Nothing goes on for so long: then nothing will.
  private static let standstillNs: UInt64 = 10_000_000_000
  private static let sabotagedStandstillNs: UInt64 = 2_000_000_000

  init(_ options: TortureOptions, round: Int, folder: String) throws {
    self.folder = folder
    sabotage = options.sabotage
    plan = RoundPlan(
      seed: options.seed(ofRound: round), round: round, events: options.events,
      reattachTimeoutMs: options.reattachTimeout, usesFailPoints: options.sabotage == nil)
    instance = "torture-\(getpid())-\(round)"
    try Folder.ensure("\(folder)/journal")
    let socket = try PacketSocket.listen(path: "\(folder)/control.sock")
    listener = FileDescriptor(owning: dup(socket.descriptor.raw))
    _ = fcntl(listener.raw, F_SETFD, FD_CLOEXEC)
    dispatcher = try DispatcherSeat(folder: folder, instance: instance, plan: plan, listener: listener.raw)
    clients = plan.clients.enumerated().map { index, client in
      ClientSeat(index, client, folder: folder, sabotage: index == 0 ? options.sabotage : nil)
    }
    ingest = IngestSeat(
      program: "\(options.programs)/ringmaster-ingest", folder: folder, lines: plan.ingestLines, seed: plan.seed)
    udp =
      plan.hasUDP
      ? UDPSeat(
        program: "\(options.programs)/ringmaster-ingest", folder: folder, instance: instance, silence: plan.silence)
      : nil
    archive = try ArchiveSeat(program: "\(options.programs)/ringmaster-archive", folder: folder)
    deathsLeft = plan.deaths[...]
  }

  var begun: Int { clients.reduce(0) { $0 + $1.begun } }
  var answered: Int { clients.reduce(0) { $0 + $1.answered } }

  func run() throws {
    for client in clients { try client.start() }
    try ingest.start()
    try udp?.start()
    while !isQuiet {
      guard try lookAfterProcesses() else { break }
      _ = Poll.readable(-1, timeoutUs: Self.lookUs)
    }
    for place in dispatcher.kills { kills[place, default: 0] += 1 }
    let isWhole = findings.isEmpty
    let live = isWhole ? try finish() : nil
    endAll()
    try check(live: live, awaitsAll: isWhole || stoodStill)
    for name in SharedMemory.names(prefix: "/ringmaster.\(instance).") { SharedMemory.unlink(name: name) }
  }

  /// Nobody has anything more to say, and everything is answered.
  private var isQuiet: Bool {
    allIsSaid && dispatcher.isLast && deathsLeft.isEmpty
  }

  /// - Returns: false when the round cannot go on.
  private func lookAfterProcesses() throws -> Bool {
    let begun = begun
    if let failure = try dispatcher.look(begun: allIsSaid ? .max : begun, beforeNext: sabotageJournal) {
      findings.object(failure)
      return false
    }
    while let death = deathsLeft.first, begun >= death.at || allIsSaid {
      deathsLeft.removeFirst()
      try carryOut(death)
    }
    if let failure = archive.look() { findings.object(failure) }
    if let failure = try ingest.look(mayGiveUp: plan.hasFailingDisk) { findings.object(failure) }
    if let failure = try udp?.look(begun: allIsSaid ? .max : begun) { findings.object(failure) }
    for client in clients {
      guard let life = client.survivor else { continue }
      life.process.look()
      guard let end = life.process.end else { continue }
      if plan.hasFailingDisk, life.ledger.failure.contains("journal failed") {
        client.giveUp()
      } else {
        findings.object("\(life.owner) \(end): \(life.ledger.failure)")
      }
    }
    return findings.isEmpty && goesOn(begun)
  }

  /// Deaths that did not come in time come when everybody has done his part.
  private var allIsSaid: Bool {
    clients.allSatisfy(\.isDrained) && ingest.isDone
  }

  private func carryOut(_ death: RoundPlan.Death) throws {
    switch death.victim {
    case .client(let index):
      // What the saboteur does must be seen.
      if sabotage != nil, index == 0 { return }
      if try clients[index].kill(comesBack: death.comesBack) { kills[.client, default: 0] += 1 }
    case .ingest: if try ingest.kill(comesBack: death.comesBack) { kills[.ingest, default: 0] += 1 }
    case .udp: if udp?.kill() ?? false { kills[.udp, default: 0] += 1 }
    case .archive: if try archive.kill() { kills[.archive, default: 0] += 1 }
    }
  }

  private func goesOn(_ begun: Int) -> Bool {
    let sum = begun + answered + dispatcher.deaths
    let nowNs = Clock.monotonicNs()
    if sum != lastSum {
      lastSum = sum
      lastProgressNs = nowNs
    }
    let limitNs = sabotage == nil ? Self.standstillNs : Self.sabotagedStandstillNs
    guard nowNs - lastProgressNs > limitNs else { return true }
    findings.object("nothing went on for \(limitNs / 1_000_000_000) s")
    stoodStill = true
    return false
  }

  private func sabotageJournal() throws {
    let told = clients.flatMap(\.lives).map(\.ledger.newestTransaction).max() ?? 0
    guard sabotage == .lostCommits, !hasSabotaged, told > 0 else { return }
    // The newest events may still be in their rings, and come again: further back they are not.
    hasSabotaged = try JournalWipe.wipe(folder: "\(folder)/journal", fromTransaction: told / 2)
  }

  private func endAll() {
    for life in clients.flatMap(\.lives) { life.process.kill() }
    for life in ingest.lives { life.process.kill() }
    udp?.end()
    dispatcher.process.kill()
    archive.process.kill()
    _ = archive.process.waitForEnd()
    for life in clients.flatMap(\.lives) { _ = life.process.waitForEnd() }
    for life in ingest.lives { _ = life.process.waitForEnd() }
    _ = dispatcher.process.waitForEnd()
  }
}
