import Glibc

/// A client of a round and those that took its place when it was killed.
final class ClientSeat {
  /// One of them.
  struct Life {
    let owner: String
    let ledger: Ledger
    let process: RoleProcess
  }

  let index: Int
  private let plan: RoundPlan.Client
  private let folder: String
  private let sabotage: Sabotage?
  private(set) var lives: [Life] = []
  /// The last one was killed and nobody takes its place.
  private(set) var isGone = false

  init(_ index: Int, _ plan: RoundPlan.Client, folder: String, sabotage: Sabotage?) {
    self.index = index
    self.plan = plan
    self.folder = folder
    self.sabotage = sabotage
  }

  var begun: Int { lives.reduce(0) { $0 + $1.ledger.begun } }
  var answered: Int { lives.reduce(0) { $0 + $1.ledger.resultCount } }

  var isDrained: Bool {
    isGone || lives.last?.ledger.phase == .drained
  }

  /// The life that was not killed.
  var survivor: Life? {
    isGone ? nil : lives.last
  }

  var subscribes: Bool { plan.subscribes }

  func start() throws {
    let owner = "c\(index)g\(lives.count)"
    let path = "\(folder)/\(owner).ledger"
    let ledger = try Ledger.create(path)
    var arguments = [
      "client", "--socket", "\(folder)/control.sock", "--ledger", path, "--owner", owner, "--seed",
      "\(plan.seed &+ UInt64(lives.count))", "--events", "\(max(plan.events - begun, 1))", "--attach-timeout-ms",
      "\(plan.attachTimeoutMs)",
    ]
    arguments += ["--long-events", "\(plan.longEvents)"]
    if let largeJob = plan.largeJob { arguments += ["--large-job", "\(largeJob)"] }
    if plan.isConcurrent { arguments.append("--concurrent") }
    if plan.subscribes { arguments.append("--subscribes") }
    if let sabotage { arguments += ["--sabotage", sabotage.rawValue] }
    let process = try RoleProcess(owner, RoleProcess.torture, arguments, log: "\(folder)/\(owner).log")
    lives.append(Life(owner: owner, ledger: ledger, process: process))
  }

  /// Nobody takes the place of the last one, which has ended.
  func giveUp() {
    isGone = true
  }

  /// - Returns: whether there was one to kill.
  func kill(comesBack: Bool) throws -> Bool {
    guard !isGone, let life = lives.last, life.process.end == nil else { return false }
    life.process.kill()
    guard life.process.waitForEnd() == .signal(SIGKILL) else { return false }
    if comesBack { try start() } else { isGone = true }
    return true
  }
}
