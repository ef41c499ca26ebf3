import ArgumentParser
import EventJSON
import Platform

@main
struct Ringctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringctl",
    abstract: "Queries and controls a Ringmaster dispatcher.",
    discussion: """
      Finds the dispatcher at --socket, else where RINGMASTER_SOCKET says, else at its usual place. Errors go to \
      standard error, one line each.

      Exit codes: 0 done; 1 refused, or it failed; 2 no dispatcher answers; 64 wrong usage.
      """,
    version: version,
    subcommands: [
      StatusCommand.self, WorkerCommand.self, JobsCommand.self, TasksCommand.self, RunCommand.self,
      SubmitCommand.self, LogsCommand.self, SignalCommand.self, ExecCommand.self, CancelCommand.self, WatchCommand.self,
      ExplainCommand.self,
      HistoryCommand.self, QueryCommand.self,
      DeadLettersCommand.self, BrakeCommand.self, PruneCommand.self, CountersCommand.self, JournalCommand.self,
      ReplayCommand.self,
      SimulateCommand.self,
      ConfigCommand.self, DemoCommand.self,
    ])

  /// What --version prints, with or without --json beside it.
  private static var version: String {
    wantsJSON
      ? JSONValue.object([JSONValue.Member("version", .string(ProgramVersion.text))]).text : ProgramVersion.text
  }

  private static var wantsJSON: Bool { CommandLine.arguments.contains("--json") }

  /// On the main thread, so that a command that blocks signals does it before there are other threads.
  @MainActor
  static func main() async {
    StandardStream.openClosedOnes()
    if let number = ProgramArguments.firstNotUTF8 {
      end(with: CommandFailure("argument \(number): expected UTF-8, got other bytes", exitCode: .validationFailure))
    }
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      guard let failure = CommandFailure(error) else { exit(withError: error) }
      end(with: failure)
    }
  }

  /// From any thread.
  nonisolated static func end(with failure: CommandFailure) -> Never {
    if wantsJSON, let json = failure.json { try? StandardStream.output.writeLine(json.text) }
    try? StandardStream.error.writeLine("ringctl: \(failure.message)")
    exit(withError: failure.exitCode)
  }
}
