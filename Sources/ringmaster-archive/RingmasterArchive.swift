import ArgumentParser
import Configuration
import Platform

@main
struct RingmasterArchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-archive",
    abstract: "Follows the dispatcher's journal: history in SQLite, snapshots, and old segments let go.",
    discussion: "Exit codes: 0 stopped as asked; 1 it failed; 64 wrong usage; 78 the configuration cannot be used.",
    subcommands: [FollowCommand.self, SchemaCommand.self], defaultSubcommand: FollowCommand.self)

  /// As `sysexits.h` has it. The service manager does not start an archive again that ended with it.
  private static let configurationErrorCode = ExitCode(78)

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as ConfigurationError {
      for line in error.description.split(separator: "\n") {
        try? StandardStream.error.writeLine("ringmaster-archive: \(line)")
      }
      exit(withError: configurationErrorCode)
    } catch {
      exit(withError: error)
    }
  }
}
