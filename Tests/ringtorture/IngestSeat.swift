import EventJSON
import Glibc

/// `ringmaster-ingest ndjson`, and those that took its place when it was killed.
final class IngestSeat {
  struct Life {
    let owner: String
    let lines: Int
    let process: RoleProcess
  }

  private let folder: String
  private let program: String
  private let seed: UInt64
  private(set) var lives: [Life] = []
  private(set) var isGone = false
  private var linesLeft: Int
  private var starts = 0
  /// A dispatcher that is killed while an ingest attaches ends the ingest; whoever runs it starts it again.
  private static let startsAtMost = 20

  init(program: String, folder: String, lines: Int, seed: UInt64) {
    self.program = program
    self.folder = folder
    self.seed = seed
    linesLeft = lines
  }

  var isDone: Bool {
    isGone || lives.last?.process.end == .code(0)
  }

  func start() throws {
    let owner = "i0g\(lives.count)"
    var script = EventScript(owner: owner, seed: seed &+ UInt64(lives.count))
    var text = ""
    for number in 0..<linesLeft { text += script.event(number).json.text + "\n" }
    try TextFileWriter.write(text, to: "\(folder)/\(owner).ndjson")
    lives.append(Life(owner: owner, lines: linesLeft, process: try process(owner)))
  }

  private func process(_ owner: String) throws -> RoleProcess {
    starts += 1
    return try RoleProcess(
      owner, RoleProcess.torture,
      ["launch", program, "ndjson", "\(folder)/\(owner).ndjson", "--socket", "\(folder)/control.sock", "--json"],
      log: "\(folder)/\(owner).log", output: summaryPath(owner))
  }

  private func summaryPath(_ owner: String) -> String { "\(folder)/\(owner).summary" }

  /// Starts it again when it could not attach.
  ///
  /// - Returns: how it failed; nil when it did not.
  ///
  /// - Parameter mayGiveUp: it may have attached to a dispatcher whose disk then failed.
  func look(mayGiveUp: Bool) throws -> String? {
    guard !isGone, let life = lives.last else { return nil }
    life.process.look()
    guard let end = life.process.end, end != .code(0) else { return nil }
    var information = stat()
    let hasSummary = stat(summaryPath(life.owner), &information) == 0 && information.st_size > 0
    if hasSummary, mayGiveUp, end == .code(1) {
      isGone = true
      return nil
    }
    guard !hasSummary, end == .code(1), starts < Self.startsAtMost else { return "\(life.owner) \(end)" }
    lives[lives.count - 1] = Life(owner: life.owner, lines: life.lines, process: try process(life.owner))
    return nil
  }

  /// - Returns: whether there was one to kill.
  func kill(comesBack: Bool) throws -> Bool {
    guard !isGone, let life = lives.last, life.process.end == nil else { return false }
    life.process.kill()
    guard life.process.waitForEnd() == .signal(SIGKILL) else { return false }
    linesLeft = max(linesLeft / 2, 1)
    if comesBack { try start() } else { isGone = true }
    return true
  }
}
