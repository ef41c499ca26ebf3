import ArgumentParser
import EventModel
import Platform
import Presentation
import RingmasterClient

/// `ringctl logs`: what tasks wrote.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Prints what the tasks of a job wrote.",
    discussion: """
      Of tasks that ended, too, as long as the job is known and the journal or the worker's folder has their output. Of several \
      tasks each line has its task before it. --json prints one object a line: task_id, attempt, line.

      Reads what is on this machine: the journal of systemd, which needs the group systemd-journal, or the state folder of a \
      worker with the driver "process".
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: ArgumentHelp("A job, or one of its tasks: train, train/task-3.", valueName: "job[/task-n]"))
  var name: String

  @Flag(name: [.customShort("f"), .long], help: "Go on with what they write, until the job has ended.")
  var follow = false

  @Option(help: ArgumentHelp("Only of this attempt, from 0.", valueName: "n"))
  var attempt: UInt32?

  @Option(help: ArgumentHelp("Only from this long ago on, from the journal: 5min.", valueName: "duration"))
  var since: DurationArgument?

  private static let period = Duration.milliseconds(300)

  func run() async throws {
    let client = try connection.attach(.observe, as: "logs")
    let task = TaskName(name)
    let jobName = task?.job ?? name
    var filter = OutputFilter(index: task?.index, attempt: attempt)
    guard let job = try await client.answer({ try await client.job(.name(jobName), timeout: $0) }) else {
      throw CommandFailure("there is no job \"\(jobName)\": \"ringctl jobs\" lists those that are there")
    }
    filter.sinceMs = since.map { Clock.wallMs() - $0.milliseconds }
    var printer = try await OutputPrinter.make(filter, job: job, client, isJSON: connection.json)
    _ = try printer.printNew()
    var hasEnded = job.state.isTerminal
    guard follow || hasEnded else { return }
    while !hasEnded {
      try await Task.sleep(for: Self.period)
      let view = try await client.answer { try await client.job(.handle(job.handle), timeout: $0) }
      hasEnded = view?.state.isTerminal ?? true
      _ = try printer.printNew()
    }
    try await printer.printRest()
  }
}
