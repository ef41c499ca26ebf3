import ArgumentParser
import EventCodec
import EventModel
import RingmasterClient
import Terminal

/// `ringctl tasks`: where each task is.
struct TasksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "Lists the tasks.", discussion: "--json prints one object a line.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the tasks of this job.", valueName: "name"))
  var job: String?

  @Option(help: "Only tasks in this state: \(TaskState.allCases.map(\.name).joined(separator: ", ")).")
  var state: TaskState?

  func run() async throws {
    let client = try connection.attach(.observe, as: "tasks")
    var rows: [TaskRow] = []
    for case .task(let row) in try await client.rows(.tasks) where isWanted(row) { rows.append(row) }
    try Listing(isJSON: connection.json).show(rows.map(\.json), table(rows), none: "no such tasks")
  }

  private func isWanted(_ row: TaskRow) -> Bool {
    (job == nil || row.name.job == job) && (state == nil || row.state == state)
  }

  private func table(_ rows: [TaskRow]) -> TextTable {
    var table = TextTable("TASK", "STATE", "WORKER", "ATTEMPTS", "FAILURES", "PREEMPTIONS", "EXIT", "ERROR")
    for row in rows {
      table.add(
        TextTable.Cell(row.name.description, .bold), StateCell.task(row.state),
        TextTable.Cell(row.worker?.name ?? "-"), TextTable.Cell("\(row.attempts)"), TextTable.Cell("\(row.failures)"),
        TextTable.Cell("\(row.preemptions)"), TextTable.Cell(row.exitCode.map { "\($0)" } ?? "-"),
        TextTable.Cell(row.error ?? "-"))
    }
    return table
  }
}

extension TaskState: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }
}
