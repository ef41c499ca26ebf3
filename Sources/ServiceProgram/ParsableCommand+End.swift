import ArgumentParser
import LogMessages
import Platform
import ServiceLog

/// How the program of a service ends that cannot go on. When standard error leads to the systemd journal it leaves an entry
/// there that `journalctl -x` explains, else a line.
extension ParsableCommand {
  /// Ends the process with an error of a known kind: an entry for each line of its description.
  public static func end(as message: LogMessage, _ error: any Error, code: ExitCode) -> Never {
    let program = configuration.commandName ?? _commandName
    let causes = "\(error)".split(separator: "\n").map(String.init)
    if !ServiceLog.tellEnd(of: program, message, causes: causes) {
      for cause in causes { try? StandardStream.error.writeLine("\(program): \(cause)".withControlsWrittenOut) }
    }
    exit(withError: code)
  }

  /// Ends the process with any other error; also with those that are none, such as a request for help.
  public static func end(with error: any Error) -> Never {
    let code = exitCode(for: error)
    guard !code.isSuccess, !(error is ExitCode) else { exit(withError: error) }
    let message: LogMessage = code == .validationFailure ? .commandLineWrong : .programFailed
    let told = ServiceLog.tellEnd(
      of: configuration.commandName ?? _commandName, message, causes: [self.message(for: error)])
    exit(withError: told ? code : error)
  }
}
