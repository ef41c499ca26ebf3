import ArgumentParser
import EventModel
import Platform
import Presentation
import RingmasterClient

/// `ringctl jobs`: what was submitted and how far it is.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Lists the jobs.", discussion: Listing.help)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the job of this name.", valueName: "name"))
  var job: String?

  @Option(help: "Only jobs in this state.")
  var state: JobState?

  @OptionGroup var list: ListLimit

  func run() async throws {
    let client = try connection.attach(.observe, as: "jobs")
    var output = ListingStream<JobView>(Listing(isJSON: connection.json), limit: list.limit, json: \.json) {
      .jobs($0, nowMs: Clock.wallMs())
    }
    try await client.rows(.jobs) { page in
      try output.show(
        page.compactMap {
          guard case .job(let row) = $0, job == nil || row.name == job, state == nil || row.state == state else {
            return nil
          }
          return row
        })
    }
    try output.end(none: job == nil && state == nil ? .noJobs : .noSuchJobs)
  }
}

extension JobState: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }
}
