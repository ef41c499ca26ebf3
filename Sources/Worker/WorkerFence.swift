import Logging
import Platform
import ServiceManager

/// Stops the tasks of a worker that cannot stop them itself, because it hangs, is stopped, or is not there: when its lease is over,
/// some time after the worker would have done it.
public struct WorkerFence {
  private let options: WorkerOptions
  private let settings: WorkerSettings
  private let log: Logger

  private static let longestNapMs: Int32 = 1000
  private static let missingNs: UInt64 = 1_000_000_000

  public init(_ options: WorkerOptions, _ settings: WorkerSettings, logger: Logger) {
    self.options = options
    self.settings = settings
    log = logger
  }

  /// Returns when a signal asked it to end.
  ///
  /// - Throws: what keeps the driver from working here.
  public func run() throws {
    let signals = try StopSignals()
    ServiceManager.ready(status: "Watching the worker's lease")
    while signals.next() == nil {
      let nowNs = Clock.bootNs()
      var nextNs = nowNs &+ Self.missingNs
      // Without a file no worker was ever registered in this boot.
      if Folder.fileExists(options.leaseFile) {
        let lease = try LeaseFile(path: options.leaseFile).lease
        let dueNs = lease.deadlineNs &+ lease.terms.fenceDelayNs
        if lease.deadlineNs != 0, dueNs <= nowNs {
          try fence()
        } else if lease.deadlineNs != 0 {
          nextNs = min(dueNs, nextNs)
        }
      }
      let polls = PollSet([signals.descriptor])
      polls.wait(timeoutMs: min(Int32(clamping: (nextNs - nowNs + 999_999) / 1_000_000), Self.longestNapMs))
    }
  }

  private func fence() throws {
    let driver = try TaskDrivers.make(
      settings.driver, options, owner: try BootRecord.open(options.stateFolder).owner)
    let notes = try AttemptNotes(folder: "\(options.stateFolder)/attempts")
    let listed = try driver.list()
    // What was written before something began; and the worker may have been heard of meanwhile.
    let kept = try notes.readAll(cleans: false)
    let lease = try LeaseFile(path: options.leaseFile).lease
    guard Clock.bootNs() >= lease.deadlineNs &+ lease.terms.fenceDelayNs else { return }
    let stopMs = lease.fenceStopMs(nowNs: Clock.bootNs())
    var stopped = 0
    for (id, status) in listed {
      if case .ended = status { continue }
      let way = kept[id]?.stop ?? AttemptBook.StopWay()
      if way.runsOnWhenCutOff { continue }
      if var note = kept[id], note.stopReason == nil {
        // The worker reports it when it is there again.
        note.stopReason = .fenced
        // On a full disk it is stopped all the same.
        try? notes.write(note, of: id)
      }
      driver.stop(id, signal: way.signal, timeoutMs: min(way.timeoutMs, stopMs))
      stopped += 1
    }
    guard stopped > 0 else { return }
    log.warning("the worker's lease is over: stopping its tasks", metadata: ["count": "\(stopped)"])
    let endNs = Clock.bootNs() &+ UInt64(stopMs) * 1_000_000 &+ Self.missingNs
    while Clock.bootNs() < endNs,
      try driver.list().contains(where: { if case .ended = $0.status { false } else { true } })
    {
      _ = try driver.changes(nowNs: Clock.bootNs())
      let polls = PollSet(driver.descriptors)
      polls.wait(timeoutMs: 50)
    }
  }
}
