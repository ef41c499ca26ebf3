import ArgumentParser
import EventCodec
import Platform
import RingmasterClient

/// `ringctl jobs`: what was submitted and how far it is.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Lists the jobs.", discussion: "--json prints one object a line.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.attach(.observe, as: "jobs")
    var rows: [JobRow] = []
    for case .job(let row) in try await client.rows(.jobs) { rows.append(row) }
    try Listing(isJSON: connection.json).show(rows.map(\.json), .jobs(rows, nowMs: Clock.wallMs()), none: .noJobs)
  }
}
