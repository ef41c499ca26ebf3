import CTaskLaunch
import CTaskProcess
import EventModel
import Platform

/// Runs each attempt as the child of a small program of its own, `ringmaster-task`, which outlives this process, ends the
/// task when its lease does, and writes down its outcome. Needs no service manager.
///
/// The shims and the folders of the attempts are its memory: another driver for the same folder goes on where this one
/// ended. Where it has a control group that it may divide, each attempt has its own with its limits. Without one, memory and
/// the number of processes are not limited: `limitsMemory` says which. A process that clears its environment
/// and leaves the session escapes only a shim that was killed, and only without a control group.
public final class ProcessDriver: TaskDriver {
  public let name = "process"
  /// Are memory and the number of processes of a task kept to its limits?
  public let limitsMemory: Bool

  let folder: String
  let logs: String
  private let shim: String
  private let leaseFile: String
  private let cgroup: String?
  let watch: TaskWatch
  var records: [AttemptID: Record] = [:]
  var told: [TaskChange] = []
  /// To be looked at again, because somebody else was about to change them.
  var unsettled: Set<AttemptID> = []
  private var starts: UInt64 = 0
  private var released = 0

  struct Record {
    var status: TaskStatus
    /// Of the shim; nil when none lives, or none that can be seen.
    var shim: Int32?
    /// Of what a killed shim left.
    var leftovers: Set<Int32> = []
    /// The number of its lock file in `watch`.
    var file: Int32?
    /// This driver started its shim.
    var isOurs = false
  }

  /// - Parameters:
  ///   - folder: for the attempts, and nobody else's; made when it is not there. What ended tasks have printed goes to
  ///     `logs` beside it.
  ///   - shim: the path of `ringmaster-task`.
  ///   - leaseFile: 8 bytes, CLOCK_BOOTTIME in nanoseconds until when tasks may run; written in place by the worker.
  ///   - cgroup: where control groups of tasks are made; nil for none.
  public init(
    folder: String, shim: String, leaseFile: String, cgroup: DelegatedCgroup? = .find()
  ) throws {
    try Folder.ensure(folder)
    logs = "\(folder)/../logs"
    try Folder.ensure(logs)
    self.folder = folder
    self.shim = shim
    self.leaseFile = leaseFile
    self.cgroup = cgroup?.path
    limitsMemory = cgroup?.limitsMemory == true
    watch = try TaskWatch()
    // A kernel or a filter without them cannot run tasks.
    File.close(try check(rm_pidfd_open(Machine.processID()), "name a process by a descriptor"))
    try settleEarlierBoot()
  }

  public var descriptors: [Int32] { [watch.descriptor] }

  public var wakeNs: UInt64 {
    if !told.isEmpty { return 0 }
    return unsettled.isEmpty ? .max : Clock.bootNs() + Self.retryNs
  }

  private static let retryNs: UInt64 = 10_000_000

  public func list() throws -> [(id: AttemptID, status: TaskStatus)] {
    for name in try Folder.names(in: folder) {
      guard let id = AttemptID(name), records[id] == nil else { continue }
      settle(id)
    }
    return records.map { ($0.key, $0.value.status) }
  }

  public func start(_ launch: TaskLaunch) {
    let id = launch.id
    if records[id] == nil { settle(id) }
    if let record = records[id] {
      told.append(.status(id, record.status))
      return
    }
    let attempt = TaskFolder(id, in: folder)
    records[id] = Record(status: .starting)
    do {
      try attempt.make()
      records[id]?.isOurs = true
      try begin(launch, attempt)
    } catch let error as SystemError
      where error.meansTaken && Folder.isFolder(attempt.path) && records[id]?.isOurs == false
    {
      unsettled.insert(id)
    } catch {
      end(id, TaskOutcome(.startFailed, error: "\(error)"))
    }
  }

  /// The steps of `TaskFolder` behind the first. Throws only while no shim was started.
  private func begin(_ launch: TaskLaunch, _ attempt: TaskFolder) throws {
    let user = try launch.user.flatMap(TaskUser.find)
    try attempt.writeLock()
    starts += 1
    let start = "\(Machine.processID())-\(Clock.bootNs())-\(starts)"
    try attempt.write(
      LaunchFile(launch, start: start, user: user, leaseFile: leaseFile, cgroup: cgroupPath(launch.id)))
    records[launch.id]?.file = try watch.add(path: attempt.lockPath, of: launch.id)
    let pid = try attempt.spawn(shim: shim, start: start)
    // Until it is waited for, the number is this child's. Without a descriptor it is found by its lock.
    let descriptor = rm_pidfd_open(pid)
    if descriptor >= 0, (try? watch.add(descriptor, of: launch.id)) != nil {
      records[launch.id]?.shim = descriptor
    } else {
      unsettled.insert(launch.id)
    }
  }

  public func stop(_ id: AttemptID, signal: Int32, timeoutMs: Int64) {
    if records[id] == nil { settle(id) }
    guard let record = records[id] else {
      told.append(.gone(id))
      return
    }
    if case .ended = record.status {
      told.append(.status(id, record.status))
      return
    }
    do {
      try TaskFolder(id, in: folder).writeStop(signal: signal, timeoutMs: timeoutMs)
      if let shim = record.shim { _ = rm_pidfd_signal(shim, Int32(RM_WAKE_SIGNAL)) }
    } catch {
      // No space for the file: the signal alone is better than nothing.
      if let shim = record.shim { _ = rm_pidfd_queue(shim, Int32(RM_SEND_SIGNAL), timeoutMs > 0 ? signal : 9) }
    }
  }

  public func signal(_ id: AttemptID, _ signal: Int32) throws {
    guard let shim = records[id]?.shim else { throw TaskNotRunning(id: id) }
    try check(rm_pidfd_queue(shim, Int32(RM_SEND_SIGNAL), signal), "send signal \(signal) to \(id)")
  }

  public func release(_ id: AttemptID) {
    guard let record = records[id], case .ended = record.status else { return }
    detach(id)
    records[id] = nil
    let attempt = TaskFolder(id, in: folder)
    try? Folder.rename(attempt.outputPath, to: "\(logs)/\(id).out")
    remove(attempt)
    released += 1
    if released % Self.outputsKept == 0 { removeOldOutputs() }
  }

  /// Outputs of ended tasks that stay; there may be twice as many for a while.
  private static let outputsKept = 1000

  private func removeOldOutputs() {
    let names = (try? Folder.names(in: logs)) ?? []
    let ended = names.compactMap { AttemptID(String($0.dropLast(".out".count))) }.sorted {
      $0.assignedMs < $1.assignedMs
    }
    for id in ended.dropLast(Self.outputsKept) { try? Folder.removeFile("\(logs)/\(id).out") }
  }

  public func changes(nowNs: UInt64) throws -> [TaskChange] {
    for id in unsettled { settle(id, tells: true) }
    while true {
      let events = try watch.next()
      if events.isEmpty { break }
      for event in events { take(event) }
    }
    defer { told = [] }
    return told
  }

  func cgroupPath(_ id: AttemptID) -> String? {
    cgroup.map { "\($0)/\(id)" }
  }
}

/// A signal was to be sent to an attempt of which no process runs.
public struct TaskNotRunning: Error, CustomStringConvertible {
  public let id: AttemptID
  public var description: String { "the task \(id) does not run" }
}
