import EventCodec
import EventRing
import Platform
import Synchronization

/// The reading thread's end of a client: the result ring and the control connection.
final class ReaderEnd: Sendable {
  private struct Guarded: ~Copyable {
    var results: ResultPort
  }

  /// Only the reading thread takes the lock, once, for as long as it runs.
  private let guarded: Mutex<Guarded>
  private let connection: ControlConnection

  init(results: consuming ResultPort, connection: consuming ControlConnection) {
    guarded = Mutex(Guarded(results: results))
    self.connection = connection
  }

  func run(_ state: ClientState) {
    let reason = guarded.withLock { end in
      do {
        return try read(&end.results, state)
      } catch {
        return "\(error)"
      }
    }
    state.close(reason: reason)
  }

  /// Reads until somebody closes; returns why.
  private func read(_ results: inout ResultPort, _ state: ClientState) throws -> String {
    var idle = IdleStrategy(spins: 50, yields: 10)
    while true {
      if let message = try results.next() {
        state.deliver(message)
        idle.reset()
        continue
      }
      guard case .park = idle.idle() else { continue }
      idle.reset()
      guard results.park() else { continue }
      let descriptors = [results.descriptor, connection.descriptor, state.stopDescriptor]
      let ready = Poll.readable(descriptors, timeoutMs: ClientState.checkIntervalMs)
      results.unpark()
      if ready[2] { return "this client closed it" }
      if ready[1], let reason = connection.closedReason() {
        // What was published before the end is still in the ring.
        while let message = try results.next() { state.deliver(message) }
        return reason
      }
      state.expire(nowNs: Clock.monotonicNs())
    }
  }
}
