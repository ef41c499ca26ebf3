import ArgumentParser
import EventModel
import Presentation
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
    var output = ListingStream<TaskView>(
      Listing(isJSON: connection.json), limit: list.limit, json: \.json, table: TextTable.tasks)
    var hasTasks = false
    func take(_ page: [Row]) throws -> Bool {
      hasTasks = hasTasks || !page.isEmpty
      return try output.show(
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
    if let job, !hasTasks, try await !isThere(job, client) {
      throw CommandFailure(
        "there is no job \"\(job)\": \"ringctl jobs\" lists those that are there, and \"ringctl history --job\" what happened "
          + "to others")
    }
    try output.end(none: .noTasks)
  }

  private func isThere(_ job: String, _ client: RingmasterClient) async throws -> Bool {
    var isThere = false
    try await client.rows(.jobs) { page in
      isThere = page.contains { if case .job(let row) = $0 { row.name == job } else { false } }
      return !isThere
    }
    return isThere
  }
}

extension TaskState: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }
}
