import EventModel
import Platform

/// What systemd says.
extension SystemdDriver {
  func took(signal member: String, path: String, _ reader: BusReader) {
    switch member {
    case "PropertiesChanged":
      guard let id = names.id(path: path), records[id] != nil else { return }
      propertiesChanged(id, reader)
    case "JobRemoved":
      reader.skip("u")
      guard let job = reader.text(), let unit = reader.text(), let id = names.id(unit: unit), let result = reader.text()
      else { return }
      jobDone(id, job: job, result: result)
    case "UnitRemoved":
      // Also said of every unit while systemd reloads: only a look tells.
      guard let unit = reader.text(), let id = names.id(unit: unit), let record = records[id] else { return }
      if record.isEnded { records[id]?.unit.active = "" } else if !record.isReleased { look(id) }
    case "Reloading":
      if reader.number("b", Int32.self) == 0 { resync(all: false, anew: true) }
    case "NameOwnerChanged":
      reader.skip("ss")
      leave()
      if reader.text() != "" { subscribe() }
    default: break
    }
  }

  private func propertiesChanged(_ id: AttemptID, _ reader: BusReader) {
    guard let interface = reader.text(), var unit = records[id]?.unit else { return }
    reader.forEachProperty { unit.take($0, $1) }
    records[id]?.unit = unit
    // The properties of the service come first, those of the unit after them: now they fit together.
    if interface == "org.freedesktop.systemd1.Unit" { judge(id) }
  }

  /// Says what a unit's state means for its attempt.
  func judge(_ id: AttemptID) {
    guard let record = records[id], !record.isEnded, !record.isReleased else { return }
    let stage = record.unit.stage
    if stage != .unclear { records[id]?.phase = .there }
    switch stage {
    case .starting: report(id, .starting)
    case .running: report(id, .running)
    case .ended: settle(id)
    // Its processes may still run.
    case .unclear where record.unit.active == "deactivating": report(id, .running)
    case .unclear:
      // It was found, and its start job waits.
      if record.reported == nil { report(id, .starting) }
      if record.ending != nil { cancelStart(id) }
      return
    }
    if record.ending?.isSent == false { sendEnding(id) }
  }

  /// There is no unit of it.
  ///
  /// - Parameter neverRan: there is one, which systemd will not run.
  func vanished(_ id: AttemptID, neverRan: Bool = false) {
    guard let record = records[id] else { return }
    if case .waiting = record.phase { return }
    starts.remove(id)
    stops.remove(id)
    switch record.phase {
    case .waiting: return
    case .ended: records[id]?.unit.active = ""
    case .released: forget(id)
    case .asked(let launch)
    where !record.stopAsked && record.refusals < Self.refusalsAtMost
      && (neverRan || record.jobFailure == "failed" || record.refusals > 0):
      retry(launch)
    case .asked, .there:
      if let failure = record.jobFailure, !record.stopAsked {
        refuse(id, "systemd did not run it: \(failure)", as: failure == "failed" ? .startFailed : .refused)
      } else {
        forget(id)
        // Of one that was only seen in a list nothing was said.
        if record.reported != nil { news.append(.gone(id)) }
      }
    }
  }
}
