import Glibc
import Platform

/// The dispatcher of a round, and those that went on in its place: started on the socket that the torture holds, as the
/// service manager does it.
final class DispatcherSeat {
  private let folder: String
  private let instance: String
  private let plan: RoundPlan
  private let listener: Int32
  private let note: EndNote
  private(set) var process: RoleProcess
  /// Of those that are to die.
  private(set) var deaths = 0
  private(set) var kills: [KillPlace] = []
  /// Fail points that were not passed as often as planned before the dispatcher was killed from outside.
  private(set) var missedFailPoints = 0

  init(folder: String, instance: String, plan: RoundPlan, listener: Int32) throws {
    self.folder = folder
    self.instance = instance
    self.plan = plan
    self.listener = listener
    note = EndNote(try MappedFile.create("\(folder)/end.note", bytes: 4096))
    process = try Self.start(folder, instance, plan, listener, life: 0)
  }

  /// The one that runs is not going to die.
  var isLast: Bool { deaths >= plan.lives.count }

  /// Kills the one that runs when its time has come, and starts another when it has died.
  ///
  /// - Parameters:
  ///   - begun: events that were begun to be published.
  ///   - beforeNext: called when one has died.
  /// - Returns: how it ended in a way that it should not; nil when it did not.
  func look(begun: Int, beforeNext: () throws -> Void) throws -> String? {
    process.look()
    if process.end == nil, !isLast, begun >= plan.lives[deaths].deadline {
      process.kill()
      _ = process.waitForEnd()
    }
    guard let end = process.end else { return nil }
    let place = note.place ?? (process.wasKilled ? .dispatcher : nil)
    // One whose disk failed may be killed before it has ended.
    let wasToEnd = end == .signal(SIGKILL) || place == .failedSync && end == .code(1)
    guard wasToEnd, let place, !isLast else { return "the dispatcher \(end)" }
    kills.append(place)
    if place == .dispatcher, plan.lives[deaths].end != nil { missedFailPoints += 1 }
    note.erase()
    _ = Poll.readable(-1, timeoutUs: plan.lives[deaths].pauseBeforeNextUs)
    deaths += 1
    try beforeNext()
    process = try Self.start(folder, instance, plan, listener, life: deaths)
    return nil
  }

  private static func start(
    _ folder: String, _ instance: String, _ plan: RoundPlan, _ listener: Int32, life: Int
  ) throws -> RoleProcess {
    var arguments = [
      "dispatcher", "--instance", instance, "--journal", "\(folder)/journal", "--segment-bytes",
      "\(plan.segmentBytes)", "--queue-bytes", "\(plan.queueBytes)", "--reattach-timeout-ms",
      "\(plan.reattachTimeoutMs)", "--note", "\(folder)/end.note",
    ]
    arguments += ["--sync-delay-us", "\(plan.syncDelayUs)"]
    if plan.isRelaxed { arguments.append("--relaxed") }
    if let timeoutMs = plan.workerTimeoutMs { arguments += ["--worker-timeout-ms", "\(timeoutMs)"] }
    if life < plan.lives.count, let end = plan.lives[life].end {
      arguments += [
        "--end-at", end.place.rawValue, "--passage", "\(end.passage)", "--cascade-us", "\(end.cascadeUs)",
      ]
    }
    return try RoleProcess(
      "dispatcher", RoleProcess.torture, arguments, log: "\(folder)/dispatcher.log", listener: listener)
  }
}
