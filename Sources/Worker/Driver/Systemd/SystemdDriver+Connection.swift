import Platform
import ServiceManager

/// The bus: found, lost, found again.
extension SystemdDriver {
  private static let systemd = "org.freedesktop.systemd1"

  func connect(subscribes: Bool = true) throws {
    reconnectPauseNs = min(max(reconnectPauseNs * 2, 20_000_000), 1_000_000_000)
    reconnectNs = Clock.bootNs() + reconnectPauseNs
    let connection = try BusConnection { [unowned self] member, path, reader in
      took(signal: member, path: path, reader)
    }
    let from = "type='signal',sender='\(Self.systemd)'"
    for rule in [
      "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='\(Self.systemd)'",
      "\(from),interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',path_namespace='/org/freedesktop/systemd1/unit'",
      "\(from),interface='\(Self.systemd).Manager',member='JobRemoved'",
      "\(from),interface='\(Self.systemd).Manager',member='UnitRemoved'",
      "\(from),interface='\(Self.systemd).Manager',member='Reloading'",
    ] { try connection.match(rule) }
    self.connection = connection
    if subscribes { subscribe() }
  }

  /// systemd is, or may be, new on the bus: have it send signals, and see what it has.
  func subscribe() {
    do {
      try connection?.call("Subscribe", timeoutMs: 20_000) { [weak self] answer in
        guard let self else { return }
        switch answer {
        // A systemd that was executed anew remembers its subscribers.
        case .success: arrived()
        case .failure(let error) where error.name == "org.freedesktop.systemd1.AlreadySubscribed": arrived()
        // It comes to the bus later, which NameOwnerChanged tells.
        case .failure(let error) where error.meansAbsent: break
        case .failure: connection?.giveUp()
        }
      }
    } catch { connection?.giveUp() }
  }

  private func arrived() {
    isServed = true
    reconnectPauseNs = 0
    resync(all: true)
    sendWaiting()
  }

  /// systemd left the bus.
  func leave() {
    isServed = false
    isListing = false
    listAgain = nil
    starts.removeAll()
    stops.removeAll()
    looking.removeAll()
    toLook.removeAll()
    for id in Array(records.keys) {
      records[id]?.isSettling = false
      records[id]?.ending?.isSent = false
    }
  }

  /// The connection broke. What was called may have been done or not: that is seen when the next one is there.
  func lose() {
    connection = nil
    leave()
    reconnectNs = Clock.bootNs() + reconnectPauseNs
  }

  /// Asks for something that nobody can do, which systemd refuses to those who may not start units, and in another way to
  /// those who may.
  func probe() throws {
    var answer: Result<Void, BusError>?
    try connection?.call("StartTransientUnit", timeoutMs: 20_000) { writer in
      try writer.text("\(self.settings.prefix)probe.service")
      try writer.text("fail")
      try writer.properties([UnitProperty("RingmasterProbe", .bool(true))])
      try writer.noUnits()
    } reply: { reply in
      answer = reply.map { _ in () }
    }
    try wait(forMs: 30_000) { answer != nil }
    guard case .failure(let error) = answer else { return }
    if error.meansForbidden { throw SystemdError.forbidden(error.text) }
    if error.isUncertain { throw SystemdError.unavailable(error.text) }
  }

  /// Takes in messages until `isDone`.
  func wait(forMs ms: UInt64, until isDone: () -> Bool) throws {
    let endNs = Clock.bootNs() + ms * 1_000_000
    // Thousands of units take longer to look at than a watchdog waits.
    var watchdog = Watchdog()
    var turns: UInt64 = 0
    while !isDone() {
      turns += 1
      watchdog.tick(turns: turns, status: "Looking at what systemd has")
      guard let connection, !connection.isBroken else { throw SystemdError.unavailable("the connection broke") }
      guard Clock.bootNs() < endNs else { throw SystemdError.unavailable("no answer within \(ms / 1000) s") }
      connection.wait(upToMs: 20)
      connection.process()
      pressOn(nowNs: Clock.bootNs())
    }
  }
}

extension BusWriter {
  /// The auxiliary units of StartTransientUnit.
  func noUnits() throws {
    try emptyArray("(sa(sv))")
  }
}
