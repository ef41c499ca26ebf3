import ArgumentParser
import EventCodec
import Platform
import RingmasterClient

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
    try Listing(isJSON: connection.json).show(
      rows.map(\.json), .workers(rows, heartbeatsAtMs: Clock.wallMs()), none: .noWorkers)
  }
}
