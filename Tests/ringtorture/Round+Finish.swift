import EventModel
import Glibc
import Platform
import RingmasterClient

/// The end of a round that went well so far: everybody leaves, the dispatcher tells its state and stops.
extension Round {
  private static let departureLimitMs = 10_000
  private static let judgementLimitNs: UInt64 = 30_000_000_000

  /// - Returns: the dispatcher's state, as lines, and its newest transaction.
  func finish() throws -> (lines: [String], transaction: UInt64) {
    var inspector = try Inspector(socket: "\(folder)/control.sock")
    let last = try inspector.lastTransaction()
    for client in clients where client.subscribes {
      guard let life = client.survivor else { continue }
      if !wait({ life.ledger.newestTransaction >= last }) {
        findings.lose("transaction \(last), which the subscriber \(life.owner) was not told of")
      }
    }
    for client in clients {
      guard let life = client.survivor else { continue }
      life.ledger.order = .leave
      let end = life.process.waitForEnd()
      if end != .code(0) { findings.object("\(life.owner) \(end.map { "\($0)" } ?? "does not end")") }
    }
    try finishUDP(&inspector)
    let others = { self.rings.filter { !$0.contains(".\(inspector.peer).") } }
    if !wait({ others().isEmpty }) { findings.object("rings of peers that left: \(others().joined(separator: " "))") }
    let live = try inspector.state()
    inspector.leave()
    if !wait({ self.rings.isEmpty }) { findings.object("rings when all had left: \(rings.joined(separator: " "))") }
    dispatcher.process.terminate()
    let end = dispatcher.process.waitForEnd()
    if end != .code(0) { findings.object("the dispatcher \(end.map { "\($0)" } ?? "does not stop")") }
    if let failure = try archive.finish() { findings.object(failure) }
    return live
  }

  /// The worker that fell silent is lost in time, and nobody else of those whose heartbeats come by UDP.
  private func finishUDP(_ inspector: inout Inspector) throws {
    guard let udp else { return }
    if plan.workerTimeoutMs != nil {
      let isThere = { (worker: Int, lines: [String]) in
        lines.contains { $0.hasPrefix("worker \(UDPSeat.name(worker)) ") }
      }
      let endNs = Clock.monotonicNs() + Self.judgementLimitNs
      var lines: [String] = []
      repeat {
        if let failure = try udp.look(begun: .max) { findings.object(failure) }
        lines = try inspector.lines()
      } while isThere(UDPSeat.mortal, lines) && Clock.monotonicNs() < endNs
      if isThere(UDPSeat.mortal, lines) { findings.lose("the loss of a worker that is not heard of") }
      for worker in 0..<UDPSeat.workers where worker != UDPSeat.mortal && !isThere(worker, lines) {
        findings.object("\(UDPSeat.name(worker)) is not there, and was heard of all the time")
      }
    }
    if let failure = udp.finish() { findings.object(failure) }
  }

  private var rings: [String] {
    SharedMemory.names(prefix: "/ringmaster.\(instance).").filter { $0.hasSuffix(".in") || $0.hasSuffix(".out") }
  }

  private func wait(_ isTrue: () -> Bool) -> Bool {
    for _ in 0..<Self.departureLimitMs {
      if isTrue() { return true }
      _ = Poll.readable(-1, timeoutUs: 1000)
    }
    return isTrue()
  }
}
