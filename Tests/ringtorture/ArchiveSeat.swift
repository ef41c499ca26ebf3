import Glibc

/// `ringmaster-archive`, which follows the journal of a round, and those that took its place when it was killed.
final class ArchiveSeat {
  private let program: String
  private let folder: String
  private(set) var process: RoleProcess
  let database: String

  /// Often enough that most dispatchers begin with a snapshot. Results from before the second newest are not made again:
  /// a client must not be so far behind.
  private static let snapshotIntervalMs = 1000
  private static let catchUpLimitMs = 60_000

  init(program: String, folder: String) throws {
    self.program = program
    self.folder = folder
    database = "\(folder)/archive.sqlite"
    process = try Self.start(program, folder, database)
  }

  private static func start(
    _ program: String, _ folder: String, _ database: String, _ more: [String] = []
  ) throws -> RoleProcess {
    try RoleProcess(
      "archive", RoleProcess.torture,
      [
        "launch", program, "--journal", "\(folder)/journal", "--database", database, "--snapshot-interval",
        "\(snapshotIntervalMs)",
      ] + more, log: "\(folder)/archive.log")
  }

  /// - Returns: how it ended, which it should not have; nil while it runs.
  func look() -> String? {
    process.look()
    return process.end.map { "the archive \($0)" }
  }

  /// Another one takes its place at once.
  func kill() throws -> Bool {
    guard process.end == nil else { return false }
    process.kill()
    guard process.waitForEnd() == .signal(SIGKILL) else { return false }
    process = try Self.start(program, folder, database)
    return true
  }

  /// Stops it, and has all taken over that the journal holds.
  ///
  /// - Returns: how that failed; nil when it did not.
  func finish() throws -> String? {
    process.terminate()
    let end = process.waitForEnd()
    guard end == .code(0) else { return "the archive \(end.map { "\($0)" } ?? "does not stop")" }
    process = try Self.start(program, folder, database, ["--once"])
    let caughtUp = process.waitForEnd(upToMs: Self.catchUpLimitMs)
    return caughtUp == .code(0) ? nil : "the archive \(caughtUp.map { "\($0)" } ?? "does not catch up")"
  }
}
