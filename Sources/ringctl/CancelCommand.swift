import ArgumentParser
import EventModel
import RingmasterClient

/// `ringctl cancel`: ends a job.
struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancels a job and prints the transaction, with every task and descendant it ended.",
    discussion: "Exits 1 with the reason when it is refused. --json prints one object, the transaction.",
    aliases: ["stop"])

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  @Argument(help: "The job to cancel.")
  var job: String

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why; it becomes the job's error.", valueName: "why"))
  var reason: String

  func run() async throws {
    try await once.show(.jobCancelled(.name(job), reason: reason), as: "cancel", connection)
  }
}
