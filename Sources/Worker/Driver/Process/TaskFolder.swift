import CTaskLaunch
import CTaskProcess
import EventModel
import Platform

/// The folder of one attempt, by which it is started at most once, and found again.
///
/// A start has these steps, and what a crash leaves behind each can be told apart:
/// 1. The folder is made: only one does it. A folder in which nothing more happened never started its program.
/// 2. An empty lock file and the launch file are written.
/// 3. The shim is started. It takes the lock for its whole life, and ends when somebody else has it or it says anything.
/// 4. The shim writes "started" into the lock file, then it starts the program.
///
/// So a lock that is free and empty means that the program was never started, though a shim may be about to. Who wants to
/// know takes the lock and writes "void", after which no shim starts it: the attempt may be started anew. A lock that is free
/// and says more, without an outcome, was a shim's that was killed.
struct TaskFolder {
  let id: AttemptID
  let path: String

  init(_ id: AttemptID, in folder: String) {
    self.id = id
    path = "\(folder)/\(id)"
  }

  enum Finding: Equatable {
    /// A shim lives. `pid` is -1 for one in another container.
    case held(pid: Int32, isRunning: Bool)
    case ended(TaskOutcome)
    case neverStarted
    /// Its shim was killed.
    case lost
  }

  var lockPath: String { "\(path)/lock" }
  var outputPath: String { "\(path)/output" }

  // MARK: The steps of a start

  /// - Throws: `SystemError`; with `meansExists` when the attempt was started already, or is being started.
  func make() throws(SystemError) {
    try check(rm_task_make_folder(path), "create the folder \(path)")
  }

  func writeLock() throws(SystemError) {
    try check(rm_task_write_file(lockPath, nil, 0), "create \(lockPath)")
  }

  func write(_ launch: LaunchFile) throws(SystemError) {
    try check(rm_task_write_file("\(path)/launch", launch.bytes, launch.bytes.count), "write \(path)/launch")
  }

  /// - Returns: the pid of the shim, a child of this process.
  func spawn(shim: String, start: String) throws(SystemError) -> Int32 {
    try check(rm_task_spawn(shim, path, start), "start \(shim)")
  }

  // MARK: What comes of it

  func look() -> Finding {
    var holder: Int32 = 0
    var content = [CChar](repeating: 0, count: Int(RM_LOCK_MAX_BYTES))
    let count = rm_task_lock_look(lockPath, &holder, &content, content.count)
    let text = String(decoding: content.prefix(Int(max(count, 0))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if holder != 0 { return .held(pid: holder, isRunning: text == RM_LOCK_RUNNING) }
    if let outcome { return .ended(outcome) }
    // A shim that cannot open it does not start either.
    return count <= 0 || text == RM_LOCK_VOID ? .neverStarted : .lost
  }

  var outcome: TaskOutcome? {
    guard let bytes = try? TextFile.contents("\(path)/outcome", maximumBytes: OutcomeFile.maximumBytes) else {
      return nil
    }
    return OutcomeFile.outcome(bytes)
  }

  /// Has no shim start the program any more.
  ///
  /// - Returns: false when one did, or is about to.
  func makeVoid() -> Bool {
    rm_task_lock_void(lockPath) == 0
  }

  /// Asks the shim to stop the task, when it looks.
  func writeStop(signal: Int32, timeoutMs: Int64) throws(SystemError) {
    let text = "\(signal) \(max(timeoutMs, 0))\n"
    let path = "\(path)/stop.new"
    try check(rm_task_write_file(path, text, text.utf8.count), "write \(path)")
    try Folder.rename(path, to: "\(self.path)/stop")
  }

  /// Kills what a shim that was killed left.
  ///
  /// - Returns: descriptors, each readable once one of the killed has ended.
  func killLeftovers(cgroup: String?) throws(SystemError) -> [Int32] {
    var descriptors = [Int32](repeating: -1, count: 64)
    let marker = LaunchFile.marker(id)
    let count = rm_task_kill_leftovers(cgroup, marker, &descriptors, descriptors.count)
    try check(count, "look for the processes of \(id)")
    return Array(descriptors.prefix(Int(count)))
  }
}

/// Turns the `-errno` of the C side into an error.
@discardableResult
func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) -> Int32 {
  if result < 0 { throw SystemError(operation(), code: -result) }
  return result
}
