import EventModel
import Platform

/// Brings attempts to their ends.
///
/// A stop is signals and no StopUnit. A stop job would unload the unit, and its outcome with it; and it counts as a job until
/// the last process is gone, so that sixteen stubborn tasks would hold up all others. A main process that ends by the stop
/// signal ended well for systemd, and one that is killed failed: the unit stays in both cases. The price is that SIGKILL
/// comes from this driver: one that was restarted meanwhile is to be asked again.
///
/// A unit that remains after its exit does so with the processes that its main process left. They get the stop signal and
/// then SIGKILL, and only when there is none is the end told: a task that forks away ends with its main process. It is not
/// left to `release`: what a task uses is free for another as soon as its end is told. Where a main process fails, systemd
/// does the same by itself before it says so.
extension SystemdDriver {
  private static let killAgainNs: UInt64 = 200_000_000

  /// The main process of a unit ended: asks what it used, and what it left.
  func settle(_ id: AttemptID) {
    guard records[id]?.isSettling == false, isServed, let connection else { return }
    records[id]?.isSettling = true
    let unit = names.unit(id)
    if let isPopulated = cgroup?.isPopulated(unit) {
      records[id]?.unit.cpuNs = cgroup?.cpuNs(unit)
      records[id]?.unit.peakMemoryBytes = cgroup?.peakMemoryBytes(unit)
      return settled(id, isPopulated: isPopulated)
    }
    // A unit that failed has none any more.
    do {
      try connection.call(
        "Get", path: names.path(id), interface: "org.freedesktop.DBus.Properties"
      ) { writer in
        try writer.text("org.freedesktop.systemd1.Service")
        try writer.text("CPUUsageNSec")
      } reply: { [weak self] answer in
        guard case .success(let reader) = answer, let value = reader.variant() else { return }
        self?.records[id]?.unit.take("CPUUsageNSec", value)
      }
      try connection.call("GetUnitProcesses") {
        try $0.text(unit)
      } reply: { [weak self] answer in
        guard let self else { return }
        switch answer {
        case .success(let reader):
          var isPopulated = false
          reader.forEach("r", "sus") {
            reader.skip("sus")
            isPopulated = true
          }
          settled(id, isPopulated: isPopulated)
        // The unit is gone, and so are its processes.
        case .failure(let error) where !error.isUncertain: settled(id, isPopulated: false)
        case .failure:
          records[id]?.isSettling = false
          resync(all: true)
        }
      }
    } catch { records[id]?.isSettling = false }
  }

  private func settled(_ id: AttemptID, isPopulated: Bool) {
    guard let record = records[id], record.isSettling, !record.isEnded, !record.isReleased else { return }
    records[id]?.isSettling = false
    if !isPopulated {
      records[id]?.phase = .ended
      records[id]?.ending = nil
      ending.remove(id)
      return report(id, .ended(record.unit.outcome(stopAsked: record.stopAsked)))
    }
    report(id, .running)
    let nowNs = Clock.bootNs()
    var next =
      record.ending
      ?? .init(
        signal: record.unit.stopSignal,
        deadlineNs: nowNs &+ record.unit.stopTimeoutUs.multipliedReportingOverflow(by: 1000).partialValue, nextNs: 0)
    next.nextNs = min(nowNs + next.pauseNs, max(next.deadlineNs, nowNs + 2_000_000))
    next.pauseNs = min(next.pauseNs * 2, Self.killAgainNs)
    records[id]?.ending = next
    ending.insert(id)
    if !next.isSent { sendEnding(id) }
  }

  /// Does what is due now.
  func pressOn(nowNs: UInt64) {
    for id in ending {
      guard let record = records[id], let next = record.ending else {
        ending.remove(id)
        continue
      }
      guard nowNs >= next.nextNs else { continue }
      records[id]?.ending?.nextNs = nowNs + Self.killAgainNs
      if nowNs >= next.deadlineNs {
        if record.unit.isToStart { cancelStart(id) } else { send(id, 9) }
      }
      if record.unit.stage == .ended { settle(id) }
    }
  }

  /// The signal that asks it to end, once.
  func sendEnding(_ id: AttemptID) {
    guard let next = records[id]?.ending, isServed else { return }
    records[id]?.ending?.isSent = true
    send(id, next.signal)
    // What is stopped cannot end.
    if next.signal != 9 { send(id, 18) }
  }

  /// A start job may wait for a long time: it would run the program when another attempt does already.
  func cancelStart(_ id: AttemptID) {
    guard let connection, isServed else { return }
    try? connection.call("StopUnit") { writer in
      try writer.text(names.unit(id))
      try writer.text("replace")
    } reply: { _ in
    }
  }

  private func send(_ id: AttemptID, _ signal: Int32) {
    guard let connection, isServed else { return }
    try? kill(id, signal, by: connection)
  }

  func kill(_ id: AttemptID, _ signal: Int32, by connection: BusConnection) throws {
    try connection.call("KillUnit") { writer in
      try writer.text(names.unit(id))
      try writer.text("all")
      try writer.basic("i", signal)
    } reply: { _ in
    }
  }
}
