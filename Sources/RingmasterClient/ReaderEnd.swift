import EventCodec
import EventRing
import Platform
import Synchronization

/// The reading thread's end of a client: the result ring and the connection to the dispatcher.
final class ReaderEnd: Sendable {
  private struct Guarded: ~Copyable {
    var results: ResultPort
    var link: ControlLink
  }

  /// Only the reading thread takes the lock, once, for as long as it runs.
  private let guarded: Mutex<Guarded>
  private let waiting: WaitingStrategy

  /// One that never sleeps looks beside the ring once in so many looks without a result.
  private static let looksBetweenChecks = 4096

  init(results: consuming ResultPort, link: consuming ControlLink, waiting: WaitingStrategy) {
    guarded = Mutex(Guarded(results: results, link: link))
    self.waiting = waiting
  }

  func run(_ state: ClientState) {
    let reason = guarded.withLock { end in
      // Whoever hears that it is over finds the connection closed.
      defer { end.link.end() }
      do {
        return try read(&end.results, &end.link, state)
      } catch {
        return "\(error)"
      }
    }
    state.close(reason: reason)
  }

  /// Reads until somebody closes; returns why.
  private func read(_ results: inout ResultPort, _ link: inout ControlLink, _ state: ClientState) throws -> String {
    var idle = waiting == .park ? IdleStrategy(spins: 50, yields: 10) : IdleStrategy(waiting)
    var looks = 0
    while true {
      if let message = try results.next() {
        state.deliver(message)
        idle.reset()
        continue
      }
      looks += 1
      let ready: [Bool]
      if case .park = idle.idle() {
        idle.reset()
        guard results.park() else { continue }
        ready = wait(results, link, state, timeoutMs: link.napMs(ClientState.checkIntervalMs))
        results.unpark()
      } else {
        guard waiting != .park, looks % Self.looksBetweenChecks == 0 else { continue }
        ready = wait(results, link, state, timeoutMs: 0)
      }
      if ready[2] { return "this client closed it" }
      if ready[1] || link.isAway {
        // What was published before the end is still in the ring.
        while let message = try results.next() { state.deliver(message) }
        link.subscription = state.subscription
        switch link.tend(&results) {
        case .attached, .away: break
        case .renewed: if let wiring = link.takeWiring() { state.renew(wiring) }
        case .lost(let reason):
          while let message = try results.next() { state.deliver(message) }
          return reason
        }
      }
      state.expire(nowNs: Clock.monotonicNs())
    }
  }

  /// - Returns: whether there is something on the bell, the connection, and the bell that stops this.
  private func wait(
    _ results: borrowing ResultPort, _ link: borrowing ControlLink, _ state: ClientState, timeoutMs: Int32
  ) -> [Bool] {
    Poll.readable([results.descriptor, link.descriptor, state.stopDescriptor], timeoutMs: timeoutMs)
  }
}
