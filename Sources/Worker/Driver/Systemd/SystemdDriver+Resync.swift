import EventModel
import Platform

/// Compares what this driver knows with what systemd has.
extension SystemdDriver {
  private static let looksAtOnce = 24

  /// - Parameter all: look at each unit; else at those whose state is another than the known.
  /// - Parameter anew: a list that is under way may be lost: systemd reloaded.
  func resync(all: Bool, anew: Bool = false) {
    guard isServed, let connection else { return }
    if isListing, !anew {
      // What is under way may be older than the reason for this one.
      listAgain = (listAgain ?? false) || all
      return
    }
    let all = all || isListing
    isListing = true
    listNumber += 1
    let own = listNumber
    let number = startNumber
    do {
      try connection.call("ListUnitsByPatterns", timeoutMs: 20_000, isBarrier: true) { writer in
        try writer.texts([])
        try writer.texts([names.pattern])
      } reply: { [weak self] answer in
        guard let self, own == listNumber else { return }
        isListing = false
        switch answer {
        case .success(let reader): compare(reader, asOf: number, all: all)
        case .failure: self.connection?.giveUp()
        }
        if let all = listAgain {
          listAgain = nil
          resync(all: all)
        }
      }
    } catch { isListing = false }
  }

  private func compare(_ reader: BusReader, asOf number: UInt64, all: Bool) {
    var found: Set<AttemptID> = []
    reader.forEach("r", "ssssssouso") {
      guard let unit = reader.text(), let id = names.id(unit: unit) else { return reader.skip("sssssouso") }
      reader.skip("s")
      let load = reader.text() ?? ""
      let active = reader.text() ?? ""
      let sub = reader.text() ?? ""
      reader.skip("so")
      let job = reader.number("u", UInt32.self) ?? 0
      reader.skip("so")
      guard load != "not-found" || active != "inactive" else { return }
      found.insert(id)
      if job == 0 {
        starts.remove(id)
        stops.remove(id)
      }
      compare(id, active: active, sub: sub, all: all)
    }
    for (id, record) in records where !found.contains(id) && startNumbers[id] ?? 0 <= number {
      missing(id, record)
    }
    sendWaiting()
  }

  private func compare(_ id: AttemptID, active: String, sub: String, all: Bool) {
    guard let record = records[id] else {
      records[id] = TaskRecord(.there)
      return look(id)
    }
    if record.isReleased {
      records[id]?.unit.active = active
      if !stops.contains(id) { sendRelease(id) }
    } else if !record.isEnded, all || record.isUnseen || record.unit.active != active || record.unit.sub != sub {
      look(id)
    }
  }

  private func missing(_ id: AttemptID, _ record: TaskRecord) {
    // Not carried out: the call was lost. A second one is safe, for the name is taken if it was not.
    if let launch = record.unconfirmed, !record.stopAsked, !record.isAccepted {
      if starts.contains(id) { return }
      if record.refusals < Self.refusalsAtMost { return retry(launch) }
      refuse(id, "systemd loses what it is asked to run", as: .refused)
    } else {
      vanished(id)
    }
  }

  /// Reads all of a unit, which says what became of it.
  func look(_ id: AttemptID) {
    guard !looking.contains(id), !toLook.contains(id) else { return }
    toLook.append(id)
    sendLooks()
  }

  func sendLooks() {
    while isServed, let connection, looking.count < Self.looksAtOnce, let id = toLook.popLast() {
      do {
        try connection.call(
          "GetAll", path: names.path(id), interface: "org.freedesktop.DBus.Properties"
        ) {
          try $0.text("")
        } reply: { [weak self] answer in
          self?.looked(id, answer)
        }
        looking.insert(id)
      } catch { toLook.append(id); return }
    }
  }

  private func looked(_ id: AttemptID, _ answer: Result<BusReader, BusError>) {
    looking.remove(id)
    defer { sendLooks() }
    guard var unit = records[id]?.unit else { return }
    switch answer {
    case .success(let reader):
      reader.forEachProperty { unit.take($0, $1) }
      records[id]?.unit = unit
      // One that runs or ran is there, though its settings could not be read again after a reload.
      if unit.active == "inactive", unit.load != "loaded", unit.startedUs == 0 {
        vanished(id, neverRan: unit.load != "not-found")
      } else {
        judge(id)
      }
    case .failure(let error):
      if error.isUncertain { resync(all: true) } else { vanished(id) }
    }
  }
}
