import EventModel
import Platform

/// Starts and releases, a few at a time.
extension SystemdDriver {
  func sendWaiting() {
    while isServed, let connection, !connection.isBroken, starts.count + stops.count < settings.jobsAtOnce,
      waitingFrom < waiting.count
    {
      let id = waiting[waitingFrom]
      waitingFrom += 1
      guard let record = records[id] else { continue }
      switch record.phase {
      case .waiting(let launch), .asked(let launch): sendStart(launch, by: connection)
      case .released: sendStop(id, by: connection)
      case .there, .ended: break
      }
    }
    if waitingFrom == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      waitingFrom = 0
    }
    sendLooks()
  }

  private func sendStart(_ launch: TaskLaunch, by connection: BusConnection) {
    let id = launch.id
    let unit = names.unit(id)
    startNumber += 1
    startNumbers[id] = startNumber
    records[id]?.phase = .asked(launch)
    records[id]?.isAccepted = false
    records[id]?.jobFailure = nil
    records[id]?.unit = UnitState(launch, unit: unit)
    do {
      try connection.call("StartTransientUnit", timeoutMs: 10_000) { writer in
        try writer.text(unit)
        try writer.text("fail")
        try writer.properties(UnitProperties(settings: settings).make(launch, unit: unit))
        try writer.noUnits()
      } reply: { [weak self] answer in
        switch answer {
        case .success: self?.records[id]?.isAccepted = true
        case .failure(let error): self?.refused(id, error)
        }
      }
      starts.insert(id)
    } catch let error as BusError where !connection.isBroken {
      refuse(id, "cannot run \(launch.command.first ?? "its script"): \(error)")
    } catch {
      waitingFrom -= 1
    }
  }

  /// A start failed before there was a process.
  private func refused(_ id: AttemptID, _ error: BusError) {
    starts.remove(id)
    guard records[id] != nil else { return }
    if error.name == BusError.unitExists {
      look(id)
    } else if error.isUncertain {
      // Perhaps it was started nevertheless: the list shows it.
      resync(all: false)
    } else {
      refuse(id, "systemd refused to run it: \(error.text)", as: error.meansBadUnit ? .startFailed : .refused)
    }
  }

  static let refusalsAtMost = 20
  private static let retryPauseNs: UInt64 = 25_000_000

  /// systemd lost it before it executed it: it reloaded, say (see `TaskCommand`). What it has executed it keeps until it is
  /// released, so this runs nothing twice.
  func retry(_ launch: TaskLaunch) {
    let id = launch.id
    starts.remove(id)
    records[id]?.phase = .waiting(launch)
    records[id]?.refusals += 1
    // systemd may have to drop what it made of it first.
    let pauseNs = min(Self.retryPauseNs << UInt64(min(records[id]?.refusals ?? 0, 6)), 1_000_000_000)
    retries[id] = Clock.bootNs() + pauseNs
  }

  /// Lines up again what is due.
  func retryDue(nowNs: UInt64) {
    for (id, dueNs) in retries where dueNs <= nowNs {
      retries[id] = nil
      waiting.append(id)
    }
  }

  /// - Parameter reason: whose fault it is: of what was asked for, `startFailed`, or of this machine.
  func refuse(_ id: AttemptID, _ text: String, as reason: EndReason = .startFailed) {
    records[id]?.phase = .ended
    ending.remove(id)
    report(id, .ended(TaskOutcome(reason, error: text)))
  }

  /// A unit that failed is let go without a job. One that remains after its exit is to be stopped.
  func sendRelease(_ id: AttemptID) {
    guard let record = records[id] else { return }
    if record.unit.active != "failed" {
      waiting.append(id)
      sendWaiting()
    } else if isServed, let connection {
      try? connection.call("ResetFailedUnit") {
        try $0.text(self.names.unit(id))
      } reply: { [weak self] answer in
        self?.released(id, answer)
      }
    }
  }

  private func sendStop(_ id: AttemptID, by connection: BusConnection) {
    do {
      try connection.call("StopUnit") { writer in
        try writer.text(names.unit(id))
        try writer.text("replace")
      } reply: { [weak self] answer in
        switch answer {
        case .success(let reader): self?.records[id]?.job = reader.text()
        case .failure: self?.released(id, answer)
        }
      }
      stops.insert(id)
    } catch {}
  }

  func released(_ id: AttemptID, _ answer: Result<BusReader, BusError>) {
    stops.remove(id)
    if case .failure(let error) = answer, error.isUncertain {
      resync(all: false)
    } else {
      forget(id)
    }
  }

  func jobDone(_ id: AttemptID, job: String, result: String) {
    // Its start job may be said to be done as late as when it is released.
    if let record = records[id], record.isReleased, record.job == job {
      return released(id, .failure(BusError(text: result)))
    }
    starts.remove(id)
    guard let record = records[id] else { return }
    // "failed" is said of a process too, which says it better itself.
    if record.isUnseen, !["done", "canceled"].contains(result) {
      records[id]?.jobFailure = result
      look(id)
    }
  }
}
