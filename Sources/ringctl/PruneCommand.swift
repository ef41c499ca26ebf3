import ArgumentParser
import EventModel
import RingmasterClient

/// `ringctl prune`: forgets the jobs that ended long ago.
struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Forgets the jobs that ended longer ago than the setting job_retention says, and prints the transaction.",
    discussion: """
      The dispatcher does this by itself. The names of pruned jobs are free again, and the archive keeps their history. \
      --json prints one object, the transaction.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  func run() async throws {
    try await once.show(.prune(nowMs: 0), as: "prune", connection)
  }
}
