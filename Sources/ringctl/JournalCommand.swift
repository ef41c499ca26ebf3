import ArgumentParser

/// `ringctl journal`: the journal's files.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Checks the journal, and prints its events.",
    discussion: JournalOptions.help,
    subcommands: [JournalVerifyCommand.self, JournalDumpCommand.self])
}
