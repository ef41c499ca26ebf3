import ArgumentParser

/// `ringctl journal`: the journal's files.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Checks the journal, prints its events, backs it up and restores it.",
    discussion: JournalOptions.help,
    subcommands: [
      JournalVerifyCommand.self, JournalDumpCommand.self, JournalBackupCommand.self, JournalRestoreCommand.self,
    ])
}
