import ArgumentParser
import EventModel
import JobFile
import Platform
import Presentation
import RingmasterClient
import Synchronization
import Terminal

/// `ringctl run`: a program as a job, from beginning to end.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a program on a worker, shows what it writes, and exits with its code.",
    discussion: """
      ringctl run -- echo hello
      ringctl run --memory 2G --cpu 4 -- python3 train.py

      Submits a job, waits for a worker, prints the output of its tasks and ends with them. Ctrl-C cancels the job; a second \
      one leaves it to itself.

      Exits with the code of the program, of several tasks with the first that is not 0; 1 when there is none, 130 after \
      Ctrl-C. With --json each line of output is an object, and the job the last one.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Of the job; without it, the program's with a number.", valueName: "job"))
  var name: String?

  @OptionGroup(title: "How it is placed and tried") var job: JobOptions

  @OptionGroup(title: "What its workers run") var program: ProgramOptions

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why it runs.", valueName: "why"))
  var reason: String?

  private static let period = Duration.milliseconds(100)
  /// Periods after which a job that has not begun says what it waits for.
  private static let patience = 10

  func validate() throws {
    if program.command.isEmpty, program.script == nil {
      throw ValidationError("what is to run comes behind --: ringctl run -- echo hello")
    }
  }

  func run() async throws {
    var request = JobRequest()
    job.change(&request)
    request.specification = try program.changed(request.specification)
    if let reason { request.reason = reason }
    let name = try name ?? Self.name(of: program)
    let client = try connection.attach(.control, as: "run")
    let transaction = try await client.apply(Event.jobSubmitted(name, request: request))
    guard case .job(let handle, _)? = transaction.subject,
      !transaction.actions.contains(where: { $0.kind == .jobValidationFailed })
    else { throw CommandFailure("job \(name) failed at once: \"ringctl explain \(name)\" says why") }
    let isInterrupted = Interruption()
    try EndingSignals.handle { isInterrupted.note() }
    let ended = try await follow(name, handle, client, isInterrupted)
    if connection.json { try StandardStream.output.writeLine(ended.json.text) }
    if isInterrupted.isNoted { throw ExitCode(130) }
    if ended.state == .succeeded { return }
    try await fail(ended, client)
  }

  /// - Returns: the job, ended.
  private func follow(
    _ name: String, _ handle: JobHandle, _ client: RingmasterClient, _ interruption: Interruption
  ) async throws -> JobView {
    var printer: OutputPrinter?
    var isCancelled = false
    var periods = 0
    while true {
      if interruption.isNoted, !isCancelled {
        isCancelled = true
        try? StandardStream.error.writeLine("ringctl: cancelling \(name)")
        _ = try await client.dispatch(.jobCancelled(.handle(handle), reason: "Ctrl-C at ringctl run"))
      }
      guard let view = try await client.answer({ try await client.job(.handle(handle), timeout: $0) }) else {
        throw CommandFailure("job \(name) is no longer known: it was pruned")
      }
      if printer == nil, view.state != .pending {
        printer = try await OutputPrinter.make(OutputFilter(), job: view, client, isJSON: connection.json)
      }
      _ = try printer?.printNew()
      if view.state.isTerminal {
        try await printer?.printRest()
        return view
      }
      periods += 1
      if view.state == .pending, periods == Self.patience { try await sayWhatItWaitsFor(name, client) }
      try await Task.sleep(for: Self.period)
    }
  }

  private func sayWhatItWaitsFor(_ name: String, _ client: RingmasterClient) async throws {
    let explanation = try await client.answer { try await client.explain(.job(.name(name)), timeout: $0) }
    guard let obstacle = explanation?.summary.obstacle, let nowMs = explanation?.summary.nowMs else { return }
    try StandardStream.error.writeLine("ringctl: \(name) waits: \(obstacle.text(nowMs: nowMs).withoutControls)")
  }

  /// Says why, and ends with the program's code.
  private func fail(_ job: JobView, _ client: RingmasterClient) async throws {
    var code: Int32 = 1
    for case .task(let task) in try await client.answer({ try await client.tasks(of: .handle(job.handle), timeout: $0) }
    ) {
      guard let taskCode = task.exitCode, taskCode != 0 else { continue }
      code = taskCode
      break
    }
    let error = job.error.map { ": \($0.withoutControls)" } ?? ""
    try? StandardStream.error.writeLine("ringctl: job \(job.name) ended \(job.state.name)\(error)")
    throw ExitCode(code)
  }

  /// `echo-3f2a9c`.
  private static func name(of program: ProgramOptions) throws -> String {
    let path = program.command.first ?? program.script ?? "job"
    let last = path.split(separator: "/").last.map(String.init) ?? "job"
    let number = try Machine.randomKey() & 0xFF_FFFF
    return "\(JobFile.name(ofFileAt: last).prefix(40))-\(String(number, radix: 16))"
  }
}

/// A signal came that asks this program to end.
private final class Interruption: Sendable {
  private let noted = Atomic<Bool>(false)

  var isNoted: Bool { noted.load(ordering: .acquiring) }

  func note() {
    noted.store(true, ordering: .releasing)
  }
}
