import CTaskLaunch
import CTaskProcess
import EventModel
import Platform

/// From what is found in the folders to what the worker is told.
extension ProcessDriver {
  private static let settleAttempts = 8

  func take(_ event: TaskWatch.Event) {
    switch event {
    case .changed(let id): notice(id)
    case .overflow: for id in records.keys { notice(id) }
    case .ended(let id, let descriptor):
      rm_pidfd_reap(descriptor)
      watch.close(descriptor)
      if records[id]?.shim == descriptor { records[id]?.shim = nil }
      records[id]?.leftovers.remove(descriptor)
      if records[id]?.leftovers.isEmpty == true { settle(id, tells: true) }
    }
  }

  /// The lock file says something new. The end of the shim is not seen here: its descriptor says so.
  private func notice(_ id: AttemptID) {
    guard records[id]?.status == .starting else { return }
    if case .held(_, isRunning: true) = TaskFolder(id, in: folder).look() { set(id, .running, tells: true) }
  }

  /// Finds out how far an attempt came, and watches what is to come.
  func settle(_ id: AttemptID, tells: Bool = false) {
    unsettled.remove(id)
    let attempt = TaskFolder(id, in: folder)
    guard Folder.isFolder(attempt.path) else { return forget(id, tells: tells) }
    for _ in 0..<Self.settleAttempts {
      switch attempt.look() {
      case .held(let pid, var isRunning):
        guard hold(id, attempt, pid: pid) else { continue }
        // Only from now on are changes noticed.
        if case .held(_, isRunning: true) = attempt.look() { isRunning = true }
        return set(id, isRunning ? .running : .starting, tells: tells)
      case .ended(let outcome):
        detach(id)
        return set(id, .ended(outcome), tells: tells)
      case .neverStarted:
        // This driver's own shim is on its way to the lock.
        if records[id]?.shim != nil { return }
        guard attempt.makeVoid() else { continue }
        if records[id]?.isOurs == true {
          return end(id, TaskOutcome(.startFailed, error: "ringmaster-task ended before it started the program"))
        }
        remove(attempt)
        return forget(id, tells: tells)
      case .lost:
        return settleLost(id, attempt, tells: tells)
      }
    }
    if records[id] == nil { records[id] = Record(status: .starting) }
    unsettled.insert(id)
  }

  /// Watches a shim. It is surely the one with the lock when it still has that after it got its descriptor.
  ///
  /// - Returns: false when it ended meanwhile.
  private func hold(_ id: AttemptID, _ attempt: TaskFolder, pid: Int32) -> Bool {
    if records[id]?.shim != nil || pid < 0 { return true }
    let descriptor = rm_pidfd_open(pid)
    guard descriptor >= 0 else { return false }
    guard case .held(pid, _) = attempt.look() else {
      File.close(descriptor)
      return false
    }
    do {
      var record = records[id] ?? Record(status: .starting)
      if record.file == nil { record.file = try watch.add(path: attempt.lockPath, of: id) }
      try watch.add(descriptor, of: id)
      record.shim = descriptor
      records[id] = record
      return true
    } catch {
      return false
    }
  }

  private func settleLost(_ id: AttemptID, _ attempt: TaskFolder, tells: Bool) {
    do {
      let leftovers = try attempt.killLeftovers(cgroup: cgroupPath(id))
      if leftovers.isEmpty {
        return end(id, TaskOutcome(.unknown, error: "ringmaster-task was killed"), tells: tells)
      }
      if records[id] == nil { records[id] = Record(status: .running) }
      for descriptor in leftovers {
        try watch.add(descriptor, of: id)
        records[id]?.leftovers.insert(descriptor)
      }
    } catch {
      if records[id] == nil { records[id] = Record(status: .running) }
      unsettled.insert(id)
    }
  }

  /// The driver itself ends an attempt.
  func end(_ id: AttemptID, _ outcome: TaskOutcome, tells: Bool = true) {
    detach(id)
    if let path = cgroupPath(id) { _ = rm_task_remove_empty_folder(path) }
    // When it cannot be written, another driver finds the same.
    try? OutcomeFile.write(outcome, in: TaskFolder(id, in: folder).path)
    set(id, .ended(outcome), tells: tells)
  }

  private func set(_ id: AttemptID, _ status: TaskStatus, tells: Bool) {
    let isNew = records[id]?.status != status
    if records[id] == nil { records[id] = Record(status: status) }
    records[id]?.status = status
    if isNew && tells { told.append(.status(id, status)) }
  }

  private func forget(_ id: AttemptID, tells: Bool) {
    detach(id)
    if records.removeValue(forKey: id) != nil, tells { told.append(.gone(id)) }
  }

  /// Watches nothing of it any more.
  func detach(_ id: AttemptID) {
    guard let record = records[id] else { return }
    if let shim = record.shim { watch.close(shim) }
    for descriptor in record.leftovers { watch.close(descriptor) }
    if let file = record.file { watch.remove(file: file) }
    records[id]?.shim = nil
    records[id]?.leftovers = []
    records[id]?.file = nil
  }

  /// The name is free at once, whatever happens to the rest.
  func remove(_ attempt: TaskFolder) {
    let removed = "\(folder)/\(Self.removedPrefix)\(attempt.id)"
    Folder.removeTree(removed)
    try? Folder.rename(attempt.path, to: removed)
    Folder.removeTree(removed)
    if let path = cgroupPath(attempt.id) { _ = rm_task_remove_empty_folder(path) }
  }

  static var removedPrefix: String { ".removed-" }

  // MARK: After the machine was started anew

  /// Nothing runs of what an earlier boot started, and after a power cut its files may lack what they had: without a whole
  /// outcome it is not known what became of it, even where it looks as though it never started.
  func settleEarlierBoot() throws {
    for name in try Folder.names(in: folder) where name.hasPrefix(Self.removedPrefix) {
      Folder.removeTree("\(folder)/\(name)")
    }
    let boot = TextFile.head("/proc/sys/kernel/random/boot_id")
    let path = "\(folder)/boot"
    if TextFile.head(path) == boot { return }
    for name in try Folder.names(in: folder) {
      guard let id = AttemptID(name) else { continue }
      let attempt = TaskFolder(id, in: folder)
      if attempt.outcome == nil, Folder.isFolder(attempt.path) {
        try OutcomeFile.write(TaskOutcome(.unknown, error: "its machine was started anew"), in: attempt.path)
      }
    }
    let file = try File.create("\(path).new")
    try file.append(boot)
    try File.syncData(file.rawDescriptor)
    try Folder.rename("\(path).new", to: path)
    try Folder.sync(folder)
  }
}
