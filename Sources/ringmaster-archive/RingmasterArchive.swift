import Archive
import ArgumentParser
import Configuration
import Journal
import Platform
import ServiceProgram

@main
struct RingmasterArchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-archive",
    abstract: "Follows the dispatcher's journal: history in SQLite, snapshots, and old segments let go.",
    discussion: """
      Exit codes: 0 stopped as asked; 1 it failed; 64 wrong usage; 65 the journal or the database is of another version; \
      78 the configuration cannot be used.
      """,
    version: ProgramVersion.text,
    subcommands: [FollowCommand.self, SchemaCommand.self], defaultSubcommand: FollowCommand.self)

  /// As `sysexits.h` has it. The service manager does not start an archive again that ended with it.
  private static let configurationErrorCode = ExitCode(78)

  /// The same: neither a journal nor a database of another version becomes one of this version by itself.
  private static let otherVersionCode = ExitCode(65)

  static func main() {
    StandardStream.openClosedOnes()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as ConfigurationError {
      end(as: .configurationUnusable, error, code: configurationErrorCode)
    } catch JournalError.otherVersion(let other) {
      end(as: .otherVersion, other, code: otherVersionCode)
    } catch ArchiveError.otherVersion(let other) {
      end(as: .otherVersion, other, code: otherVersionCode)
    } catch ArchiveError.notAnArchive(let database) {
      end(as: .configurationUnusable, ArchiveError.notAnArchive(database: database), code: configurationErrorCode)
    } catch let error as JournalError where error.needsAnOperator {
      end(as: .journalDamaged, error, code: .failure)
    } catch {
      end(with: error)
    }
  }
}
