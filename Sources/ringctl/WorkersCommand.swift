import ArgumentParser
import EventCodec
import RingmasterClient
import Terminal

/// `ringctl workers`: who is registered.
struct WorkersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers", abstract: "Lists the registered workers.",
    discussion: "--json prints one object a line; last_heartbeat_ms is on the controller's clock.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.attach(.observe, as: "workers")
    var rows: [WorkerRow] = []
    for case .worker(let row) in try await client.rows(.workers) { rows.append(row) }
    try Listing(isJSON: connection.json).show(rows.map(\.json), table(rows), none: "no workers are registered")
  }

  private func table(_ rows: [WorkerRow]) -> TextTable {
    var table = TextTable("WORKER", "ADDRESS", "LAST HEARTBEAT", "CPU", "COMMITTED", "TASKS", "FAILURES")
    for row in rows {
      table.add(
        TextTable.Cell(row.name, .bold), TextTable.Cell(row.address),
        TextTable.Cell(CellText.age(sinceMs: row.lastHeartbeatMs)),
        TextTable.Cell(CellText.cpus(milliCPU: row.milliCPU)),
        TextTable.Cell(CellText.cpus(milliCPU: row.committedMilliCPU)), TextTable.Cell("\(row.runningTasks)"),
        TextTable.Cell("\(row.consecutiveFailures)"))
    }
    return table
  }
}
