import ArgumentParser
import Journal
import Platform
import Terminal

/// `ringctl journal dump`: the journal's events as lines of JSON.
struct JournalDumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Prints the journal's events, one JSON object a line (NDJSON).",
    discussion: """
      "ringctl simulate" reads the lines back: from the beginning of a journal they make the same transactions and the \
      same state. Each line has the number of its transaction (txn) and the event's id; what was refused before the \
      state machine says so (refused), and settings have lines of their own (CONFIGURED). Heartbeats are in no journal, \
      so last-heartbeat times are not the same.

      "ringmaster-ingest ndjson" reads what --peers-only prints: what peers said, by names instead of handles. It leaves \
      out what a dispatcher says of its own accord (placements, expiries, deadlines, stalls, brakes), which another \
      dispatcher decides for itself, and what was refused, and counts them on standard error. Reports of attempts that \
      the other dispatcher placed otherwise are refused there.

      A line that does not read back as the event that it is of is counted on standard error, and the exit code is then 1.
      """)

  @OptionGroup var options: JournalOptions

  @Option(
    name: [.long, .customLong("since")],
    help: ArgumentHelp("Begin with this: \(MomentArgument.forms).", valueName: MomentArgument.valueName))
  var from: MomentArgument?

  @Option(help: ArgumentHelp("End with this; the same forms.", valueName: MomentArgument.valueName))
  var until: MomentArgument?

  @Flag(help: "Only what peers said, by names, for the ndjson ingest.")
  var peersOnly = false

  func run() throws {
    var dump = JournalDump(from: from?.limit, until: until?.limit, peersOnly: peersOnly)
    try dump.run(folder: options.folder) { lines in
      try StandardStream.output.writeLine(lines.joined(separator: "\n"))
    }
    for remark in dump.remarks { try StandardStream.error.writeLine("ringctl: \(remark.withoutControls)") }
    if dump.inexactLines > 0 { throw ExitCode.failure }
  }
}
