import ArgumentParser
import EventCodec
import EventModel
import RingmasterClient

/// `ringctl tasks`: where each task is.
struct TasksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "Lists the tasks.", discussion: "--json prints one object a line.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the tasks of this job.", valueName: "name"))
  var job: String?

  @Option(help: "Only tasks in this state.")
  var state: TaskState?

  func run() async throws {
    let client = try connection.attach(.observe, as: "tasks")
    var rows: [TaskRow] = []
    let found =
      if let job { try await client.answer { try await client.tasks(of: .name(job), timeout: $0) } } else {
        try await client.rows(.tasks)
      }
    for case .task(let row) in found where row.isOf(job: job, in: state) { rows.append(row) }
    try Listing(isJSON: connection.json).show(rows.map(\.json), .tasks(rows), none: .noTasks)
  }
}

extension TaskState: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }
}
