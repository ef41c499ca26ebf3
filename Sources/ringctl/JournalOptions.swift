import ArgumentParser
import Configuration
import Journal

/// What all commands that read a journal share.
struct JournalOptions: ParsableArguments {
  private static let defaultFolder = "/var/lib/ringmaster/journal"

  @Option(
    name: .customLong("journal"),
    help: ArgumentHelp(
      "The journal's folder; else the one that --config names, else \(Self.defaultFolder).", valueName: "folder"),
    completion: .directory)
  var givenFolder: String?

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A dispatcher's configuration file, which names its journal.", valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var configurationFile: String?

  @Flag(help: "Print JSON, without colours.")
  var json = false

  /// - Throws: `ConfigurationError`, and `CommandFailure` when the dispatcher of that file keeps no journal, or this user may not
  ///   read it.
  var folder: String {
    get throws {
      let folder = try namedFolder
      try CommandFailure.checkReadable(folder, group: "ringmaster-operator")
      return folder
    }
  }

  private var namedFolder: String {
    get throws {
      if let givenFolder { return givenFolder }
      guard let configurationFile else { return Self.defaultFolder }
      let choice = try RingmasterConfiguration(contentsOfFile: configurationFile).journal
      if choice.directory == JournalChoice.automatic { return choice.folder ?? Self.defaultFolder }
      guard let folder = choice.folder else {
        throw CommandFailure(
          "\(configurationFile): its dispatcher keeps no journal; say with --journal which one is meant")
      }
      return folder
    }
  }

  static let help = """
    Reads the files alone, and works with no dispatcher, beside one that writes, and where old segments were let go.
    """
}
