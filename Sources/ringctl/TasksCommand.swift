import ArgumentParser
import EventCodec
import EventModel
import RingmasterClient
import Terminal

/// `ringctl tasks`: where each task is.
struct TasksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "Lists the tasks.", discussion: Listing.help)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the tasks of this job.", valueName: "name"))
  var job: String?

  @Option(help: "Only tasks in this state.")
  var state: TaskState?

  @Option(help: ArgumentHelp("Only tasks on this worker.", valueName: "name"))
  var worker: String?

  @OptionGroup var list: ListLimit

  func run() async throws {
    let client = try connection.attach(.observe, as: "tasks")
    var output = ListingStream<TaskRow>(
      Listing(isJSON: connection.json), limit: list.limit, json: \.json, table: TextTable.tasks)
    func take(_ page: [Row]) throws -> Bool {
      try output.show(
        page.compactMap {
          guard case .task(let row) = $0, row.isOf(job: job, in: state), worker == nil || row.worker?.name == worker
          else { return nil }
          return row
        })
    }
    if let job {
      try await client.answer { try await client.tasks(of: .name(job), timeout: $0, take: take) }
    } else {
      try await client.rows(.tasks, take: take)
    }
    try output.end(none: .noTasks)
  }
}

extension TaskState: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }
}
