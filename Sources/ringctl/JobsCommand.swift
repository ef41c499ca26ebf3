import ArgumentParser
import EventCodec
import EventModel
import RingmasterClient
import Terminal

/// `ringctl jobs`: what was submitted and how far it is.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Lists the jobs.", discussion: "--json prints one object a line.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.attach(.observe, as: "jobs")
    var rows: [JobRow] = []
    for case .job(let row) in try await client.rows(.jobs) { rows.append(row) }
    try Listing(isJSON: connection.json).show(rows.map(\.json), table(rows), none: "no jobs")
  }

  private func table(_ rows: [JobRow]) -> TextTable {
    var table = TextTable(
      "JOB", "STATE", "TASKS", "PENDING", "ACTIVE", "SUCCEEDED", "OTHER", "AGE", "OWNER", "PARENT", "ERROR")
    for row in rows {
      func count(_ isCounted: (TaskState) -> Bool) -> String {
        "\(TaskState.allCases.filter(isCounted).reduce(0) { $0 + row.tasksByState[Int($1.rawValue)] })"
      }
      table.add(
        TextTable.Cell(row.name, .bold), StateCell.job(row.state), TextTable.Cell(count { _ in true }),
        TextTable.Cell(count { $0 == .pending }), TextTable.Cell(count(\.isActive)),
        TextTable.Cell(count { $0 == .succeeded }), TextTable.Cell(count { $0.isTerminal && $0 != .succeeded }),
        TextTable.Cell(CellText.age(sinceMs: row.submittedMs)), TextTable.Cell(row.owner ?? "-"),
        TextTable.Cell(row.parent ?? "-"), TextTable.Cell(row.error ?? "-"))
    }
    return table
  }
}

/// States in the colours that all tables give them.
enum StateCell {
  static func job(_ state: JobState) -> TextTable.Cell {
    switch state {
    case .pending: TextTable.Cell(state.name, .dim)
    case .running: TextTable.Cell(state.name, .cyan)
    case .succeeded: TextTable.Cell(state.name, .green)
    case .failed, .killed, .workerFailed, .unschedulable: TextTable.Cell(state.name, .red)
    }
  }

  static func task(_ state: TaskState) -> TextTable.Cell {
    if state == .pending { return TextTable.Cell(state.name, .dim) }
    if state.isActive { return TextTable.Cell(state.name, .cyan) }
    return state == .succeeded ? TextTable.Cell(state.name, .green) : TextTable.Cell(state.name, .red)
  }
}
