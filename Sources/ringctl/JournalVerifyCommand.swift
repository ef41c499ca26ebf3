import ArgumentParser
import EventJSON
import Journal
import Platform
import Terminal

/// `ringctl journal verify`: is everything there as it was written, and does a replay come to it?
struct JournalVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks the chain, all checksums, the snapshots, and by a replay every state hash.",
    discussion: """
      Names what is damaged by file and offset, and the first transaction whose replay differs. A commit at the end that \
      is not complete is no damage: a crash tore it and nobody was told of it, or it is being written just now. Nor is \
      what a salvage went past: it is listed, with the commit by which the salvage ended. Where \
      old segments were let go, the replay begins at the oldest whole snapshot.

      Exits 0 only if all is whole, else 1; the last line says whether a dispatcher can start on it all the same. \
      --json prints one object: whole, can_start, journal, first_commit, last_commit, \
      last_transaction, records, segments, bytes, replayed_from_commit and replayed_from_txn (null when nothing could be \
      replayed), state_hash, now_ms, torn_bytes, writer (a process), snapshots, damage, other_rules and divergence.
      """)

  @OptionGroup var options: JournalOptions

  func run() throws {
    let folder = try options.folder
    var progress = ProgressLine()
    let result: JournalVerification
    do {
      defer { progress.clear() }
      result = try JournalVerifier.run(folder: folder) { step in
        progress.show(
          Double(step.doneBytes) / Double(max(step.totalBytes, 1)), "transaction \(step.position.lastTransaction)")
      }
    }
    let report = VerificationReport(result, folder: folder)
    if options.json {
      try StandardStream.output.writeLine(report.json.text)
    } else {
      for line in report.lines(Paint(TerminalCapabilities())) { try StandardStream.output.writeLine(line) }
    }
    if !result.isWhole { throw ExitCode.failure }
  }
}
