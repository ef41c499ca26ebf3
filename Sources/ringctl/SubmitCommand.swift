import ArgumentParser
import EventModel
import JobFile
import Platform
import Presentation
import RingmasterClient

/// `ringctl submit`: asks for a job.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submits a job and prints the transaction it made.",
    discussion: """
      A file says the job in TOML, a script in lines "#ring key = value" before its first line that is no comment; options \
      change what it says. Beside "name" its keys are:

      \(JobFileKey.all.map { "\($0.name): \($0.meaning)" }.joined(separator: "\n\n"))

      Exits 1 with the reason when the job is refused; with --wait also when it ends otherwise than SUCCEEDED. --json \
      prints one object, the transaction, and with --wait a second one, the job as "ringctl jobs" shows it.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  @Argument(
    help: """
      Of the job; or a file, if there is one of this name and it has a dot or a slash in it: .toml says the job, anything \
      else is a script.
      """)
  var name: String

  @Option(name: .customLong("name"), help: ArgumentHelp("Of the job, instead of what the file says.", valueName: "job"))
  var jobName: String?

  @OptionGroup(title: "How it is placed and tried") var job: JobOptions

  @OptionGroup(title: "What its workers run") var program: ProgramOptions

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why it is submitted.", valueName: "why"))
  var reason: String?

  @Flag(help: "Wait until the job has ended.")
  var wait = false

  private static let waitPeriod = Duration.milliseconds(200)

  func run() async throws {
    let file = try JobFile(ifAt: self.name)
    let name = jobName ?? file.map { $0.name ?? JobFile.name(ofFileAt: self.name) } ?? self.name
    var request = file?.request ?? JobRequest()
    job.change(&request)
    request.specification = try program.changed(request.specification)
    if let reason { request.reason = reason }
    guard
      let (client, result) = try await once.dispatch(.jobSubmitted(name, request: request), as: "submit", connection)
    else {
      if wait { try await showEnd(of: name) }
      return
    }
    try Verdict(result: result, isJSON: connection.json).show()
    if let actions = result.transaction?.actions, actions.contains(where: { $0.kind == .jobValidationFailed }) {
      throw CommandFailure(
        "job \(name) failed at once: --replicas must be \(Limits.replicas.lowerBound) to \(Limits.replicas.upperBound)")
    }
    if wait, case .job(let job, _) = result.transaction?.subject { try await showEnd(of: name, job, client) }
  }

  /// Of a job that was submitted before.
  private func showEnd(of name: String) async throws {
    let client = try connection.attach(.observe, as: "submit")
    guard let job = try await client.answer({ try await client.job(.name(name), timeout: $0) }) else {
      throw CommandFailure("job \(name) is no longer known: it was pruned")
    }
    try await showEnd(of: name, job.handle, client)
  }

  private func showEnd(of name: String, _ handle: JobHandle, _ client: RingmasterClient) async throws {
    let job = try await ended(name, handle, client)
    if connection.json {
      try StandardStream.output.writeLine(job.json.text)
    } else {
      try StandardStream.output.writeLine("job \(name) \(job.state.name)")
    }
    guard job.state == .succeeded else {
      throw CommandFailure("job \(name) ended \(job.state.name)" + (job.error.map { ": \($0)" } ?? ""))
    }
  }

  /// - Parameter handle: its name may be another job's before its end is seen.
  private func ended(_ name: String, _ handle: JobHandle, _ client: RingmasterClient) async throws -> JobView {
    while true {
      var found = false
      for case .job(let row) in try await client.rows(.jobs) where row.handle == handle {
        if row.state.isTerminal { return row }
        found = true
      }
      guard found else { throw CommandFailure("job \(name) is no longer known: it was pruned or replaced") }
      try await Task.sleep(for: Self.waitPeriod)
    }
  }
}
