import EventJSON
import Platform
import Synchronization

/// The demo's end of the simulated fleet: commands on its standard input, milestones from its standard output.
final class FleetControl: Sendable {
  struct Kill: Sendable {
    let worker: String
    /// CLOCK_BOOTTIME when its heartbeats stopped.
    let bootNs: UInt64
  }

  /// After which no more heartbeats come.
  struct Stop: Sendable {
    let heartbeatsSent: UInt64
    /// CLOCK_BOOTTIME.
    let bootNs: UInt64
  }

  /// What it counted, told when it ends.
  struct Totals: Sendable {
    let sendFailures: UInt64
    let killsObeyed: UInt64
  }

  private struct Seen: Sendable {
    var registered: Int?
    var kill: Kill?
    var stop: Stop?
    var totals: Totals?
  }

  let process: ChildProcess
  private let seen = Mutex(Seen())

  init(process: ChildProcess) {
    self.process = process
  }

  /// Reads milestones until the fleet ends.
  func follow() async {
    for await line in process.lines { note(line) }
  }

  var registered: Int? { seen.withLock { $0.registered } }
  var kill: Kill? { seen.withLock { $0.kill } }
  var stop: Stop? { seen.withLock { $0.stop } }
  var totals: Totals? { seen.withLock { $0.totals } }

  func kill(worker: String) {
    process.send("kill \(worker)")
  }

  func stopHeartbeats() {
    process.send("stop-heartbeats")
  }

  private func note(_ line: String) {
    guard let milestone = try? JSONValue(parsing: line), case .string(let event) = milestone["event"] else { return }
    seen.withLock { seen in
      switch event {
      case "registered": seen.registered = milestone.count("workers").map(Int.init)
      case "killed":
        guard case .string(let worker) = milestone["worker"], let bootNs = milestone.count("boot_ns") else { return }
        seen.kill = Kill(worker: worker, bootNs: bootNs)
      case "heartbeats_stopped":
        guard let sent = milestone.count("heartbeats_sent"), let bootNs = milestone.count("boot_ns") else { return }
        seen.stop = Stop(heartbeatsSent: sent, bootNs: bootNs)
      case "done":
        seen.totals = Totals(
          sendFailures: milestone.count("send_failures") ?? 0,
          killsObeyed: milestone.count("kills_obeyed") ?? 0)
      default: break
      }
    }
  }
}

extension JSONValue {
  /// The member as a number that counts something.
  func count(_ name: String) -> UInt64? {
    guard case .number(let text) = self[name] else { return nil }
    return UInt64(text)
  }
}
