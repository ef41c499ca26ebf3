import EventModel
import Platform

/// Runs each attempt as a transient unit of the system's systemd.
///
/// The driver keeps nothing: the units are its memory. An attempt's unit bears its id, and stays after its end until it is
/// released; so a driver that was killed finds all of them, and none is started twice, because a name that is taken is
/// refused. The outcome is told once, and lasts as long as the unit does.
///
/// What is due to a unit's end is told by signals of the bus. Whenever some may be lost (the bus or systemd restarted), all
/// units are listed and compared.
public final class SystemdDriver: TaskDriver {
  public struct Settings: Sendable {
    public var slice = "ringmaster-tasks.slice"
    /// Of the names of the units.
    public var prefix = "ringtask-"
    /// No task sees what is in these. A task that runs as root could undo it.
    public var inaccessiblePaths = [
      "/run/ringmaster", "/var/lib/ringmaster", "/var/log/ringmaster", "/etc/credstore", "/run/credstore",
    ]
    /// For tasks that do not say; nil: systemd's.
    public var tasksMax: Int64?
    /// Jobs of systemd that are not done, at most. systemd 252 loses its bus when there are more than 512, and with it all
    /// subscriptions.
    public var jobsAtOnce = 16

    public init() {}
  }

  public let name = "systemd"
  let settings: Settings
  let names: UnitName
  let cgroup: UnitCgroup?
  var records: [AttemptID: TaskRecord] = [:]
  var news: [TaskChange] = []

  var connection: BusConnection?
  /// systemd is on the bus.
  var isServed = false
  var reconnectNs: UInt64 = 0
  var reconnectPauseNs: UInt64 = 0

  /// What needs a job of systemd, in order.
  var waiting: [AttemptID] = []
  var waitingFrom = 0
  /// What is to be lined up again, and when.
  var retries: [AttemptID: UInt64] = [:]
  /// Whose start job is not done, and whose stop job.
  var starts: Set<AttemptID> = []
  var stops: Set<AttemptID> = []
  /// Who is being killed or looked at.
  var ending: Set<AttemptID> = []
  /// Units to be looked at, as their answers come.
  var toLook: [AttemptID] = []
  var looking: Set<AttemptID> = []
  /// A list is under way.
  var isListing = false
  var listNumber: UInt64 = 0
  /// Another is due after it; of all units or not.
  var listAgain: Bool?
  /// Counts what was asked for, so that a list is not taken to deny what it is older than.
  var startNumber: UInt64 = 0
  var startNumbers: [AttemptID: UInt64] = [:]

  /// - Throws: when there is no systemd, or it does not let this user start units.
  public init(_ settings: Settings = Settings()) throws {
    self.settings = settings
    names = UnitName(prefix: settings.prefix)
    cgroup = UnitCgroup(slice: settings.slice)
    try connect(subscribes: false)
    try probe()
    subscribe()
    try wait(forMs: 30_000) { self.isServed }
  }

  public var descriptors: [Int32] { connection.map { [$0.descriptor] } ?? [] }

  public var wakeNs: UInt64 {
    if !news.isEmpty { return 0 }
    let endingNs = ending.compactMap { records[$0]?.ending?.nextNs }.min() ?? .max
    let dueNs = min(endingNs, retries.values.min() ?? .max)
    guard let connection else { return min(reconnectNs, dueNs) }
    if connection.isBroken { return 0 }
    return min(connection.wakeNs(nowNs: Clock.bootNs()), dueNs)
  }

  public func list() throws -> [(id: AttemptID, status: TaskStatus)] {
    if connection == nil { try connect() }
    resync(all: true)
    try wait(forMs: 60_000) {
      self.isServed && !self.isListing && self.looking.isEmpty && self.toLook.isEmpty && self.isSettled
    }
    news.removeAll { if case .status = $0 { true } else { false } }
    return records.compactMap { id, record in record.reported.map { (id, $0) } }
  }

  private var isSettled: Bool { !records.values.contains { $0.isSettling } }

  public func start(_ launch: TaskLaunch) {
    if let record = records[launch.id] {
      news.append(record.reported.map { .status(launch.id, $0) } ?? .gone(launch.id))
      return
    }
    records[launch.id] = TaskRecord(.waiting(launch))
    report(launch.id, .starting)
    waiting.append(launch.id)
    sendWaiting()
  }

  public func stop(_ id: AttemptID, signal: Int32, timeoutMs: Int64) {
    guard var record = records[id], !record.isReleased else {
      news.append(.gone(id))
      return
    }
    if record.isEnded { return }
    if case .waiting = record.phase {
      forget(id)
      news.append(.gone(id))
      return
    }
    record.stopAsked = true
    let nowNs = Clock.bootNs()
    let deadlineNs = nowNs &+ UInt64(max(timeoutMs, 0)).multipliedReportingOverflow(by: 1_000_000).partialValue
    let isAgain = record.ending?.signal == signal && record.ending?.isSent == true
    let earliestNs = min(deadlineNs, record.ending?.deadlineNs ?? .max)
    record.ending = .init(signal: signal, deadlineNs: earliestNs, isSent: isAgain, nextNs: earliestNs)
    records[id] = record
    ending.insert(id)
    // One that is started all the same gets its signal as soon as it is there.
    if record.unit.isToStart { cancelStart(id) } else if record.unit.stage != .unclear { sendEnding(id) }
  }

  public func signal(_ id: AttemptID, _ signal: Int32) throws {
    guard let record = records[id], !record.isEnded, !record.isReleased,
      !record.isUnseen || record.unit.stage == .running
    else { throw SystemdError.notThere(id) }
    guard let connection, isServed else { throw SystemdError.away }
    try kill(id, signal, by: connection)
  }

  public func release(_ id: AttemptID) {
    guard var record = records[id], record.isEnded else { return }
    guard ["active", "failed"].contains(record.unit.active) else {
      // There was no unit, or it is gone already.
      forget(id)
      return
    }
    record.phase = .released
    record.reported = nil
    records[id] = record
    sendRelease(id)
  }

  public func changes(nowNs: UInt64) throws -> [TaskChange] {
    connection?.process()
    if connection?.isBroken ?? false { lose() }
    if connection == nil, nowNs >= reconnectNs { try? connect() }
    pressOn(nowNs: nowNs)
    retryDue(nowNs: nowNs)
    sendWaiting()
    defer { news.removeAll(keepingCapacity: true) }
    return news
  }

  /// Tells the worker, unless it knows.
  func report(_ id: AttemptID, _ status: TaskStatus) {
    guard records[id]?.reported != status else { return }
    records[id]?.reported = status
    news.append(.status(id, status))
  }

  func forget(_ id: AttemptID) {
    records[id] = nil
    ending.remove(id)
    retries[id] = nil
    startNumbers[id] = nil
  }
}
