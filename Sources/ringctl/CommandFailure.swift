import Archive
import ArgumentParser
import Configuration
import EventJSON
import Journal
import Platform
import RingmasterClient
import SQLite
import Telemetry
import Terminal

/// Why a command did not do what it was asked: one line for people, a code for programs.
struct CommandFailure: Error {
  let message: String
  let exitCode: ExitCode
  /// What --json prints of it.
  private(set) var json: JSONValue?

  static let noDispatcherCode = ExitCode(2)

  init(_ message: String, exitCode: ExitCode = .failure) {
    self.message = message.withoutControls
    self.exitCode = exitCode
  }

  static func noDispatcher(_ message: String) -> CommandFailure {
    CommandFailure(message, exitCode: noDispatcherCode)
  }

  static func hanging(_ message: String) -> CommandFailure {
    noDispatcher("\(message); \"ringctl counters\" shows what it has counted")
  }

  /// nil for what the argument parser prints by itself: usage, help, exit codes.
  init?(_ error: any Error) {
    switch error {
    case JournalError.otherVersion(let other), ArchiveError.otherVersion(let other),
      BackupError.otherVersion(let other), ClientError.otherVersion(let other),
      CounterPageError.otherVersion(let other):
      self.init(other.description)
      json = other.json
    case let failure as CommandFailure: self = failure
    case ClientError.notAnEvent(_, _, let detail): self.init(detail)
    case ClientError.closed(let reason):
      self = .noDispatcher("the dispatcher closed the connection: \(reason)")
    case let error as ClientError: self.init(error.description)
    case let error as SystemError: self.init(error.description)
    case let error as CounterPageError: self.init(error.description)
    case let error as ConfigurationError: self.init(error.description)
    case let error as JournalError: self.init(error.description)
    case let error as ArchiveError: self.init(error.description)
    case let error as BackupError: self.init(error.description)
    case let error as SQLiteError: self.init(error.description)
    default: return nil
    }
  }

  /// Nobody could be attached to at `socket`.
  static func unreachable(_ error: SystemError, socket: String) -> CommandFailure {
    let isService = socket == AttachOptions.defaultSocketPath && InstalledService.isThere
    if error.meansNobodyThere {
      let start =
        isService
        ? "\"systemctl start ringmaster.socket\"; \"systemctl status ringmasterd\" says how it ended"
        : "\"ringmasterd --socket \(socket) --journal FOLDER\", or say with --socket where it is"
      return noDispatcher("no dispatcher listens at \(socket): start it with \(start)")
    }
    guard error.meansForbidden else { return noDispatcher(error.description) }
    let user = Machine.userName(Machine.effectiveUserID())
    let way =
      isService
      ? "\(InstalledService.joining(user))" : askingOwner
    return noDispatcher("user \(user) may not use \(socket): \(way)")
  }
}

extension OtherVersion {
  fileprivate var json: JSONValue {
    .object([
      .init("other_version", .string(age)), .init("subject", .string(subject)), .init("version", .integer(found)),
      .init("reads", .array([.integer(supported.lowerBound), .integer(supported.upperBound)])),
      .init("message", .string(description)),
    ])
  }
}
