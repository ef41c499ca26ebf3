import ArgumentParser
import EventModel
import Platform
import Presentation
import RingmasterClient

/// `ringctl workers`: who is registered.
struct WorkersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers", abstract: "Lists the registered workers.",
    discussion: "\(Listing.help) last_heartbeat_ms is on the controller's clock.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the worker of this name.", valueName: "name"))
  var worker: String?

  @OptionGroup var list: ListLimit

  func run() async throws {
    let client = try connection.attach(.observe, as: "workers")
    var output = ListingStream<WorkerView>(Listing(isJSON: connection.json), limit: list.limit, json: \.json) {
      .workers($0, heartbeatsAtMs: Clock.wallMs())
    }
    try await client.rows(.workers) { page in
      try output.show(
        page.compactMap {
          guard case .worker(let row) = $0, worker == nil || row.name == worker else { return nil }
          return row
        })
    }
    try output.end(none: worker == nil ? .noWorkers : .noSuchWorkers)
  }
}
